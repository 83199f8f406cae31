import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { LookupFunction } from "node:net";
import { posix } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { isInsideAddress, isOutside } from "../run/destinations.ts";
import { trustedCertificates } from "../run/trusted-certificates.ts";
import { text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import { newFile } from "./file-contents.ts";
import type { Args, Fields, Graph, Obj, Pin } from "./graph.ts";
import { askOrRecall, refuseOffline } from "./network-answers.ts";
import { readPlaintext } from "./secret.ts";
import { sessionOf } from "./session.ts";
import type { FileValue } from "./values.ts";

const NEW_FILE_MODE = 0o600;
const MOST_REDIRECTS = 10;
/** Without a byte. */
const IDLE_MS = 60_000;

/** Files from the web: asked for once in a session, identified by what came. */
export const httpFields: Fields = {
  Query: {
    http: {
      run: (_self, _args, _graph, pin) => (pin as Pin).data as FileValue,
      pin: (_self, args, graph) => pinDownload(args, graph),
    },
  },
};

/** What came from an address, kept for sessions that may not ask it. */
interface Loaded {
  /** `sha256:…` */
  readonly digest: string;
  readonly file: FileValue;
}

async function pinDownload(args: Args, graph: Graph): Promise<Pin> {
  const session = sessionOf(graph);
  const url = text(args["url"]);
  const secret = args["authHeader"] as Obj | undefined;
  const service = args["experimentalServiceHost"] as Obj | undefined;
  const checksum = text(args["checksum"]);
  const name = text(args["name"]) || posix.basename(parseUrl(url).pathname) || "index";
  const mode = (args["permissions"] as number | undefined) ?? NEW_FILE_MODE;
  const load = async (): Promise<Loaded> => {
    const authorization = secret === undefined ? undefined : (await readPlaintext(secret)).toString("utf8");
    const isContainer = session.host.isContainer === true;
    const contents = await withService(graph, service, url, (address) =>
      download(url, { address, authorization, isContainer, isOffline: session.offline, isKnown: checksum !== "" }),
    );
    const digest = `sha256:${createHash("sha256").update(contents).digest("hex")}`;
    compare(digest, checksum);
    return { digest, file: await newFile(graph, name, contents, mode) };
  };
  // A service is asked in the session itself, whose network is there.
  const question = [
    "http",
    session.host.isContainer === true,
    url,
    (await secret?.key()) ?? null,
    checksum,
    name,
    mode,
  ];
  const { digest, file } = service === undefined ? await askOrRecall(session, question, url, load) : await load();
  if (session.offline && !session.store.has(file.snapshot)) refuseOffline(url);
  compare(digest, checksum);
  return { key: `http ${digest} ${mode} ${name}`, data: file };
}

function compare(digest: string, checksum: string): void {
  if (checksum !== "" && checksum !== digest)
    throw new ApiError(`http checksum mismatch: expected ${checksum}, got ${digest}`);
}

/** @param use gets the address to connect to in place of the URL's host, when that is a service */
async function withService<T>(
  graph: Graph,
  service: Obj | undefined,
  url: string,
  use: (address: Address | undefined) => Promise<T>,
): Promise<T> {
  if (service === undefined) return await use(undefined);
  const session = sessionOf(graph);
  const { run, release } = await session.services.use(session, service);
  try {
    if (run.lease === undefined) return await use(undefined);
    const { port, protocol } = new URL(url);
    const backend = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
    const forward = await session.network.forwardFromHost(run.lease, 0, backend);
    try {
      return await use({ host: "127.0.0.1", port: forward.port });
    } finally {
      await forward.close();
    }
  } finally {
    release();
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

interface Request {
  /** Where to connect to in place of the URL's host. */
  readonly address: Address | undefined;
  readonly authorization: string | undefined;
  /** Whether it is known what has to come, so that it may come from anybody. */
  readonly isKnown: boolean;
  /** Whether a function asks, which reaches nothing of this machine. */
  readonly isContainer: boolean;
  /** Whether only services of the session may be asked. */
  readonly isOffline: boolean;
}

async function download(url: string, request: Request, redirects = 0): Promise<Buffer> {
  const response = await send(url, request);
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    response.resume();
    if (redirects === MOST_REDIRECTS)
      throw new ApiError(`Get ${JSON.stringify(url)}: stopped after ${MOST_REDIRECTS} redirects`);
    const next = new URL(headers.location, url);
    if (url.startsWith("https:") && next.protocol === "http:" && !request.isKnown)
      throw new ApiError(
        `Get ${JSON.stringify(url)}: it leads to ${next.href}, without TLS, where anybody could have answered\n  to do: give the checksum of what has to come, or an address that stays with https`,
      );
    const isSameHost = next.host === new URL(url).host;
    const onward = isSameHost ? request : { ...request, address: undefined, authorization: undefined };
    return await download(next.href, onward, redirects + 1);
  }
  if (statusCode !== 200) {
    response.resume();
    throw new ApiError(`invalid response status ${statusCode} ${response.statusMessage ?? ""}`.trim());
  }
  try {
    const parts: Buffer[] = [];
    for await (const part of unpacked(response)) parts.push(part as Buffer);
    return Buffer.concat(parts);
  } catch (error) {
    throw new ApiError(`Get ${JSON.stringify(url)}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** A server may pack what it sends; the content is what it was before. */
function unpacked(response: IncomingMessage): Readable {
  if (response.headers["content-encoding"]?.toLowerCase() !== "gzip") return response;
  // What ends the one ends the other.
  return pipeline(response, createGunzip(), () => undefined);
}

async function send(
  url: string,
  { address, authorization, isContainer, isOffline }: Request,
): Promise<IncomingMessage> {
  const target = parseUrl(url);
  if (isOffline && address === undefined) refuseOffline(url);
  if (isContainer && address === undefined) refuseMachine(target);
  const isSecure = target.protocol === "https:";
  const ca = isSecure ? trustedCertificates() : undefined;
  const options = {
    ...(ca === undefined ? {} : { ca: [...ca] }),
    headers: {
      host: target.host,
      "user-agent": "slipway",
      "accept-encoding": "gzip",
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(isContainer ? { lookup: lookupOutside } : {}),
    ...(address === undefined ? {} : { hostname: address.host, port: address.port, servername: target.hostname }),
    timeout: IDLE_MS,
  };
  return await new Promise((resolve, reject) => {
    const request = (isSecure ? requestSecure : requestPlain)(target, options, resolve);
    request.on("timeout", () => request.destroy(new Error(`no data within ${IDLE_MS / 1000} s`)));
    request.on("error", (error) => reject(new ApiError(`Get ${JSON.stringify(url)}: ${reasonOf(error)}`)));
    request.end();
  });
}

/** Only an address that stands in the URL itself: names are looked up, and judged, when the connection is made. */
function refuseMachine(target: URL): void {
  if (!isInsideAddress(target.hostname)) return;
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  throw new ApiError(
    `Get ${JSON.stringify(target.href)}: dial tcp ${target.hostname}:${port}: connect: connection refused`,
  );
}

/** A name of this machine has no address for a function. What is judged is what is connected to. */
const lookupOutside: LookupFunction = (hostname, options, found) => {
  lookup(hostname, { ...options, all: true }).then(
    (addresses) => {
      const outside = addresses.filter(({ address }) => isOutside(address));
      const [first] = outside;
      const nothing = Object.assign(new Error(`${hostname} is no host outside of this machine`), {
        code: "ENOTFOUND",
        hostname,
      });
      if (first === undefined) found(nothing, "", 4);
      else if (options.all === true) found(null, outside);
      else found(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => found(error, "", 4),
  );
};

function parseUrl(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol === "http:" || target?.protocol === "https:") return target;
  throw new ApiError(`Get ${JSON.stringify(url)}: unsupported protocol scheme; use http:// or https://`);
}

const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "x509: certificate has expired or is not yet valid (look at the clock of this machine: date)",
  CERT_NOT_YET_VALID: "x509: certificate has expired or is not yet valid (look at the clock of this machine: date)",
};

function reasonOf(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  const { code, address, port } = error;
  if (code !== undefined && code in CERTIFICATES) return CERTIFICATES[code] ?? code;
  if (code === "ECONNREFUSED") return `dial tcp ${address}:${port}: connect: connection refused`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `dial tcp: lookup ${(error as { hostname?: string }).hostname ?? ""}: no such host`;
  if (code === "ECONNRESET") return error.message === "aborted" ? "unexpected EOF" : "connection reset by peer";
  if (code?.startsWith("Z_") === true) return `gzip: ${error.message}`;
  return error.message;
}

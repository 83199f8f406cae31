import { rm } from "node:fs/promises";
import { posix } from "node:path";
import type { Address } from "../image/connections.ts";
import { pathError } from "../store/paths.ts";
import { text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import { takeFile } from "./file-contents.ts";
import type { Args, Fields, Graph, Obj, Pin } from "./graph.ts";
import { askOrRecall, refuseOffline } from "./network-answers.ts";
import { readPlaintext } from "./secret.ts";
import { withServiceAddress } from "./service-address.ts";
import { sessionOf } from "./session.ts";
import type { FileValue } from "./values.ts";
import { parseUrl } from "./web-address.ts";

const NEW_FILE_MODE = 0o600;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

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
    // With what it connects by, it is the largest part of the engine, and few commands load anything.
    const { download } = await import("./web-file.ts");
    const asking = { authorization, isContainer, isOffline: session.offline, isKnown: checksum !== "" };
    const folder = await session.store.makeScratch("download");
    // A full disk is told with a path that the client knows.
    const written = <T>(writing: Promise<T>): Promise<T> =>
      writing.catch((error: unknown) => {
        throw pathError("open", `/${name}`, error);
      });
    try {
      const file = posix.join(folder, "file");
      const loadFrom = (address: Address | undefined) => written(download(url, { ...asking, address }, file));
      const digest = await (service === undefined
        ? loadFrom(undefined)
        : withServiceAddress(graph, service, portOf(parseUrl(url)), loadFrom));
      compare(digest, checksum);
      return { digest, file: await written(takeFile(graph, { name, digest, mode }, file)) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
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

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? HTTPS_PORT : HTTP_PORT;
}

import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { createWriteStream } from "node:fs";
import { STATUS_CODES } from "node:http";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Dispatcher, request } from "undici";
import { type Address, connectOut, connectTo } from "../image/connections.ts";
import { networkWords } from "../image/registry/network-words.ts";
import { trustFor } from "../image/registry/trust.ts";
import { hasProxy, InsideAddress, isInsideHost, isOutside } from "../store/destinations.ts";
import { ApiError } from "./errors.ts";
import { refuseOffline } from "./network-answers.ts";
import { parseUrl } from "./web-address.ts";

const MOST_REDIRECTS = 10;
/** Without a byte. */
const IDLE_MS = 60_000;
const LIMITS = { headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS };

/** How a file is asked for. */
export interface Asking {
  /** Where to connect to in place of the URL's host: a service of the session. */
  readonly address: Address | undefined;
  readonly authorization: string | undefined;
  /** Whether it is known what has to come, so that it may come from anybody. */
  readonly isKnown: boolean;
  /** Whether a function asks, which reaches nothing of this machine. */
  readonly isContainer: boolean;
  /** Whether only services of the session may be asked. */
  readonly isOffline: boolean;
}

/** A hop on the way to a file. */
interface Hop extends Asking {
  readonly url: string;
  readonly redirects: number;
  /** The address that led here from elsewhere, so that no place of this machine may be meant. */
  readonly sentBy: string | undefined;
}

/**
 * Brings what is at an address into a file, redirects followed. It is never whole in memory.
 *
 * @returns `sha256:…` of what came
 * @throws ApiError in the words of Dagger's engine
 */
export async function download(url: string, asking: Asking, file: string): Promise<string> {
  let hop: Hop = { ...asking, url, redirects: 0, sentBy: undefined };
  for (;;) {
    const next = await take(hop, file);
    if (typeof next === "string") return next;
    hop = next;
  }
}

async function take(hop: Hop, file: string): Promise<Hop | string> {
  const { url } = hop;
  await refuseInside(hop);
  let reached: string | undefined;
  const dispatcher = connectFor(hop, (address) => {
    reached = address;
  });
  try {
    const answer = await ask(hop, dispatcher);
    const { location } = answer.headers;
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === "string")
      return onward(hop, placeOf(location, url), reached === undefined || isOutside(reached));
    if (answer.statusCode !== 200) {
      const words = answer.statusText || (STATUS_CODES[answer.statusCode] ?? "");
      throw new ApiError(`invalid response status ${answer.statusCode} ${words}`.trim());
    }
    return await write(answer, url, file);
  } finally {
    await dispatcher.destroy();
  }
}

function placeOf(location: string, url: string): URL {
  if (URL.canParse(location, url)) return new URL(location, url);
  throw failed(url, `failed to parse Location header ${JSON.stringify(location)}`);
}

/** @param isElsewhere whether who answered is not this machine: also what runs in a service of the session is not */
function onward(hop: Hop, next: URL, isElsewhere: boolean): Hop {
  const { url, redirects } = hop;
  if (redirects === MOST_REDIRECTS) throw failed(url, `stopped after ${MOST_REDIRECTS} redirects`);
  const leavesTls = url.startsWith("https:") && next.protocol === "http:";
  if (leavesTls && !hop.isKnown)
    throw failed(
      url,
      `it leads to ${next.href}, without TLS, where anybody could have answered\n  to do: give the checksum of the expected file, or an address that stays on https`,
    );
  const isSameHost = next.host === new URL(url).host;
  return {
    ...hop,
    url: next.href,
    redirects: redirects + 1,
    sentBy: isElsewhere ? url : hop.sentBy,
    address: isSameHost ? hop.address : undefined,
    authorization: isSameHost && !leavesTls ? hop.authorization : undefined,
  };
}

function connectFor({ url, address, isContainer, sentBy }: Hop, onAddress: (address: string) => void): Dispatcher {
  const secureContext = trustFor(new URL(url).host);
  if (address !== undefined) return connectTo(address, { secureContext, limits: LIMITS });
  return connectOut({
    secureContext,
    env: process.env,
    limits: LIMITS,
    plainByProxy: true,
    onlyOutside: isContainer || sentBy !== undefined,
    onConnected: (_hostname, found) => onAddress(found),
  });
}

async function ask(hop: Hop, dispatcher: Dispatcher): Promise<Dispatcher.ResponseData> {
  const { url, authorization } = hop;
  const login = authorization === undefined ? {} : { authorization };
  const headers = { "user-agent": "slipway", "accept-encoding": "gzip", ...login };
  return await request(parseUrl(url), { dispatcher, headers }).catch((error: Error) => {
    if (error instanceof InsideAddress && !hop.isContainer) throw leadsInside(hop, error.address);
    throw failed(url, networkWords(error, new URL(url)));
  });
}

async function write({ headers, body }: Dispatcher.ResponseData, url: string, file: string): Promise<string> {
  const hash = createHash("sha256");
  // A server may pack what it sends; the content is what it was before.
  const isPacked = String(headers["content-encoding"] ?? "").toLowerCase() === "gzip";
  const target = createWriteStream(file, { mode: 0o600 });
  const seen = new PassThrough().on("data", (part: Buffer) => hash.update(part));
  const sources = isPacked ? [body, createGunzip()] : [body];
  // Whichever fails takes the others along, some of them with its error: the first one tells.
  let isLocal: boolean | undefined;
  for (const source of sources) source.once("error", () => (isLocal ??= false));
  target.once("error", () => (isLocal ??= true));
  try {
    await pipeline([...sources, seen, target]);
  } catch (error) {
    if (isLocal === true) throw error;
    throw failed(url, brokenWords(error as NodeJS.ErrnoException, new URL(url)));
  }
  return `sha256:${hash.digest("hex")}`;
}

function brokenWords(error: NodeJS.ErrnoException, url: URL): string {
  if (error.code?.startsWith("Z_") === true) return `gzip: ${error.message}`;
  const words = networkWords(error, url);
  return words === "EOF" || words === "connection reset by peer" ? "unexpected EOF" : words;
}

/**
 * What may not be asked: by the spelling, and where a proxy may look names up, by what they mean here. A direct connection judges the
 * address that it is made to.
 */
async function refuseInside(hop: Hop): Promise<void> {
  if (hop.address !== undefined) return;
  if (hop.isOffline) refuseOffline(hop.url);
  if (!hop.isContainer && hop.sentBy === undefined) return;
  const { hostname, port, protocol } = parseUrl(hop.url);
  if (isInsideHost(hostname)) {
    if (!hop.isContainer) throw leadsInside(hop, "");
    const place = `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
    throw failed(hop.url, `dial tcp ${place}: connect: connection refused`);
  }
  if (!hasProxy()) return;
  const meant = await lookup(hostname, { all: true }).catch(() => []);
  const [first] = meant;
  if (first === undefined || meant.some(({ address }) => isOutside(address))) return;
  throw hop.isContainer
    ? failed(hop.url, `dial tcp: lookup ${hostname}: no such host`)
    : leadsInside(hop, first.address);
}

function leadsInside({ url, sentBy = url }: Hop, address: string): ApiError {
  const shown = address === "" ? url : `${url} (${address})`;
  return failed(
    sentBy,
    `it leads to ${shown}, an address that only this machine reaches: it was not asked\n  to do: give that address itself if you want it`,
  );
}

function failed(url: string, words: string): ApiError {
  return new ApiError(`Get ${JSON.stringify(url)}: ${words}`);
}

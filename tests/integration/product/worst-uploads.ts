import { randomBytes } from "node:crypto";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { chunkOf, headOf, openRaw, type RawConnection } from "../../support/raw-http.ts";

/** How much of each kind of harm is done at once. */
export interface Scale {
  /** Clients of each kind at the same time. */
  readonly clients: number;
  /** A line or a cell without end, and what a bomb unpacks to. */
  readonly endlessMiB: number;
  readonly tinyUploads: number;
  /** Files that begin and never go on. */
  readonly openUploads: number;
}

/** What the clients of one kind were answered: how many times each status. */
export type Tally = Readonly<Record<string, number>>;

const MIB = 1024 * 1024;
const csv = { "content-type": "text/csv" };
const ndjson = { "content-type": "application/x-ndjson" };
const json = { "content-type": "application/json" };
const HEADER = "series,ts,value\n";
const row = (series: string) => `${series},2024-01-01T00:00:00Z,1\n`;

/** Bodies that take long to be made. */
export type Harm = ReturnType<typeof prepareHarm>;

/** Makes what will be sent. Long work: nothing that is measured may run beside it. */
export function prepareHarm({ endlessMiB }: Scale) {
  const zeros = Buffer.alloc(endlessMiB * MIB, "\n");
  const gzipBomb = gzipSync(zeros);
  const brotliBomb = brotliCompressSync(zeros, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  const noise = brotliCompressSync(randomBytes(17 * MIB), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  const badRows = Buffer.from(`${HEADER}${"a,soon,much\n".repeat(100_000)}`);
  const largeReading = `{"series":"a","ts":"2024-01-01T00:00:00Z","value":1,"attrs":{"x":"${"é".repeat(1_000)}"}}`;
  const largeList = Buffer.from(`[${Array(999).fill(largeReading).join(",")}]`);
  const manyMembers = gzipSync(zeros.subarray(0, MIB));
  return { gzipBomb, nestedBomb: gzipSync(gzipBomb), manyMembers, brotliBomb, noise, badRows, largeList };
}

/** What came of each kind of harm. */
export interface Sent {
  readonly tallies: Record<string, Tally>;
  /** The longest time in which this process came to nothing, so that answers lay there unread. */
  readonly longestStillMs: number;
}

/** Sends all kinds at once, until the last client has its answer. */
export async function sendWorst(url: string, scale: Scale, harm: Harm): Promise<Sent> {
  const delays = monitorEventLoopDelay();
  delays.enable();
  const tallies = await sendAll(url, scale, harm);
  delays.disable();
  return { tallies, longestStillMs: Math.round(delays.max / 1_000_000) };
}

async function sendAll(url: string, scale: Scale, harm: Harm): Promise<Record<string, Tally>> {
  const { clients, endlessMiB } = scale;
  const { gzipBomb, nestedBomb, manyMembers, brotliBomb, noise, badRows, largeList } = harm;
  const many = (send: (at: number) => Promise<string>, count = clients, atOnce = clients) => tally(count, atOnce, send);
  const open = holdOpen(url, scale.openUploads);
  const results = await allOf({
    "a line of NDJSON without end": many(() =>
      post(url, "/v1/events:stream", ndjson, repeat(Buffer.alloc(64 * 1024, "x"), endlessMiB * 16)),
    ),
    "a cell of CSV without end": many(() =>
      post(url, "/v1/uploads", csv, repeat(Buffer.alloc(64 * 1024, '"x'), endlessMiB * 16)),
    ),
    "a million levels of JSON": many(() => post(url, "/v1/events", json, one("[".repeat(1_000_000)))),
    "a line of a hundred thousand levels": many(() =>
      post(url, "/v1/events:stream", ndjson, one(`${'{"a":'.repeat(50_000)}\n`)),
    ),
    "three million empty objects": many(() => post(url, "/v1/events", json, one(`[${"{},".repeat(3_000_000)}{}]`))),
    "a thousand unknown names a line": many(() =>
      post(
        url,
        "/v1/events:stream",
        ndjson,
        one(`{${Array.from({ length: 1_000 }, (_, at) => `"k${at}":0`).join()}}\n`.repeat(1_000)),
      ),
    ),
    "a list of large readings": many(() => post(url, "/v1/events", json, one(largeList))),
    "a million columns": many(() => post(url, "/v1/uploads", csv, one(`${",".repeat(1_000_000)}\n`))),
    "rows that are all refused": many(() => post(url, "/v1/uploads", csv, one(badRows))),
    "a gzip bomb": many(() => post(url, "/v1/uploads", { ...csv, "content-encoding": "gzip" }, one(gzipBomb))),
    "a gzip bomb in gzip": many(() =>
      post(url, "/v1/events:stream", { ...ndjson, "content-encoding": "gzip, gzip" }, one(nestedBomb)),
    ),
    "a gzip bomb of many members": many(() =>
      post(url, "/v1/uploads", { ...csv, "content-encoding": "gzip" }, repeat(manyMembers, endlessMiB)),
    ),
    "a brotli bomb": many(() => post(url, "/v1/events", { ...json, "content-encoding": "br" }, one(brotliBomb))),
    "brotli with the largest window": many(() =>
      post(url, "/v1/uploads", { ...csv, "content-encoding": "br" }, one(noise)),
    ),
    "a form of a hundred thousand parts": many(() =>
      post(
        url,
        "/entry/file",
        { "content-type": "multipart/form-data; boundary=b" },
        one(`--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n`.repeat(100_000)),
      ),
    ),
    "tiny files": many(
      (at) => post(url, "/v1/uploads", csv, one(HEADER + row(`tiny-${at}`))),
      scale.tinyUploads,
      8 * clients,
    ),
  });
  const held = await open;
  for (const { socket } of held) socket.destroy();
  return results;
}

/** Files whose clients send the beginning and then nothing. */
async function holdOpen(url: string, count: number): Promise<RawConnection[]> {
  const held: RawConnection[] = [];
  for (let at = 0; at < count; at += 1) {
    const connection = await openRaw(url);
    await connection.send(
      Buffer.concat([Buffer.from(headOf("/v1/uploads", { ...csv, "transfer-encoding": "chunked" })), chunkOf(HEADER)]),
    );
    held.push(connection);
  }
  return held;
}

async function* one(bytes: string | Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from(bytes);
}

async function* repeat(bytes: Buffer, times: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < times; at += 1) yield bytes;
}

const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

/** The status, and for a stream what its last report says. `cut` when the connection ended without an answer. */
async function post(
  url: string,
  path: string,
  headers: Record<string, string>,
  body: AsyncIterable<Buffer>,
): Promise<string> {
  const outgoing = request(`${url}${path}`, { method: "POST", headers, agent });
  let answered = false;
  const answer = new Promise<string>((resolve) => {
    outgoing.on("response", (incoming) => {
      answered = true;
      void readStatus(incoming).then(resolve);
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // An answer may still be read after the other side has stopped reading.
      if (!answered) setTimeout(() => resolve(`cut (${error.code})`), 1_000).unref();
    });
  });
  for await (const chunk of body) {
    if (answered || outgoing.destroyed) break;
    if (!outgoing.write(chunk)) await awaitRoom(outgoing);
  }
  outgoing.end();
  return await answer;
}

function awaitRoom(outgoing: ClientRequest): Promise<void> {
  const events = ["drain", "close", "response"];
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) outgoing.off(event, done);
      resolve();
    };
    for (const event of events) outgoing.on(event, done);
  });
}

async function readStatus(incoming: IncomingMessage): Promise<string> {
  let end = "";
  try {
    for await (const chunk of incoming) end = (end + String(chunk)).slice(-4_000);
  } catch {
    return `${incoming.statusCode} cut`;
  }
  if (incoming.headers["content-type"] !== "application/x-ndjson") return String(incoming.statusCode);
  return `${incoming.statusCode} ${end.includes('"done":true') ? "done" : (/"kind":"([\w-]+)"/.exec(end)?.[1] ?? "cut")}`;
}

async function tally(count: number, atOnce: number, send: (at: number) => Promise<string>): Promise<Tally> {
  const counts: Record<string, number> = {};
  let next = 0;
  const work = async () => {
    while (next < count) {
      next += 1;
      const status = await send(next);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, work));
  return counts;
}

async function allOf(tasks: Readonly<Record<string, Promise<Tally>>>): Promise<Record<string, Tally>> {
  const entries = Object.entries(tasks).map(async ([name, task]): Promise<[string, Tally]> => [name, await task]);
  return Object.fromEntries(await Promise.all(entries));
}

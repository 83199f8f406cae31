import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { Limits } from "./limits.ts";
import { peek } from "./peek.ts";
import { Refused } from "./problem.ts";

/** Programs that send packed bodies use one coding; more than two in a list are made to do harm. */
const MAX_CODINGS = 2;
/** Below this a body may grow as much as it likes: short texts of zeros are no attack. */
const RATIO_FREE_BYTES = 10 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const MIB = 1024 * 1024;

interface Coding {
  readonly name: string;
  /** Most that the decoder holds outside of JavaScript's heap. */
  readonly memoryBytes: number;
  /** `head`: the first bytes of the body, which tell zlib's format from bare deflate. */
  readonly open: (head: Uint8Array) => Transform & { readonly bytesWritten: number };
}

const options = { chunkSize: CHUNK_BYTES };

const codings: readonly Coding[] = [
  { name: "gzip", memoryBytes: MIB / 4, open: () => zlib.createGunzip(options) },
  {
    name: "deflate",
    memoryBytes: MIB / 4,
    // RFC 9110 means zlib's format by it; many programs send bare deflate.
    open: (head) => (hasZlibHead(head) ? zlib.createInflate(options) : zlib.createInflateRaw(options)),
  },
  { name: "br", memoryBytes: 18 * MIB, open: () => zlib.createBrotliDecompress(options) },
  ...findZstd(),
];

/** Names of the content encodings that are understood here, for `Accept-Encoding`. */
export const codingNames = codings.map(({ name }) => name).join(", ");

/** What a packed body asks for. */
export interface Packing {
  readonly codings: readonly Coding[];
  readonly memoryBytes: number;
}

/** Reads `Content-Encoding`. @throws Refused unsupported-encoding. */
export function readPacking(header: string | undefined): Packing {
  const names = (header ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim().replace(/^x-gzip$/, "gzip"))
    .filter((name) => name !== "" && name !== "identity");
  const found = names.map((name) => codings.find((coding) => coding.name === name));
  const unknown = names.filter((_, at) => found[at] === undefined);
  const headers = { "accept-encoding": codingNames };
  if (unknown.length > 0) {
    const detail = `Content-Encoding ${unknown.map(quote).join(", ")} is not supported; expected one of ${codingNames}`;
    throw new Refused("unsupported-encoding", detail, { headers });
  }
  if (names.length > MAX_CODINGS) {
    throw new Refused("unsupported-encoding", `expected at most ${MAX_CODINGS} content encodings in a list`, {
      headers,
    });
  }
  const wanted = found.flatMap((coding) => coding ?? []);
  return { codings: wanted, memoryBytes: wanted.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) };
}

/** Unpacks a body piece by piece. @throws Refused malformed or too-large, also in the middle. */
export function unpack(
  bytes: AsyncIterable<Uint8Array>,
  packing: Packing,
  limits: Pick<Limits, "maxUnpackRatio"> & { readonly maxBytes: number },
): AsyncIterable<Uint8Array> {
  return packing.codings.reduceRight((packed, coding) => unpackOne(packed, coding, limits), bytes);
}

async function* unpackOne(
  packed: AsyncIterable<Uint8Array>,
  coding: Coding,
  limits: Pick<Limits, "maxUnpackRatio"> & { readonly maxBytes: number },
): AsyncGenerator<Uint8Array> {
  const { head, body } = await peek(packed, 2);
  const engine = coding.open(head);
  let taken = 0;
  let failure: unknown;
  const feed = async () => {
    for await (const chunk of body(0)) {
      taken += chunk.length;
      if (!engine.write(chunk)) await awaitRoom(engine);
      // Ended before the body: the decoder is through, or nobody reads on.
      if (engine.destroyed || engine.readableEnded) return;
    }
    engine.end();
  };
  const fed = feed().catch((error: unknown) => {
    failure = error;
    engine.destroy(error as Error);
  });
  try {
    let unpacked = 0;
    for await (const chunk of engine as AsyncIterable<Uint8Array>) {
      unpacked += chunk.length;
      if (unpacked > limits.maxBytes)
        throw new Refused("too-large", `expected at most ${limits.maxBytes} bytes unpacked`);
      if (unpacked > RATIO_FREE_BYTES && unpacked > taken * limits.maxUnpackRatio) {
        const detail = `the body unpacks to more than ${limits.maxUnpackRatio} times what was sent; send it unpacked`;
        throw new Refused("too-large", detail);
      }
      yield chunk;
    }
    await fed;
    // zlib ends quietly at what comes behind, and at nothing at all.
    if (taken === 0) throw broken(coding, "it is empty");
    if (engine.bytesWritten < taken) throw broken(coding, `${taken - engine.bytesWritten} bytes follow after its end`);
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (/^(Z_|ZSTD_|ERR_)/.test((error as NodeJS.ErrnoException).code ?? ""))
      throw broken(coding, (error as Error).message);
    throw error;
  } finally {
    engine.destroy();
  }
}

/** Until the decoder takes more, or is through. */
function awaitRoom(engine: Transform): Promise<void> {
  const events = ["drain", "end", "close"];
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) engine.off(event, done);
      resolve();
    };
    for (const event of events) engine.on(event, done);
  });
}

function broken({ name }: Coding, reason: string): Refused {
  return new Refused("malformed", `the body is not complete ${name} data: ${reason}`);
}

function hasZlibHead([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

/** Node 20 does not have it. */
function findZstd(): Coding[] {
  const { createZstdDecompress, constants } = zlib as {
    createZstdDecompress?: (options: object) => ReturnType<Coding["open"]>;
    constants: Record<string, number>;
  };
  const windowLog = constants["ZSTD_d_windowLogMax"];
  if (createZstdDecompress === undefined || windowLog === undefined) return [];
  // Frames that need a larger window than 8 MiB are refused, as RFC 8878 advises.
  const open = () => createZstdDecompress({ ...options, params: { [windowLog]: 23 } });
  return [{ name: "zstd", memoryBytes: 10 * MIB, open }];
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

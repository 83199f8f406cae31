/** Whole lines with their ends; only the last piece of a body may lack one. `at`: bytes before it. */
export interface LinePiece {
  readonly bytes: Buffer;
  readonly at: number;
  /** This line is longer than may be. `bytes` is empty, and what is left of the line does not come. */
  readonly tooLong: boolean;
}

/** How the characters LF and CR look: one byte, or two in one of both orders. */
export type Units = "bytes" | "utf-16le" | "utf-16be";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a body where lines end, so that each piece can be decoded and read on its own: no character, and no CR LF, lies
 * across two pieces. LF, CR LF and CR end a line; nothing else does. `at` counts on from `startAt`.
 */
export async function* cutAtLines(
  body: AsyncIterable<Uint8Array>,
  {
    units,
    maxLineBytes,
    startAt = 0,
  }: { readonly units: Units; readonly maxLineBytes: number; readonly startAt?: number },
): AsyncGenerator<LinePiece> {
  const unit = units === "bytes" ? 1 : 2;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let start = startAt;
  let skipping = false;
  for await (const aligned of units === "bytes" ? body : align(body)) {
    let chunk = toBuffer(aligned);
    const last = waiting.at(-1);
    if (last !== undefined && codeAt(last, last.length - unit, units) === CR) {
      // Whether the CR ended a line or an LF belongs to it, only this chunk says.
      chunk = Buffer.concat([...waiting, chunk]);
      waiting = [];
      waitingBytes = 0;
    }
    const cut = findCut(chunk, units);
    if (cut > 0) {
      const bytes = Buffer.concat([...waiting, chunk.subarray(0, cut)]);
      // Behind a line that is too long comes its rest first.
      const from = skipping ? findFirstEnd(bytes, units) : 0;
      if (from < bytes.length) yield { bytes: bytes.subarray(from), at: start + from, tooLong: false };
      skipping = false;
      start += bytes.length;
      waiting = [];
      waitingBytes = 0;
    }
    if (cut < chunk.length) {
      waiting.push(chunk.subarray(cut));
      waitingBytes += chunk.length - cut;
    }
    if (!skipping && waitingBytes > maxLineBytes + unit) {
      yield { bytes: Buffer.alloc(0), at: start, tooLong: true };
      skipping = true;
    }
    if (skipping && waitingBytes > unit) {
      // Only whether it ends with a CR matters from here on.
      start += waitingBytes - unit;
      waiting = [Buffer.from(waiting.at(-1)?.subarray(-unit) ?? [])];
      waitingBytes = unit;
    }
  }
  if (waitingBytes > 0 && !skipping) yield { bytes: Buffer.concat(waiting), at: start, tooLong: false };
}

/** The lines of a piece, each with its end. */
export function* splitLines(bytes: Buffer, units: Units): Generator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const line = bytes.subarray(from, from + findFirstEnd(bytes.subarray(from), units));
    yield line;
    from += line.length;
  }
}

/** The same bytes in chunks of whole units; half a unit can only come last. */
async function* align(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let half: Buffer = Buffer.alloc(0);
  for await (const raw of body) {
    const chunk = half.length === 0 ? toBuffer(raw) : Buffer.concat([half, raw]);
    const whole = chunk.length - (chunk.length % 2);
    half = Buffer.from(chunk.subarray(whole));
    if (whole > 0) yield chunk.subarray(0, whole);
  }
  if (half.length > 0) yield half;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Behind the last line end of `chunk`; 0 without one. A CR at the very end is left: an LF may follow. */
function findCut(chunk: Buffer, units: Units): number {
  if (units === "bytes") return Math.max(chunk.lastIndexOf(LF), chunk.length < 2 ? -1 : chunk.lastIndexOf(CR, -2)) + 1;
  for (let at = chunk.length - (chunk.length % 2) - 2; at >= 0; at -= 2) {
    const code = codeAt(chunk, at, units);
    if (code === LF || (code === CR && at + 2 < chunk.length)) return at + 2;
  }
  return 0;
}

/** Behind the first line end; the length when there is none. */
function findFirstEnd(bytes: Buffer, units: Units): number {
  const unit = units === "bytes" ? 1 : 2;
  for (let at = 0; at < bytes.length; at += unit) {
    const code = codeAt(bytes, at, units);
    if (code === LF) return at + unit;
    if (code === CR) return at + (codeAt(bytes, at + unit, units) === LF ? 2 * unit : unit);
  }
  return bytes.length;
}

/** The unit at `at`; `undefined` when it is not whole. */
function codeAt(bytes: Buffer, at: number, units: Units): number | undefined {
  if (units === "bytes") return bytes[at];
  if (at < 0 || at + 2 > bytes.length) return undefined;
  return units === "utf-16le" ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

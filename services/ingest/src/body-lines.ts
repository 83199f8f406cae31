import { type Charset, chooseCharset, findFault } from "./charset.ts";
import type { Limits } from "./limits.ts";
import { cutAtLines, type LinePiece, splitLines } from "./line-pieces.ts";
import { peek } from "./peek.ts";

/** One line of a body without its end, or why it has no text. */
export type BodyLine = { readonly text: string } | { readonly code: "too-long" | "not-text"; readonly detail: string };

/**
 * Lines one after the other, some at a time, in bounded memory whatever comes. A line that is too long, or has bytes that its charset does
 * not, is told in its place; the ones behind it still come.
 *
 * @throws Refused when the charset cannot be used.
 */
export async function* readBodyLines(
  bytes: AsyncIterable<Uint8Array>,
  declaredCharset: string | undefined,
  { maxLineBytes }: Pick<Limits, "maxLineBytes">,
): AsyncGenerator<Iterable<BodyLine>> {
  const { head, body } = await peek(bytes, 4);
  const { charset, skip } = chooseCharset(head, declaredCharset);
  for await (const piece of cutAtLines(body(skip), { units: charset.units, maxLineBytes, startAt: skip })) {
    yield piece.tooLong ? [tooLong(maxLineBytes)] : decodeLines(charset, piece, maxLineBytes);
  }
}

function tooLong(maxLineBytes: number): BodyLine {
  return { code: "too-long", detail: `the line is longer than ${maxLineBytes} bytes` };
}

function* decodeLines(charset: Charset, piece: LinePiece, maxLineBytes: number): Generator<BodyLine> {
  const fits = (line: string) => line.length * 3 <= maxLineBytes || Buffer.byteLength(line) <= maxLineBytes;
  let text: string | undefined;
  try {
    text = charset.decode(piece.bytes);
  } catch {
    // At least one of the lines is bad. One at a time, so that each costs no more than its own length.
  }
  if (text !== undefined) {
    for (const line of splitText(text)) yield fits(line) ? { text: line } : tooLong(maxLineBytes);
    return;
  }
  let at = piece.at;
  for (const bytes of splitLines(piece.bytes, charset.units)) {
    const line = decodeLine(charset, bytes, at);
    yield !("text" in line) || fits(line.text) ? line : tooLong(maxLineBytes);
    at += bytes.length;
  }
}

function decodeLine(charset: Charset, bytes: Buffer, at: number): BodyLine {
  try {
    return { text: charset.decode(bytes).replace(/[\r\n]+$/, "") };
  } catch {
    return { code: "not-text", detail: findFault(charset, bytes, at).told };
  }
}

/** LF, CR LF and CR end a line. */
function* splitText(text: string): Generator<string> {
  let from = 0;
  let cr = text.indexOf("\r");
  while (from < text.length) {
    const lf = text.indexOf("\n", from);
    if (cr !== -1 && cr < from) cr = text.indexOf("\r", from);
    const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf;
    if (end === -1) {
      yield text.slice(from);
      return;
    }
    yield text.slice(from, end);
    from = end === cr && text.charCodeAt(end + 1) === 0x0a ? end + 2 : end + 1;
  }
}

import { type Charset, chooseCharset, findFault } from "./charset.ts";
import type { Limits } from "./limits.ts";
import { cutAtLines, type LinePiece, splitLines } from "./line-pieces.ts";
import { peek } from "./peek.ts";

/** One line of a body without its end, or why it has no text. */
export type BodyLine = { readonly text: string } | { readonly code: "too-long" | "not-text"; readonly detail: string };

/**
 * Lines one after the other, in bounded memory whatever comes. A line that is too long, or has bytes that its charset does
 * not, is told in its place; the ones behind it still come.
 *
 * @throws Refused when the charset cannot be used.
 */
export async function* readBodyLines(
  bytes: AsyncIterable<Uint8Array>,
  declaredCharset: string | undefined,
  { maxLineBytes }: Pick<Limits, "maxLineBytes">,
): AsyncGenerator<BodyLine> {
  const { head, body } = await peek(bytes, 4);
  const { charset, skip } = chooseCharset(head, declaredCharset);
  const tooLong = { code: "too-long", detail: `the line is longer than ${maxLineBytes} bytes` } as const;
  for await (const piece of cutAtLines(body(skip), { units: charset.units, maxLineBytes, startAt: skip })) {
    if (piece.tooLong) {
      yield tooLong;
      continue;
    }
    for (const line of decodeLines(charset, piece)) {
      const fits =
        !("text" in line) || line.text.length * 3 <= maxLineBytes || Buffer.byteLength(line.text) <= maxLineBytes;
      yield fits ? line : tooLong;
    }
  }
}

function* decodeLines(charset: Charset, piece: LinePiece): Generator<BodyLine> {
  let text: string | undefined;
  try {
    text = charset.decode(piece.bytes);
  } catch {
    // At least one of the lines is bad. One at a time, so that each costs no more than its own length.
  }
  if (text !== undefined) {
    for (const line of splitText(text)) yield { text: line };
    return;
  }
  let at = piece.at;
  for (const bytes of splitLines(piece.bytes, charset.units)) {
    yield decodeLine(charset, bytes, at);
    at += bytes.length;
  }
}

function decodeLine(charset: Charset, bytes: Buffer, at: number): BodyLine {
  try {
    return { text: charset.decode(bytes).replace(/[\r\n]+$/, "") };
  } catch {
    const fault = findFault(charset, bytes);
    return { code: "not-text", detail: `not ${charset.name} at byte offset ${at + fault.at} (${fault.shown})` };
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

import { type Charset, chooseCharset, findFault } from "./charset.ts";
import { type CsvRow, UnreadableCsv } from "./csv-row.ts";
import { CsvText, tooLongRow } from "./csv-text.ts";
import type { Limits } from "./limits.ts";
import { cutAtLines } from "./line-pieces.ts";
import { peek } from "./peek.ts";

export interface CsvForm {
  /** As the request says it; else a first line `sep=;` says it, else it is a comma. */
  readonly delimiter: string | undefined;
  /** As the content type declares it. */
  readonly charset: string | undefined;
  readonly limits: Pick<Limits, "maxLineBytes">;
}

/** What spreadsheets put before the header to name the delimiter. */
const SEP_LINE = /^"?sep=(.)"?(?:\r\n|\n|\r|$)/i;

/**
 * Reads CSV piece by piece: RFC 4180, also with other line ends, mixed ones, a byte order mark, blank lines. The header
 * comes first.
 *
 * @throws UnreadableCsv when the rest cannot be split into rows, after all rows before it.
 * @throws Refused when the charset cannot be used.
 */
export async function* readCsvRows(bytes: AsyncIterable<Uint8Array>, form: CsvForm): AsyncGenerator<CsvRow> {
  const { head, body } = await peek(bytes, 4);
  const { charset, skip } = chooseCharset(head, form.charset);
  const { maxLineBytes } = form.limits;
  let text: CsvText | undefined;
  for await (const piece of cutAtLines(body(skip), { units: charset.units, maxLineBytes, startAt: skip })) {
    if (piece.tooLong) throw tooLongRow(text?.rowLine ?? 1, maxLineBytes);
    const read = decode(charset, piece.bytes, piece.at);
    let readable = read.text;
    if (text === undefined) {
      const sep = SEP_LINE.exec(readable);
      text = new CsvText({ delimiter: chooseDelimiter(form.delimiter, sep?.[1]), maxRowBytes: maxLineBytes });
      if (sep !== null) readable = text.skipLine(readable, sep[0].length);
    }
    yield* text.rows(readable);
    if (read.fault !== undefined) {
      const advice =
        form.charset === undefined
          ? "save the file as UTF-8, or declare its charset in the content type"
          : "the file has another charset than the declared one";
      throw new UnreadableCsv(text.line, `${read.fault}; ${advice}. Nothing from here on was read`);
    }
  }
  text?.end();
}

interface Decoded {
  readonly text: string;
  /** What is told of bytes that are none; then `text` ends before the line that holds them. */
  readonly fault?: string;
}

function decode(charset: Charset, bytes: Buffer, startAt: number): Decoded {
  try {
    return { text: charset.decode(bytes) };
  } catch {
    const { at, told } = findFault(charset, bytes, startAt);
    const good = charset.decode(bytes.subarray(0, at));
    const lineAt = Math.max(good.lastIndexOf("\n"), good.lastIndexOf("\r")) + 1;
    return { text: good.slice(0, lineAt), fault: told };
  }
}

function chooseDelimiter(asked: string | undefined, said: string | undefined): string {
  if (asked !== undefined && said !== undefined && asked !== said) {
    throw new UnreadableCsv(1, `the file says sep=${said} and the request ?delimiter=${asked}; leave one of them out`);
  }
  return asked ?? said ?? ",";
}

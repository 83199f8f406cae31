/**
 * The fields of the first record of a CSV text, by the rules of Go's encoding/csv: list flags are read so.
 *
 * @throws Error with Go's words: `parse error on line 1, column 2: bare " in non-quoted-field`
 */
export function readCsvRecord(text: string): string[] {
  const fields: string[] = [];
  let place = 0;
  for (;;) {
    const field = text.charAt(place) === '"' ? quotedField(text, place) : plainField(text, place);
    fields.push(field.text);
    if (text.charAt(field.end) !== ",") return fields;
    place = field.end + 1;
  }
}

interface Field {
  readonly text: string;
  /** Place of what ends it: a comma, the end of the line or of the text. */
  readonly end: number;
}

function plainField(text: string, start: number): Field {
  let end = start;
  while (end < text.length && text.charAt(end) !== "," && text.charAt(end) !== "\n") end++;
  const field = text.slice(start, end);
  const stray = field.indexOf('"');
  if (stray >= 0) throw problem(text, start + stray, 'bare " in non-quoted-field');
  return { text: field, end };
}

function quotedField(text: string, start: number): Field {
  let field = "";
  let place = start + 1;
  for (;;) {
    const close = text.indexOf('"', place);
    if (close < 0) throw problem(text, text.length, 'extraneous or missing " in quoted-field');
    field += text.slice(place, close);
    const next = text.charAt(close + 1);
    if (next === '"') {
      field += '"';
      place = close + 2;
    } else if (next === "" || next === "," || next === "\n") {
      return { text: field, end: close + 1 };
    } else {
      throw problem(text, close, 'extraneous or missing " in quoted-field');
    }
  }
}

function problem(text: string, place: number, what: string): Error {
  const column = Buffer.byteLength(text.slice(0, place)) + 1;
  return new Error(`parse error on line 1, column ${column}: ${what}`);
}

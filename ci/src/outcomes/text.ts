/** Colours and movements of a terminal, also where their first sign is spelt out, because XML cannot hold it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are made of.
const ESCAPES = /(?:\u001B|(?:#x|\\x)1[Bb])\[[0-9;?]*[A-Za-z]/g;
/** What XML 1.0 cannot hold, and what no reader of a text wants. */
const CONTROLS = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]|\p{Cs}/gu;

/** The text without what moves a terminal; of one that is too long the beginning and the end. */
export function plain(text: string, longest = 20_000): string {
  // What is cut anyway is not looked through: a text may be long.
  const read = text.length > 4 * longest ? `${text.slice(0, 2 * longest)}${text.slice(-2 * longest)}` : text;
  const clean = read.replaceAll(ESCAPES, "").replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll(CONTROLS, "");
  if (clean.length <= longest) return clean;
  const half = Math.floor(longest / 2);
  return `${clean.slice(0, half)}\n… ${text.length - 2 * half} more characters …\n${clean.slice(-half)}`.replaceAll(
    CONTROLS,
    "",
  );
}

/** The same in one line. */
export function inOneLine(text: string, longest = 300): string {
  const line = plain(text, 4 * longest)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, " ")
    .trim();
  return line.length > longest ? `${line.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}…` : line;
}

const XML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\t": "&#9;",
};

/** An attribute of XML. */
export function attribute(name: string, value: string): string {
  return ` ${name}="${plain(value, 2000).replaceAll(/[&<>"\n\t]/g, (sign) => XML[sign] ?? "")}"`;
}

/** A text of XML. */
export function content(text: string): string {
  return plain(text).replaceAll(/[&<>]/g, (sign) => XML[sign] ?? "");
}

/** What a stream of this process can show. */
export interface TerminalLike {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Whether colours are wanted there: only on a terminal, and not with NO_COLOR or TERM=dumb. */
export function wantsColour(stream: TerminalLike, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

const RESET = "\u001b[0m";

function paint(code: string, text: string, colour: boolean): string {
  return colour && text !== "" ? `\u001b[${code}m${text}${RESET}` : text;
}

export const bold = (text: string, colour: boolean): string => paint("1", text, colour);
export const faint = (text: string, colour: boolean): string => paint("2", text, colour);
export const red = (text: string, colour: boolean): string => paint("31", text, colour);
export const green = (text: string, colour: boolean): string => paint("32", text, colour);
export const yellow = (text: string, colour: boolean): string => paint("33", text, colour);
export const cyan = (text: string, colour: boolean): string => paint("36", text, colour);

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that a text without escapes takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += NARROW.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return columns;
}

/** The text cut to that many columns, with an ellipsis where something is missing. */
export function fitColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let fitted = "";
  let used = 0;
  for (const char of text) {
    const more = columnsOf(char);
    if (used + more > columns - 1) break;
    fitted += char;
    used += more;
  }
  return `${fitted}…`;
}

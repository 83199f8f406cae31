/** What is seen of an output in a terminal that is wide and high enough, where later drawing goes over earlier one. */
export function shownScreen(output: string): readonly string[] {
  const rows: string[] = [""];
  const at = { row: 0, column: 0 };
  for (const [piece, , count, kind] of output.matchAll(PIECES)) {
    if (piece === "\r") at.column = 0;
    else if (piece === "\n") at.row++;
    else if (kind === "A") at.row = Math.max(0, at.row - Number(count || 1));
    else if (kind === "K") rows[at.row] = (rows[at.row] ?? "").slice(0, at.column);
    else if (kind === "J") rows.splice(at.row, rows.length, (rows[at.row] ?? "").slice(0, at.column));
    else if (kind === undefined) {
      const before = (rows[at.row] ?? "").padEnd(at.column);
      rows[at.row] = before.slice(0, at.column) + piece + before.slice(at.column + piece.length);
      at.column += piece.length;
    }
  }
  return Array.from(rows, (row) => (row ?? "").trimEnd());
}

/** An escape with its count and its letter, the end of a line, or what is printed as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is steered by them
const PIECES = /(\u001b\[\??([\d;]*)([A-Za-z]))|[\r\n]|[^\u001b\r\n]+/g;

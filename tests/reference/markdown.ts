/** A table of Markdown. A cell may hold bars and angle brackets: they are written so that they are shown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map((cells) => line(cells.map(cell)))].join("\n");
}

/** Text between backquotes stays as it is, but for the bar, which ends a cell there too. */
function cell(text: string): string {
  const parts = text.replaceAll(/\s*\n\s*/g, " ").split("`");
  return parts
    .map((part, at) => (at % 2 === 0 ? part.replaceAll("<", "&lt;") : part))
    .join("`")
    .replaceAll("|", "\\|");
}

/** A page: what it is, from where it is printed, and its parts with a blank line between. */
export function page(title: string, from: string, parts: readonly string[]): string {
  const origin = `<!-- Printed from ${from} by npm run reference. Change it there. -->`;
  return `${[`# ${title}`, origin, ...parts].join("\n\n")}\n`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A value as it is written in the file or on the command line: text as it is, all else as JSON. */
export function tellValue(value: unknown): string {
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

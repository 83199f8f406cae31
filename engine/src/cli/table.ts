import { bold, faint } from "./terminal.ts";

/**
 * Two columns with a bold head. The head is bold and the note faint also where no terminal is: the real command line
 * does so, and scripts that read it take the codes away.
 */
export function nameTable(rows: readonly (readonly [string, string])[], note?: string): string {
  const width = Math.max("Name".length, ...rows.map(([name]) => name.length)) + 3;
  const lines = [`${bold("Name", true)}${" ".repeat(width - "Name".length)}${bold("Description", true)}`];
  for (const [name, description] of rows) lines.push(name.padEnd(width) + description);
  if (note !== undefined) lines.push("", faint(note, true));
  return `${lines.join("\n")}\n`;
}

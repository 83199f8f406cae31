/**
 * Reads the lines of a `.env` file: `NAME=value`, in quotes or not; `#` begins a comment only at the start of a line.
 * `${OTHER}` stands for a name of the same file, else for a variable of the environment; not inside of single quotes.
 *
 * @throws Error naming the line that is no assignment
 */
export function readDotenv(text: string, env: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const values = new Map<string, string>();
  for (const [place, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)$/.exec(line);
    if (assignment?.[1] === undefined) throw new Error(`line ${place + 1} is not NAME=value`);
    values.set(
      assignment[1],
      assignedValue(assignment[2] ?? "", (name) => values.get(name) ?? env[name] ?? ""),
    );
  }
  return values;
}

function assignedValue(text: string, lookUp: (name: string) => string): string {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1);
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  const inner = isQuoted ? text.slice(1, -1).replaceAll("\\n", "\n").replaceAll('\\"', '"') : text;
  return inner.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => lookUp(name));
}

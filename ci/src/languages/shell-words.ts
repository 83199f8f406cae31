/** A command line of one program: what it is told by variables, and its words. */
export interface SimpleCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

/**
 * Takes a command line apart when it is one program with plain words; undefined when only a shell can run it, because it
 * has operators, expansions or globs.
 */
export function readSimpleCommand(line: string): SimpleCommand | undefined {
  const words = splitWords(line.trim());
  if (words === undefined || words.length === 0) return undefined;
  const env: Record<string, string> = {};
  let first = 0;
  for (; first < words.length; first++) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[first] ?? "");
    if (match?.[1] === undefined || match[2] === undefined) break;
    env[match[1]] = match[2];
  }
  return first === words.length ? undefined : { env, words: words.slice(first) };
}

const PIECE = /\s+|'([^']*)'|"([^"$`\\]*)"|([\w@%+=:,./^-]+)/y;

function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let open = false;
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < line.length) {
    const match = PIECE.exec(line);
    if (match === null) return undefined;
    const piece = match[1] ?? match[2] ?? match[3];
    if (piece === undefined) open = false;
    else if (open) words.push(`${words.pop() ?? ""}${piece}`);
    else words.push(piece);
    open = piece !== undefined;
  }
  return words;
}

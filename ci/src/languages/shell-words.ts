import type { Command } from "./language.ts";

/** A command line of one program: what it is told by variables, and its words. */
interface SimpleCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

/**
 * Takes a command line apart when it is one program with plain words; undefined when only a shell can run it, because it
 * has operators, expansions or globs.
 */
function readSimpleCommand(line: string): SimpleCommand | undefined {
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

/**
 * The command line of a start script for an image, which has the language and the packages but no manager such as npm.
 *
 * One program is started as it is, so that it gets the signals; what needs a shell gets one, as npm would give it.
 */
export function toStart(script: string): Command {
  const simple = readSimpleCommand(script.replace(/^cross-env\s+/, ""));
  if (simple === undefined) return ["/bin/sh", "-c", script];
  const { env, words } = simple;
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return assignments.length === 0 ? words : ["/usr/bin/env", ...assignments, ...words];
}

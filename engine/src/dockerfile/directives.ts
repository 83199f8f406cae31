import { parseBoolean } from "../go-texts/numbers.ts";
import { DockerfileProblem } from "./problem.ts";

/** `# name=value` lines at the very start of a Dockerfile. */
export interface Directives {
  /** The frontend that is asked for, without what follows a space. */
  readonly syntax: string | undefined;
  readonly escapeSign: "\\" | "`";
  readonly check: string | undefined;
}

const NAMES = ["syntax", "escape", "check"];

/**
 * Reads the directives of a file. The first line that is none ends them.
 *
 * @throws DockerfileProblem for one that is given twice, and for an escape character that cannot be
 */
export function readDirectives(lines: readonly string[]): Directives {
  const found = new Map<string, string>();
  for (const [place, line] of lines.entries()) {
    const [, written = "", value = ""] = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    const name = written.toLowerCase();
    if (!NAMES.includes(name)) break;
    if (found.has(name)) throw new DockerfileProblem(`only one ${name} parser directive can be used`, place + 1);
    if (name === "escape" && value !== "\\" && value !== "`") {
      throw new DockerfileProblem(`invalid escape token '${value}' does not match \` or \\`, place + 1);
    }
    found.set(name, value);
  }
  return {
    syntax: found.get("syntax")?.split(" ")[0],
    escapeSign: found.get("escape") === "`" ? "`" : "\\",
    check: found.get("check"),
  };
}

const OPTIONS = ["skip", "experimental", "error"];

/**
 * Checks the value of `# check=`: a wrong one is told. What it says changes nothing here, since there are no warnings.
 *
 * @throws DockerfileProblem
 */
export function checkCheckOptions(text: string): void {
  for (const part of text.trim() === "" ? [] : text.trim().split(";")) {
    const failed = (what: string) => new DockerfileProblem(`failed to parse check options: ${what}`);
    const at = part.indexOf("=");
    const name = part.slice(0, at < 0 ? part.length : at).trim();
    if (at < 0) throw failed(`invalid check option ${JSON.stringify(part)}`);
    if (!OPTIONS.includes(name)) throw failed(`invalid check option ${JSON.stringify(name)}`);
    if (name === "error") {
      const told = `failed to parse check option ${JSON.stringify(part)}`;
      readBoolean(part.slice(at + 1).trim(), (why) => failed(`${told}: ${why}`));
    }
  }
}

/**
 * A truth value as Go reads it.
 *
 * @param failed gets Go's words
 */
export function readBoolean(text: string, failed: (why: string) => Error): boolean {
  try {
    return parseBoolean(text);
  } catch (error) {
    throw failed((error as Error).message);
  }
}

import type { ProgramEnd } from "./helper-shell.ts";
import { refusalAdvice } from "./system-words.ts";

const MACHINE_ADVICE = "  to do: see what a machine needs (docs/machines.md) and what its kernel said (dmesg)";

/** Programs that start another one, and say nothing themselves when that one fails. */
const STARTERS = ["nsenter", "unshare", "sh"];

/**
 * The failure of a program of this machine, for a person: what could not be done, and what the program said.
 *
 * @param failure what could not be done, with the place
 */
export function programFailure(failure: string, args: readonly string[], { code, stderr }: ProgramEnd): Error {
  const [program] = (args.find((word) => !STARTERS.includes(word) && !word.startsWith("-")) ?? "it").split(" ");
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    // ip(8) counts the lines that it was given, which nobody has seen.
    .filter((line) => line !== "" && !/^Command failed -:\d+$/.test(line));
  const words = said.length === 0 ? `${program} ended with exit code ${code} and said nothing` : said.join("; ");
  return new Error(`${failure}: ${words}\n${refusalAdvice(words) ?? MACHINE_ADVICE}`);
}

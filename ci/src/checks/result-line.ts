interface Program {
  /** One line that it ends a run of tests with. */
  readonly line: RegExp;
  /** How its lines are told as one: a run over several modules or packages has one for each. By default their counts. */
  readonly tell?: (lines: readonly RegExpExecArray[]) => string;
}

const group = ({ groups }: RegExpExecArray, name: string) => groups?.[name] ?? "";

const sumOf = (lines: readonly RegExpExecArray[], name: string) =>
  lines.reduce((sum, line) => sum + Number(group(line, name)), 0);

/** Of lines with one count each, the counts by what they are of. */
const sumBy = (lines: readonly RegExpExecArray[], what: string) =>
  sumOf(
    lines.filter((line) => group(line, "what") === what),
    "count",
  );

/** One line as it is; undefined for several. */
function tellOnly([first, ...others]: readonly RegExpExecArray[]): string | undefined {
  if (first === undefined || others.length > 0) return undefined;
  return (first.groups?.["sum"] ?? first[0]).replaceAll(/\s+/g, " ");
}

/** One line as it is; of several the counts, added up by their words: `2 failed, 5 passed`. */
function tellCounts(lines: readonly RegExpExecArray[]): string {
  const only = tellOnly(lines);
  if (only !== undefined) return only;
  const counts = new Map<string, number>();
  for (const [text] of lines)
    for (const [, count, word = ""] of text.matchAll(/(\d+) ([a-z]\w*)/g))
      counts.set(word, (counts.get(word) ?? 0) + Number(count));
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

/** Node prints each count on a line of its own. */
function tellNode(lines: readonly RegExpExecArray[]): string {
  const rest = ["cancelled", "skipped", "todo"].filter((name) => sumBy(lines, name) > 0);
  return ["pass", "fail", ...rest].map((name) => `${name} ${sumBy(lines, name)}`).join(", ");
}

function tellGo(lines: readonly RegExpExecArray[]): string {
  const only = tellOnly(lines);
  if (only !== undefined) return only;
  const failed = lines.filter((line) => group(line, "verdict") === "FAIL").length;
  return [`ok ${lines.length - failed} packages`, ...(failed === 0 ? [] : [`FAIL ${failed}`])].join(", ");
}

/**
 * The lines by which programs say how their tests ended, the more telling ones first. The first program that has said
 * one counts.
 */
const PROGRAMS: readonly Program[] = [
  {
    // Surefire and Failsafe: the sum of a module, not the line of a class, which goes on with its time.
    line: /^(?:\[(?:INFO|WARNING|ERROR)\] )?Tests run: (?<run>\d+), Failures: (?<failed>\d+), Errors: (?<broken>\d+), Skipped: (?<skipped>\d+)$/,
    tell: (lines) =>
      `Tests run: ${sumOf(lines, "run")}, Failures: ${sumOf(lines, "failed")}, Errors: ${sumOf(lines, "broken")}, Skipped: ${sumOf(lines, "skipped")}`,
  },
  { line: /^(?:ℹ|#) (?<what>pass|fail|cancelled|skipped|todo) (?<count>\d+)$/, tell: tellNode },
  // Jest on standard error, Vitest.
  { line: /^Tests:? +\d+ \w+(?:(?:, | \| )\d+ \w+)*(?: \(\d+\))?$/ },
  // pytest, with or without its frame.
  { line: /^=* ?(?<sum>\d+ \w+(?: \w+)?(?:, \d+ \w+(?: \w+)?)* in [\d.]+s(?: \([\d:]+\))?) ?=*$/ },
  { line: /^=* ?(?<sum>no tests ran in [\d.]+s) ?=*$/ },
  // gotestsum.
  { line: /^DONE \d+ tests?\b.*$/ },
  // go test, a line for each package.
  { line: /^(?<verdict>ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\)|\[[^\]]+\])(?:\s.*)?$/, tell: tellGo },
  {
    // Mocha.
    line: /^(?<count>\d+) (?<what>passing|failing|pending)(?: \(.*\))?$/,
    tell: (lines) =>
      ["passing", "failing", "pending"]
        .filter((what) => what === "passing" || sumBy(lines, what) > 0)
        .map((what) => `${sumBy(lines, what)} ${what}`)
        .join(", "),
  },
  {
    // uvu.
    line: /^(?<what>Total|Passed|Skipped): +(?<count>\d+)$/,
    tell: (lines) => ["Total", "Passed", "Skipped"].map((what) => `${what}: ${sumBy(lines, what)}`).join(", "),
  },
  // Python's unittest, on standard error.
  { line: /^(?<sum>Ran \d+ tests? in [\d.]+s)$/ },
  // AVA.
  { line: /^\d+ tests? (?:passed|failed)$/ },
  // Gradle says counts only when a test has failed.
  { line: /^\d+ tests? completed(?:, \d+ \w+)+$/ },
  { line: /^BUILD (?:SUCCESSFUL|FAILED) in .+$/, tell: (lines) => lines.at(-1)?.[0] ?? "" },
];

/** Colours and movements of a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are made of.
export const ESCAPES = /\u001B\[[0-9;?]*[A-Za-z]/g;

/** The line that says how the tests ended; undefined when no program that is known here has said it. */
export function findResult(output: string): string | undefined {
  const lines = splitLines(output);
  for (const { line, tell = tellCounts } of PROGRAMS) {
    const found = lines.map((text) => line.exec(text)).filter((one) => one !== null);
    if (found.length > 0) return tell(found);
  }
  return undefined;
}

/** The last line that says something. */
export function lastLine(output: string): string {
  return splitLines(output).findLast((line) => line !== "") ?? "";
}

function splitLines(output: string): string[] {
  return output
    .replaceAll(ESCAPES, "")
    .split(/\r?\n/)
    .map((line) => line.trim());
}

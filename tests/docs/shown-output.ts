import { trimLines } from "./read-page.ts";

/**
 * What in an output is another one in each run. A page shows one; any other of the same kind is right, and nothing else is.
 * tests/docs/README.md has the same table, which a test compares.
 */
export const VARYING: readonly Kind[] = [
  { kind: "digest", pattern: /sha256:[0-9a-f]{64}/ },
  { kind: "commit", pattern: /\b[0-9a-f]{40}\b/ },
  { kind: "fingerprint", pattern: /SHA256:[A-Za-z0-9+/]{43}/ },
  { kind: "moment", pattern: /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?/ },
  { kind: "tag of a commit", pattern: /\b\d{14}-[0-9a-f]{12}\b/ },
  // A page shows one with a letter and a digit, so that no word and no number is taken for one; others may have only one of them.
  { kind: "short id", pattern: /\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,16}\b/, printed: /\b[0-9a-f]{7,16}\b/ },
  { kind: "pod", pattern: /-[bcdf-hj-np-tv-z2-9]{7,10}-[bcdf-hj-np-tv-z2-9]{5}\b/ },
  { kind: "time", pattern: /\b\d+(?:\.\d+)? (?:ms|s|min|h)\b/ },
  { kind: "age", pattern: /\b(?:\d+m)?\d+s\b/ },
  { kind: "size", pattern: /\b\d+(?:\.\d+)? (?:B|kB|MB|GB|KiB|MiB|GiB)\b/ },
  { kind: "many tests", pattern: /\b\d[\d,]{2,} passed\b/ },
  { kind: "total of many tests", pattern: /\bTotal: \d{3,}, Passed: \d{3,}\b/ },
  { kind: "requests", pattern: /\b\d[\d,]* requests\b/ },
];

/** Something that is another one in each run. */
interface Kind {
  readonly kind: string;
  /** What stands for it in a page. */
  readonly pattern: RegExp;
  /** What the output may have in its place, where that is more. */
  readonly printed?: RegExp;
}

/** Stands for what the page leaves out: alone on a line for lines, within a line for a part of it. */
const LEFT_OUT = "…";

/**
 * Says where an output is not what the page shows; `undefined` when it is. Spaces at the end of lines, and how many there
 * are between columns, count for nothing.
 */
export function findDifference(shown: readonly string[], output: string): string | undefined {
  const lines = trimLines(output.split("\n"));
  let furthest = { row: 0, line: 0 };
  const known = new Map<string, boolean>();
  const matches = (row: number, line: number, skipping: boolean): boolean => {
    const key = `${row} ${line} ${skipping}`;
    const answer = known.get(key) ?? matchesFrom(row, line, skipping);
    known.set(key, answer);
    return answer;
  };
  const matchesFrom = (row: number, line: number, skipping: boolean): boolean => {
    if (row > furthest.row) furthest = { row, line };
    if (row === shown.length) return line === lines.length || skipping;
    const text = shown[row] ?? "";
    if (text.trim() === LEFT_OUT) return matches(row + 1, line, true);
    if (line === lines.length) return false;
    if (matchesLine(text, lines[line] ?? "") && matches(row + 1, line + 1, false)) return true;
    return skipping && matches(row, line + 1, true);
  };
  if (matches(0, 0, false)) return undefined;
  const expected = shown[furthest.row] ?? "(the end)";
  const found = lines[furthest.line] ?? "(the end)";
  return `the page shows   ${expected}\nit printed       ${found}\nall of it was\n${lines.join("\n")}`;
}

const ANY_VARYING = new RegExp(VARYING.map(({ pattern }) => `(${pattern.source})`).join("|"), "g");

/** Whether a line of an output is the one that a page shows. */
export function matchesLine(shown: string, line: string): boolean {
  return patternOf(shown.trimEnd()).test(line.trimEnd());
}

function patternOf(shown: string): RegExp {
  let source = "";
  let end = 0;
  for (const match of shown.matchAll(ANY_VARYING)) {
    const kind = match.slice(1).findIndex((group) => group !== undefined);
    source +=
      literally(shown.slice(end, match.index)) + ((VARYING[kind]?.printed ?? VARYING[kind]?.pattern)?.source ?? "");
    end = match.index + match[0].length;
  }
  return new RegExp(`^${source}${literally(shown.slice(end))}$`);
}

function literally(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/ {2,}/g, " {2,}")
    .replaceAll(LEFT_OUT, ".+?");
}

/** Why what a page shows could not be told from any other output; `undefined` when it can. */
export function whyTooOpen(shown: readonly string[]): string | undefined {
  if (shown.length === 0) return undefined;
  const fixed = shown.map((line) => line.replace(ANY_VARYING, "").replaceAll(LEFT_OUT, ""));
  if (fixed.some((line) => /\p{L}{2,}|\d/u.test(line))) return undefined;
  return "everything in the output may be something else: show a line that is the same in each run";
}

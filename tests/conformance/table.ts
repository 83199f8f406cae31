import { fieldSection } from "./field-table.ts";
import type { Verdict } from "./verdict.ts";

/** Why cases differ: `group: name → reason`. */
export type Reasons = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Count {
  passed: number;
  refused: number;
  different: number;
}

/** How many cases of each group ended how, in the order of the verdicts, and the sums of `api` and `cli`. */
function countGroups(verdicts: readonly Verdict[]): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const { group, state } of verdicts) {
    for (const key of [group, group.split("/")[0] ?? group]) {
      const count = counts.get(key) ?? { passed: 0, refused: 0, different: 0 };
      count[state] += 1;
      counts.set(key, count);
    }
  }
  return counts;
}

/** The differences that reasons.yaml does not explain. */
export function findUnexplained(verdicts: readonly Verdict[], reasons: Reasons): Verdict[] {
  return verdicts.filter(({ group, name, state }) => state === "different" && reasons[group]?.[name] === undefined);
}

/** The reasons of cases that no longer differ, as `group: name`. */
export function findStaleReasons(verdicts: readonly Verdict[], reasons: Reasons): string[] {
  const different = new Set(verdicts.filter(({ state }) => state === "different").map((v) => `${v.group}: ${v.name}`));
  return Object.entries(reasons)
    .flatMap(([group, names]) => Object.keys(names).map((name) => `${group}: ${name}`))
    .filter((entry) => !different.has(entry));
}

/** The lines of the table for a terminal. */
export function printTable(verdicts: readonly Verdict[]): string {
  return [...countGroups(verdicts)]
    .map(([group, { passed, refused, different }]) => {
      const total = passed + refused + different;
      const numbers = [passed, refused, different].map((number) => String(number).padStart(4));
      const share = String(Math.floor((100 * passed) / total)).padStart(3);
      return `${group.padEnd(28)} ${numbers[0]} passed ${numbers[1]} refused ${numbers[2]} different  ${share} %`;
    })
    .sort()
    .join("\n");
}

/** The page docs/conformance.md. */
export function writePage(verdicts: readonly Verdict[], reasons: Reasons): string {
  const rows = [...countGroups(verdicts)]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([group, count]) => {
      const total = count.passed + count.refused + count.different;
      const name = group.includes("/") ? group : `**${group}, all**`;
      const share = `${Math.floor((100 * count.passed) / total)} %`;
      return `| ${[name, total, count.passed, share, count.refused, count.different].join(" | ")} |`;
    });
  const different = verdicts.filter(({ state }) => state === "different");
  const items = different.map(({ group, name, problem }) => {
    const reason = reasons[group]?.[name];
    return `- \`${group}\`: ${name}. ${reason ?? `**Unexplained.** ${quote(problem)}`}`;
  });
  return [
    "# Conformance of the embedded engine",
    "",
    "Written by `npm run conformance`; do not edit. What the words mean: tests/conformance/README.md.",
    "",
    "| Group | Cases | Passed | Share | Refused | Different |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    ...fieldSection(),
    "## What is different, and why",
    "",
    ...(items.length === 0 ? ["Nothing."] : items),
    "",
  ].join("\n");
}

function quote(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll("`", "'");
  return `\`${line.length > 240 ? `${line.slice(0, 240)}…` : line}\``;
}

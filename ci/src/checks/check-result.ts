import type { Checkout } from "../checkout/checkout.ts";
import type { CheckSettings } from "../config/settings.ts";
import { TOP } from "../languages/prepare.ts";
import { readFindings } from "../outcomes/frames.ts";
import { Paths } from "../outcomes/paths.ts";
import type { CheckResult, LineHits } from "../outcomes/result.ts";
import { plain } from "../outcomes/text.ts";
import type { Ran } from "./check.ts";
import type { Outcome } from "./check-report.ts";
import { type Found, readCheckstyle, readSarif } from "./findings.ts";
import { HITS, mergeHits } from "./line-hits.ts";
import { readCases } from "./test-cases.ts";
import { filesOf, type Kind } from "./written.ts";

/** As much of what a command printed as is kept. */
const KEPT = 60_000;

/**
 * What a check came to, with every place as one of the repository. A file that cannot be read is among the problems already.
 *
 * @param settings absent for Slipway's own checks
 * @param ran absent when not even its command could be run
 */
export function toResult(
  { outline }: Pick<Checkout, "outline">,
  settings: Pick<CheckSettings, "path" | "reports"> | undefined,
  { name, durationMs, summary, error }: Outcome,
  ran: Ran | undefined,
): CheckResult {
  const paths = new Paths(outline.files, TOP, settings?.path ?? ".");
  const reports = settings?.reports ?? {};
  const read = <T>(kind: Kind, readOne: (text: string) => T): T[] =>
    filesOf(kind, reports, ran?.read ?? []).flatMap(({ path, text }) =>
      typeof text !== "string" || isSpoilt(path, ran) ? [] : [readOne(text)],
    );
  const cases = read("junit", (text) => readCases(text, paths)).flat();
  const found: Found[] = [
    ...read("sarif", (text) => readSarif(text, paths)),
    ...read("checkstyle", (text) => readCheckstyle(text, paths)),
  ];
  const hits = Object.entries(HITS).flatMap(([kind, readOne]) =>
    read(kind as keyof typeof HITS, (text) => readOne(text, paths)),
  );
  const output = error === undefined ? "" : outputOf(error, ran);
  const findings = found.flatMap((one) => one.findings);
  const isTold = findings.length > 0 || cases.some(({ state }) => state === "failed");
  return {
    name,
    seconds: durationMs / 1000,
    ...(error === undefined ? {} : { exitCode: ran?.exitCode ?? exitCodeOf(error) }),
    summary,
    output,
    cases,
    findings: isTold || error === undefined ? findings : readFindings(output, paths),
    hits: mergeHits(hits),
    runs: found.flatMap((one) => one.runs),
    problems: ran?.written?.problems ?? [],
  };
}

/** The coverage of all checks together. */
export function sumHits(checks: readonly CheckResult[]): LineHits {
  return mergeHits(checks.map(({ hits }) => hits));
}

function isSpoilt(path: string, ran: Ran | undefined): boolean {
  return (ran?.written?.problems ?? []).some((problem) => problem.startsWith(`${path} `));
}

/** Engines give what a command printed with the error. */
function outputOf(error: unknown, ran: Ran | undefined): string {
  const given = (key: "stdout" | "stderr") => {
    const value = ran?.[key] ?? (typeof error === "object" && error !== null ? Reflect.get(error, key) : undefined);
    return typeof value === "string" ? value.trimEnd() : "";
  };
  const printed = [given("stdout"), given("stderr")].filter((text) => text !== "").join("\n");
  if (printed !== "") return plain(printed.slice(-KEPT), KEPT);
  return plain(error instanceof Error ? error.message : String(error), KEPT);
}

function exitCodeOf(error: unknown): number {
  const code = typeof error === "object" && error !== null ? Reflect.get(error, "exitCode") : undefined;
  return typeof code === "number" ? code : 1;
}

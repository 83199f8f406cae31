import { countHits, tellPercent } from "./covered.ts";
import { type CheckResult, type Finding, hasFailed, type LineHits, type Place, type TestCase } from "./result.ts";
import { inOneLine, plain } from "./text.ts";

/** What is told of many: of failed tests, of findings, of what commands printed. */
const TOLD = 50;
const OUTPUTS = 5;
const LONGEST_OUTPUT = 4000;

/** What all files are made of. */
export interface Results {
  /** In the order in which they are told. */
  readonly checks: readonly CheckResult[];
  /** Checks that did not run, because a faster one has failed. */
  readonly left: readonly string[];
  /** The coverage of all checks together. */
  readonly hits: LineHits;
  /** How a failure is repeated; empty when nothing has failed. */
  readonly repeat: string;
}

/** The summary as a log has it. Every line begins with a word of ours: what a program has said begins none. */
export function writeText({ checks, left, hits, repeat }: Results): string {
  const width = Math.max(...[...checks.map(({ name }) => name), ...left].map((name) => name.length));
  const lines = [
    ...checks.map((check) => `${check.name.padEnd(width)}  ${tellVerdict(check)}`),
    ...left.map((name) => `${name.padEnd(width)}  not run: a check of the fast stage has failed`),
    ...listFailed(checks)
      .slice(0, TOLD)
      .map(({ check, failed }) => `${check.name}: ${tellCase(failed)}`),
    ...tellMore(listFailed(checks).length),
    ...checks.flatMap(({ name, problems }) =>
      problems.slice(0, TOLD).map((problem) => `${name}: ${inOneLine(problem)}`),
    ),
    ...tellCoverage(hits),
    ...(repeat === "" ? [] : ["", repeat.trimEnd()]),
  ];
  return `${lines.join("\n")}\n`;
}

function tellVerdict(check: CheckResult): string {
  const verdict = hasFailed(check) ? "failed" : "passed";
  return `${verdict}  ${check.seconds.toFixed(1)} s  ${inOneLine(check.summary)}`.trimEnd();
}

interface Failed {
  readonly check: CheckResult;
  readonly failed: TestCase;
}

/** The failed tests; a check that failed as a whole is told as a check. */
function listFailed(checks: readonly CheckResult[]): Failed[] {
  return checks.flatMap((check) =>
    check.cases.filter(({ state }) => state === "failed").map((failed) => ({ check, failed })),
  );
}

function tellMore(count: number): string[] {
  return count > TOLD ? [`and ${count - TOLD} more failed tests`] : [];
}

function tellCase({ suite, name, message, place }: TestCase): string {
  const at = place === undefined ? "" : ` (${tellPlace(place)})`;
  const full = name.startsWith(suite) ? name : `${suite} > ${name}`;
  return `${inOneLine([full, message].filter(Boolean).join(": "))}${at}`;
}

function tellPlace({ path, line }: Place): string {
  return `${inOneLine(path)}${line === undefined ? "" : `:${line}`}`;
}

function tellCoverage(hits: LineHits): string[] {
  const count = countHits(hits);
  return count.lines === 0 ? [] : [`coverage: ${tellPercent(count)} of ${count.lines} lines`];
}

/** The summary in Markdown. Nothing that a program has said becomes a link, a picture or a tag. */
export function writeMarkdown({ checks, left, hits, repeat }: Results): string {
  return [
    "## Checks",
    "",
    "| Check | Result | Time | |",
    "|---|---|---|---|",
    ...checks.map(
      (one) =>
        `| ${one.name} | ${hasFailed(one) ? "❌ failed" : "✅ passed"} | ${one.seconds.toFixed(1)} s | ${mark(one.summary)} |`,
    ),
    ...left.map((name) => `| ${name} | not run | | a check of the fast stage has failed |`),
    ...section("Failed tests", listFailed(checks), ({ check, failed }) => `${check.name}: ${mark(tellCase(failed))}`),
    ...section(
      "Findings",
      checks.flatMap(({ name, findings }) => findings.map((finding) => ({ name, finding }))),
      ({ name, finding }) => `${name}: ${mark(tellFinding(finding))}`,
    ),
    ...section(
      "Files of reports that could not be used",
      checks.flatMap(({ name, problems }) => problems.map((problem) => ({ name, problem }))),
      ({ name, problem }) => `${name}: ${mark(problem)}`,
    ),
    ...section("Coverage", tellCoverage(hits), (line) => line),
    ...checks
      .filter((check) => hasFailed(check) && check.output.trim() !== "")
      .slice(0, OUTPUTS)
      .flatMap(writeOutput),
    ...(repeat === "" ? [] : ["", fence(repeat.trimEnd())]),
    "",
  ].join("\n");
}

/** A list; of a long one its beginning. */
function section<One>(title: string, all: readonly One[], tell: (one: One) => string): string[] {
  if (all.length === 0) return [];
  const more = all.length > TOLD ? [`- and ${all.length - TOLD} more`] : [];
  return ["", `### ${title}`, "", ...all.slice(0, TOLD).map((one) => `- ${tell(one)}`), ...more];
}

function tellFinding({ rule, message, place }: Finding): string {
  return `${tellPlace(place)} ${[rule, message].filter(Boolean).join(": ")}`;
}

function writeOutput({ name, output }: CheckResult): string[] {
  const text = plain(output, 1_000_000).trimEnd();
  const end = text.length > LONGEST_OUTPUT ? `…\n${text.slice(-LONGEST_OUTPUT)}` : text;
  return ["", `<details><summary>${name}: the end of what it printed</summary>`, "", fence(end), "", "</details>"];
}

/** A fence that no line of the text can close. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}text\n${text}\n${ticks}`;
}

function mark(text: string): string {
  return inOneLine(text, 400)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_{}[\]()#!|~>@]/g, "\\$&");
}

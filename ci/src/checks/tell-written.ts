import { type Count, tellPercent } from "../outcomes/covered.ts";
import type { FailedTest, Tests } from "./junit.ts";
import { ESCAPES } from "./result-line.ts";
import type { Written } from "./written.ts";

/** How many failed tests, and how many problems, are told before they are only counted. */
const TOLD = 10;
const LONGEST_NAME = 120;
const LONGEST_MESSAGE = 200;

/** The counts in one line: `11 passed, 1 failed, 2 skipped, coverage 83.3%`; empty when no file says any. */
export function tellCounts({ tests, coverage, findings }: Written): string {
  return [
    ...(tests === undefined ? [] : [tellTests(tests)]),
    ...(findings === undefined ? [] : [`${findings} ${findings === 1 ? "finding" : "findings"}`]),
    ...tellCoverages(coverage),
  ].join(", ");
}

function tellTests({ passed, failed, skipped }: Tests): string {
  if (passed + failed + skipped === 0) return "no tests";
  return [
    `${passed} passed`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ].join(", ");
}

/** Two forms are mostly two reports of the same run: each is named then, and they are not added up. */
function tellCoverages(coverages: Written["coverage"]): string[] {
  const there: readonly (readonly [string, Count])[] = Object.entries(coverages);
  if (there.length < 2) return there.map(([, coverage]) => `coverage ${tellPercent(coverage)}`);
  return [`coverage ${there.map(([form, coverage]) => `${tellPercent(coverage)} (${form})`).join(" and ")}`];
}

/** The failed tests and what they said, then what is wrong with the files: a line each, of many only the first. */
export function listDetails({ tests, problems }: Written): string[] {
  const failures = tests?.failures ?? [];
  return [...first(failures.map(tellFailed), "failed tests"), ...first(problems.map(oneLine(400)), "problems")];
}

function tellFailed({ name, message }: FailedTest): string {
  const said = oneLine(LONGEST_MESSAGE)(message);
  return `${oneLine(LONGEST_NAME)(name)}${said === "" ? "" : `: ${said}`}`;
}

function first(lines: readonly string[], what: string): string[] {
  const more = lines.length - TOLD;
  return more > 0 ? [...lines.slice(0, TOLD), `and ${more} more ${what}`] : [...lines];
}

/** Colours whose first sign is spelt out: XML cannot hold it. */
const SPELT_OUT = /(?:#x|\\x)1[Bb]\[[0-9;]*m/g;

/** What would end the line or move a terminal is left out; what is too long is cut. */
function oneLine(longest: number): (text: string) => string {
  return (text) => {
    const plain = text.replaceAll(ESCAPES, "").replaceAll(SPELT_OUT, "");
    const line = plain.replaceAll(/[\p{C}\p{Z}\s]+/gu, " ").trim();
    return line.length > longest ? `${line.slice(0, longest)}…` : line;
  };
}

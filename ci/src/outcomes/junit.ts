import { type CheckResult, hasFailed, type TestCase } from "./result.ts";
import { attribute, content } from "./text.ts";

/** Of so many failed tests the whole text is there; of more the message alone. */
const FULL_TEXTS = 1000;

/**
 * All tests of all checks in the form of JUnit that GitLab, Jenkins, Azure Pipelines, CircleCI and Bitbucket read: a suite for each
 * check. A check that has written no tests is one itself, and one that failed though all of its tests passed is one beside them.
 */
export function writeJunit(checks: readonly CheckResult[]): string {
  const suites = checks.map((check) => ({ check, cases: listCases(check) }));
  const texts = { left: FULL_TEXTS };
  const body = suites.map(({ check, cases }) => writeSuite(check, cases, texts));
  const all = suites.flatMap(({ cases }) => cases);
  const seconds = checks.reduce((sum, one) => sum + one.seconds, 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="slipway"${counts(all, seconds)}>\n${body.join("")}</testsuites>\n`;
}

/** The tests of a check, and the check itself where they do not say how it ended. */
export function listCases(check: CheckResult): readonly TestCase[] {
  const { cases, name, seconds, summary, output } = check;
  const isTold = cases.some(({ state }) => state === "failed");
  const own = { suite: name, name, seconds, text: "" };
  const unread = check.problems.map(
    (problem): TestCase => ({ suite: name, name: "its reports", state: "skipped", message: problem, text: "" }),
  );
  if (hasFailed(check) && !isTold) {
    const place = check.findings.find(({ level }) => level === "error")?.place;
    const failed = { ...own, state: "failed" as const, message: summary, text: output };
    return [...cases, ...unread, { ...failed, ...(place === undefined ? {} : { place }) }];
  }
  return cases.length === 0 ? [...unread, { ...own, state: "passed", message: "" }] : [...cases, ...unread];
}

function writeSuite({ name, seconds }: CheckResult, cases: readonly TestCase[], texts: { left: number }): string {
  const lines = cases.map((one) => {
    const { suite, name: test, state, place } = one;
    const at =
      place === undefined
        ? ""
        : `${attribute("file", place.path)}${place.line === undefined ? "" : ` line="${place.line}"`}`;
    const head = `    <testcase${attribute("classname", suite || name)}${attribute("name", test)} time="${(one.seconds ?? 0).toFixed(3)}"${at}`;
    if (state === "passed") return `${head}/>\n`;
    if (state === "skipped") return `${head}><skipped${attribute("message", one.message)}/></testcase>\n`;
    const text = texts.left-- > 0 ? content(one.text) : "";
    return `${head}><failure${attribute("message", one.message)}>${text}</failure></testcase>\n`;
  });
  return `  <testsuite${attribute("name", name)}${counts(cases, seconds)}>\n${lines.join("")}  </testsuite>\n`;
}

function counts(cases: readonly TestCase[], seconds: number): string {
  const count = (state: TestCase["state"]) => cases.filter((one) => one.state === state).length;
  return ` tests="${cases.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}" time="${seconds.toFixed(3)}"`;
}

import type { XmlElement } from "../input/xml.ts";
import { findPlace } from "../outcomes/frames.ts";
import type { Paths } from "../outcomes/paths.ts";
import type { Place, TestCase } from "../outcomes/result.ts";
import { FAILURES, messageOf, NOT_RUN, readSuites } from "./junit.ts";

/**
 * The tests of a file of JUnit one by one, each failed one with the line of the repository where it failed, as far as what it says
 * leads to one.
 *
 * @throws Unreadable, XmlError as `readJunit`
 */
export function readCases(text: string, paths: Paths): TestCase[] {
  return listCases(readSuites(text), [], paths);
}

function listCases(element: XmlElement, suites: readonly string[], paths: Paths): TestCase[] {
  const { name, attributes, children } = element;
  if (name === "testcase") return [caseOf(element, suites, paths)];
  if (name !== "testsuite" && name !== "testsuites") return [];
  const own = attributes.get("name")?.trim() ?? "";
  const inner = name === "testsuite" && own !== "" ? [...suites, own] : suites;
  const broken = children.find((child) => FAILURES.includes(child.name));
  const cases = children.flatMap((child) => listCases(child, inner, paths));
  if (broken === undefined) return cases;
  return [
    ...cases,
    { ...failed(element, broken, paths), suite: suites.join(" > "), name: own || "a suite without a name" },
  ];
}

function caseOf(test: XmlElement, suites: readonly string[], paths: Paths): TestCase {
  const { attributes, children } = test;
  const given = attributes.get("classname")?.trim() ?? "";
  const seconds = Number(attributes.get("time")?.replaceAll(",", "") ?? Number.NaN);
  const about = {
    suite: given !== "" && given !== "test" ? given : suites.join(" > "),
    name: attributes.get("name")?.trim() || "a test without a name",
    ...(Number.isFinite(seconds) && seconds >= 0 ? { seconds } : {}),
  };
  const failure = children.find(({ name }) => FAILURES.includes(name));
  if (failure !== undefined) return { ...about, ...failed(test, failure, paths) };
  const skipped = children.find(({ name }) => name === "skipped");
  const states = [attributes.get("status"), attributes.get("result")];
  const isSkipped = skipped !== undefined || states.some((state) => NOT_RUN.test(state ?? ""));
  const message = skipped?.attributes.get("message")?.trim() ?? "";
  return { ...about, state: isSkipped ? "skipped" : "passed", message, text: "" };
}

function failed(test: XmlElement, failure: XmlElement, paths: Paths) {
  const place = placeOf(test, failure, paths);
  const message = messageOf(failure);
  return { state: "failed" as const, message, text: failure.text, ...(place === undefined ? {} : { place }) };
}

/** What its text leads to; else what its program says of the test; else the file of its class. */
function placeOf({ attributes, children }: XmlElement, failure: XmlElement, paths: Paths): Place | undefined {
  const said = children.filter(({ name }) => /^system-(?:out|err)$/.test(name)).map(({ text }) => text);
  for (const text of [failure.text, failure.attributes.get("message") ?? "", ...said]) {
    const place = findPlace(text, paths);
    if (place !== undefined) return place;
  }
  const named = attributes.get("file") ?? attributes.get("filepath") ?? "";
  const line = Number(attributes.get("line") ?? attributes.get("lineno") ?? 0);
  const path = paths.find(named) ?? fileOf(attributes.get("classname") ?? "", paths);
  if (path === undefined) return undefined;
  return { path, ...(Number.isInteger(line) && line > 0 ? { line } : {}) };
}

/** `com.acme.SumTest$Inner` of Java, `tests.test_sum.TestSum` of Python, `v/sum.test.js` of Vitest. */
function fileOf(classname: string, paths: Paths): string | undefined {
  const plain = classname.replace(/\$.*$/, "");
  const folders = plain.replaceAll(".", "/");
  const [outer] = folders.split(/\/(?=[^/]*$)/);
  const tried = [plain, `${folders}.java`, `${folders}.kt`, `${folders}.py`, `${outer}.py`];
  return /^[\w./@+-]+$/.test(plain) ? tried.map((one) => paths.find(one)).find((one) => one !== undefined) : undefined;
}

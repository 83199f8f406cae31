import { readXml, type XmlElement } from "../input/xml.ts";
import { Unreadable } from "./unreadable.ts";

/** A test that failed, by the name that its program gives it, and what it said first. */
export interface FailedTest {
  readonly name: string;
  readonly message: string;
}

/** How the tests of one or several files ended. */
export interface Tests {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Those that failed and have a name, in the order of the file. */
  readonly failures: readonly FailedTest[];
}

/** What says that a test did not pass. A flaky one passed in the end, so its `flakyFailure` is none of these. */
export const FAILURES: readonly string[] = ["failure", "error"];

/** How GoogleTest and others say that a test was not run. */
export const NOT_RUN = /^(?:skipped|notrun|disabled|ignored|pending)$/i;

/**
 * Reads a file in the form of JUnit as Surefire, Gradle, pytest, gotestsum, Node, Jest, Vitest, Mocha and many others
 * write it: suites in suites or side by side, with tests in them or beside them. The tests are counted; the sums that a
 * file claims count only for a suite that names no test.
 *
 * @throws Unreadable when it is something else; XmlError when it is no XML
 */
export function readJunit(text: string): Tests {
  return sumTests(listResults(readSuites(text), []));
}

/** The element at the top. @throws as `readJunit` */
export function readSuites(text: string): XmlElement {
  const top = readXml(text);
  if (top.name !== "testsuites" && top.name !== "testsuite")
    throw new Unreadable(`is not JUnit: expected <testsuites> or <testsuite> at the top, found <${top.name}>`);
  return top;
}

/** The tests of several files together. */
export function sumTests(all: readonly Tests[]): Tests {
  const sum = (count: (tests: Tests) => number) => all.reduce((total, tests) => total + count(tests), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    failures: all.flatMap(({ failures }) => failures),
  };
}

function listResults(element: XmlElement, suites: readonly string[]): Tests[] {
  const { name, attributes, children } = element;
  if (name === "testcase") return [resultOf(element, suites)];
  if (name !== "testsuite" && name !== "testsuites") return [];
  const own = attributes.get("name")?.trim() ?? "";
  const inner = name === "testsuite" && own !== "" ? [...suites, own] : suites;
  const results = children.flatMap((child) => listResults(child, inner));
  if (results.length === 0 && name === "testsuite") return [claimOf(element)];
  // A suite that could not begin or end has failed beside its tests.
  const broken = children.filter((child) => FAILURES.includes(child.name));
  return broken.length === 0
    ? results
    : [...results, failedAs(inner.join(" > ") || "a suite without a name", broken[0])];
}

function resultOf(test: XmlElement, suites: readonly string[]): Tests {
  const failure = test.children.find(({ name }) => FAILURES.includes(name));
  if (failure !== undefined) return failedAs(nameOf(test, suites), failure);
  const states = [test.attributes.get("status"), test.attributes.get("result")];
  const isSkipped =
    test.children.some(({ name }) => name === "skipped") || states.some((state) => NOT_RUN.test(state ?? ""));
  return { passed: isSkipped ? 0 : 1, failed: 0, skipped: isSkipped ? 1 : 0, failures: [] };
}

function failedAs(name: string, failure: XmlElement | undefined): Tests {
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name, message: messageOf(failure) }] };
}

/** Node calls every class `test`; Jest's reporter gives the class the test's own name. */
function nameOf({ attributes }: XmlElement, suites: readonly string[]): string {
  const name = attributes.get("name")?.trim() ?? "";
  const given = attributes.get("classname")?.trim() ?? "";
  const isTelling = given !== "" && given !== "test";
  if (isTelling && (name === "" || name.startsWith(given))) return name || given;
  const around = isTelling ? given : suites.join(" > ");
  return [around, name].filter((part) => part !== "").join(" > ") || "a test without a name";
}

/** What the program says in one line; gotestsum's `Failed` says nothing, its text does. */
export function messageOf(failure: XmlElement | undefined): string {
  const message = failure?.attributes.get("message")?.trim() ?? "";
  if (message !== "" && message !== "Failed") return message;
  const lines = (failure?.text ?? "").split("\n").map((line) => line.trim());
  const telling = lines.find((line) => line !== "" && !/^(?:=== |--- (?:FAIL|PASS|SKIP))/.test(line));
  return telling || failure?.attributes.get("type") || message;
}

function claimOf({ attributes }: XmlElement): Tests {
  const count = (name: string) => {
    const number = Number(attributes.get(name) ?? 0);
    return Number.isInteger(number) && number > 0 ? number : 0;
  };
  const failed = count("failures") + count("errors");
  const skipped = count("skipped") + count("disabled");
  return { passed: Math.max(0, count("tests") - failed - skipped), failed, skipped, failures: [] };
}

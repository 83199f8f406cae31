import { z } from "zod";
import { tellChoices, tellNearest } from "./nearest-name.ts";
import { showName, showValue } from "./shown.ts";

type Issue = z.core.$ZodIssue;

/** One thing that is wrong with a value, and where. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
  /** It is about the name at the end of the path, not about the value behind it. */
  readonly aboutKey?: true;
}

/** How the type of a value is called here. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of names to values",
  record: "a mapping of names to values",
  null: "null",
};

/** A mapping that knows all its keys: of another one the choice is told, and which was perhaps meant. */
export function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => `unknown; ${tellChoices(key, known)}`).join("\n")
        : undefined,
  });
}

/**
 * Everything that a schema found wrong with a value, in words: what was expected and what was found.
 *
 * @param show how the value at a path is written, if that is known better than from the value
 */
export function listProblems(
  { issues }: z.ZodError,
  value: unknown,
  show: (path: readonly PropertyKey[]) => string | undefined = () => undefined,
): Problem[] {
  return issues.flatMap((issue) => listIssue(issue, value, show));
}

function listIssue(
  issue: Issue,
  value: unknown,
  show: (path: readonly PropertyKey[]) => string | undefined,
): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const lines = issue.message.split("\n");
    const told = lines.length === issue.keys.length ? lines : issue.keys.map(() => "unknown");
    return issue.keys.map((key, at) => about([...issue.path, key], told[at] ?? "unknown", true));
  }
  if (issue.code === "invalid_key") return issue.issues.map((inner) => about(issue.path, tellExpected(inner), true));
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((issues) => !issues.some(isOfAnotherKind));
    if (meant !== undefined)
      return meant.flatMap((inner) => listIssue({ ...inner, path: [...issue.path, ...inner.path] }, value, show));
  }
  const found = findValue(value, issue.path);
  if (found === undefined) return [about(issue.path, `is missing; ${tellExpected(issue)}`)];
  const hint =
    issue.code === "invalid_type" && issue.expected === "string" && typeof found !== "object"
      ? " (put it between quotes)"
      : "";
  return [
    about(
      issue.path,
      `${tellExpected(issue)}; found ${show(issue.path) ?? showValue(found)}${hint}${tellMeant(issue, found)}`,
    ),
  ];
}

/** Which of the words that may stand here was perhaps meant. */
function tellMeant(issue: Issue, found: unknown): string {
  // A schema of ours has said it already.
  if (issue.code !== "invalid_value" || typeof found !== "string" || /; perhaps /.test(issue.message)) return "";
  return tellNearest(
    found,
    issue.values.filter((one) => typeof one === "string"),
  );
}

/** Of a value that may be written in several ways: whether it was not written in this one at all. */
function isOfAnotherKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

/** `services.ingest.port: …`, or `(top): …` for the whole. */
export function tellProblem({ path, text }: Problem): string {
  return `${path.map((key) => showName(String(key))).join(".") || "(top)"}: ${text}`;
}

/** @param aboutKey it is about the name at the end of the path */
export function about(path: readonly PropertyKey[], text: string, aboutKey = false): Problem {
  return aboutKey ? { path, text, aboutKey } : { path, text };
}

function tellExpected(issue: Issue): string {
  // The words of a schema of ours.
  if (/^expected |cannot be used/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type") return `expected ${TYPES[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `expected ${issue.values.map((one) => String(one)).join(" or ")}`;
  if (issue.code === "too_small" && issue.origin === "string") return "expected some text";
  return issue.message;
}

/** Undefined for what is not there, and for what every object has without being asked. */
function findValue(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

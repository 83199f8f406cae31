import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findDifference, isRecord } from "./answer-difference.ts";
import { withoutInside } from "./error-inside.ts";
import { ask, type RawRequest, type Session } from "./session.ts";
import { abbreviate, findRefusal, type Verdict } from "./verdict.ts";

interface Step {
  readonly query?: string;
  readonly variables?: unknown;
  readonly http?: RawRequest & { readonly type?: boolean };
  readonly host?: Partial<Record<"write" | "mkdir" | "link" | "remove" | "read" | "tree" | "names", string>> & {
    readonly contents?: string;
    readonly target?: string;
  };
  readonly parallel?: readonly Step[];
  readonly session?: string;
  readonly save?: Record<string, string>;
  readonly expect?: unknown;
}

/** One recorded case of the session API. */
export interface ApiCase {
  readonly name: string;
  readonly needs?: readonly string[];
  readonly steps: readonly Step[];
  readonly same?: readonly (readonly [string, string])[];
  readonly different?: readonly (readonly [string, string])[];
}

export interface ApiSurroundings {
  /** The session of this name, opened at its first use. */
  session(name: string): Promise<Session>;
  /** The sessions' working directory, with the fixtures in it. */
  readonly fixtures: string;
  readonly registry: string;
}

type Variables = Record<string, unknown>;

/** Runs all steps of a case and compares each answer with the recorded one. */
export async function checkApiCase(group: string, item: ApiCase, around: ApiSurroundings): Promise<Verdict> {
  const out = mkdtempSync(join(tmpdir(), "conformance-out-"));
  const run = `run${Date.now().toString(36)}${Math.random().toString(36).slice(2, 7)}`;
  const known = { FIXTURES: around.fixtures, OUT: out, REGISTRY: around.registry, RUN: run };
  const variables: Variables = { ...known };
  const problems: string[] = [];
  let refused: string | undefined;
  try {
    for (const [index, step] of item.steps.entries()) {
      const answer = await runStep(step, around, variables).catch((error: Error) => ({ broken: error.message }));
      refused ??= findRefusalIn(answer);
      const broken = isRecord(answer) && "broken" in answer ? String(answer["broken"]) : undefined;
      const problem =
        step.expect === undefined ? broken : findDifference(forPeople(fillIn(step.expect, known)), forPeople(answer));
      if (problem !== undefined) problems.push(`step ${index + 1}: ${problem}`);
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  for (const [a, b] of item.same ?? []) {
    if (variables[a] === undefined || variables[a] !== variables[b])
      problems.push(pair(a, b, "be the same", variables));
  }
  for (const [a, b] of item.different ?? []) {
    if (variables[a] === undefined || variables[b] === undefined || variables[a] === variables[b]) {
      problems.push(pair(a, b, "differ", variables));
    }
  }
  const name = item.name;
  if (problems[0] === undefined) return { group, name, state: "passed", problem: "" };
  if (refused !== undefined) return { group, name, state: "refused", problem: refused };
  return { group, name, state: "different", problem: problems[0] };
}

/** An answer whose error texts are without the engine's inside. */
function forPeople(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(forPeople);
  if (!isRecord(answer)) return answer;
  if (isRecord(answer["body"])) return { ...answer, body: forPeople(answer["body"]) };
  if (!Array.isArray(answer["errors"])) return answer;
  const errors = answer["errors"].map((error) =>
    isRecord(error) && typeof error["message"] === "string"
      ? { ...error, message: withoutInside(error["message"]) }
      : error,
  );
  return { ...answer, errors };
}

function pair(a: string, b: string, wish: string, variables: Variables): string {
  return `${a} and ${b} should ${wish}: ${abbreviate(variables[a])}, ${abbreviate(variables[b])}`;
}

async function runStep(step: Step, around: ApiSurroundings, variables: Variables): Promise<unknown> {
  if (step.parallel !== undefined) {
    return await Promise.all(step.parallel.map((one) => runStep(one, around, variables)));
  }
  if (step.query !== undefined) return await runQuery(step, step.query, around, variables);
  if (step.http !== undefined) return await runHttp(step, step.http, around, variables);
  return step.host === undefined ? undefined : runOnHost(fillIn(step.host, variables) as NonNullable<Step["host"]>);
}

async function runQuery(step: Step, query: string, around: ApiSurroundings, variables: Variables): Promise<unknown> {
  const session = await around.session(step.session ?? "first");
  const given = step.variables === undefined ? {} : { variables: fillIn(step.variables, variables) };
  const body = JSON.stringify({ query: fillIn(query, variables), ...given });
  const answer = await ask(session, { headers: { "content-type": "application/json" }, body });
  const json = parseJson(answer.body);
  if (json === undefined) throw new Error(`status ${answer.status}, not JSON: ${answer.body.slice(0, 300)}`);
  for (const [name, path] of Object.entries(step.save ?? {})) variables[name] = valueAt(json, path);
  return essence(json);
}

async function runHttp(
  step: Step,
  http: NonNullable<Step["http"]>,
  around: ApiSurroundings,
  variables: Variables,
): Promise<unknown> {
  const session = await around.session(step.session ?? "first");
  const answer = await ask(session, fillIn(http, variables) as RawRequest);
  const json = parseJson(answer.body);
  const body = isRecord(json) && json["errors"] !== undefined ? essence(json) : (json ?? answer.body);
  return { status: answer.status, ...(http.type === true ? { type: answer.type } : {}), body };
}

function runOnHost(host: NonNullable<Step["host"]>): unknown {
  if (host.write !== undefined) {
    mkdirSync(dirname(host.write), { recursive: true });
    writeFileSync(host.write, host.contents ?? "");
  }
  if (host.mkdir !== undefined) mkdirSync(host.mkdir, { recursive: true });
  if (host.link !== undefined) symlinkSync(host.target ?? "", host.link);
  if (host.remove !== undefined) rmSync(host.remove, { recursive: true, force: true });
  if (host.read !== undefined) return existsSync(host.read) ? readFileSync(host.read, "utf8") : null;
  if (host.names !== undefined) return existsSync(host.names) ? readdirSync(host.names).sort() : null;
  if (host.tree !== undefined) return existsSync(host.tree) ? listTree(host.tree, "") : null;
  return undefined;
}

function listTree(root: string, below: string): string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = below === "" ? name : `${below}/${name}`;
      const status = lstatSync(join(root, path));
      const mode = (status.mode & 0o7777).toString(8);
      if (status.isSymbolicLink()) return [`link ${path} -> ${readlinkSync(join(root, path))}`];
      if (status.isDirectory()) return [`dir ${mode} ${path}/`, ...listTree(root, path)];
      return [`file ${mode} ${path} ${status.size}`];
    });
}

/** What is compared of an answer: its data, or its errors without place, path and trace. */
function essence(answer: unknown): unknown {
  if (!isRecord(answer) || !Array.isArray(answer["errors"])) {
    return { data: isRecord(answer) ? answer["data"] : undefined };
  }
  return {
    errors: answer["errors"].map((error: Record<string, unknown>) => {
      const message = String(error["message"]).replace(/\s*\[traceparent:[^\]]*\]/g, "");
      const traces = ["traceparent", "tracestate", "baggage"];
      const extensions = Object.entries(error["extensions"] ?? {}).filter(([key]) => !traces.includes(key));
      return extensions.length === 0 ? { message } : { message, extensions: Object.fromEntries(extensions) };
    }),
  };
}

function findRefusalIn(answer: unknown): string | undefined {
  const text = JSON.stringify(answer) ?? "";
  if (!text.includes("UNSUPPORTED_FIELD") && findRefusal(text) === undefined) return undefined;
  const errors = isRecord(answer) && Array.isArray(answer["errors"]) ? answer["errors"] : [];
  const messages = errors.map((error) => String(error.message));
  return messages.find((message) => findRefusal(message) !== undefined) ?? messages[0] ?? findRefusal(text);
}

/** A value with its `${NAME}` replaced; names that are not known stay. */
function fillIn(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (all, name) =>
      name in variables ? String(variables[name]) : all,
    );
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, variables));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, variables)]));
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined), value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

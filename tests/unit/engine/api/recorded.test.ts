import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findDifference } from "../../../conformance/answer-difference.ts";
import { ask, makeGraph } from "./asked.ts";

interface RecordedStep {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly save?: Readonly<Record<string, string>>;
  readonly expect?: unknown;
}

interface RecordedCase {
  readonly name: string;
  readonly needs?: readonly string[];
  readonly steps: readonly RecordedStep[];
}

const ENV = JSON.parse(readFileSync("tests/conformance/golden/env.json", "utf8")) as Record<string, string>;

/** What needs a store: these cases are run by the conformance suite, over a whole session. */
const NEEDS_MORE = /\b(directory|file|host|asFile|moduleSource|changeset|setSecret|sync)\b/;

const recorded = suite("recorded answers");

let count = 0;
for (const group of ["json-value", "env-file", "module", "protocol"]) {
  const cases = JSON.parse(
    readFileSync(`tests/conformance/golden/api/${group}.json`, "utf8"),
  ) as readonly RecordedCase[];
  for (const item of cases) {
    if (item.steps.some((step) => step.query === undefined || NEEDS_MORE.test(step.query))) continue;
    count += 1;
    recorded(`${group}: ${item.name}`, () => checkCase(item));
  }
}

async function checkCase(item: RecordedCase): Promise<void> {
  const graph = makeGraph(ENV);
  const saved: Record<string, string> = {};
  for (const step of item.steps) {
    const query = (step.query ?? "").replace(/\$\{(\w+)\}/g, (whole, name: string) => saved[name] ?? whole);
    const { body } = await ask(graph, query, step.variables);
    for (const [name, path] of Object.entries(step.save ?? {})) saved[name] = valueAt(body, path);
    const actual = body.errors === undefined ? { data: body.data } : { errors: body.errors };
    assert.is(findDifference(step.expect, actual), undefined);
  }
}

function valueAt(value: unknown, path: string): string {
  return path.split(".").reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], value) as string;
}

recorded("are as many as there were when this was written", () => {
  assert.ok(count >= 100, `only ${count} recorded cases are run`);
});

recorded.run();

import type { SessionEvent } from "../../engine/src/api/session.ts";
import type { Trace } from "../../engine/src/trace/trace.ts";
import { end, log, start, type Timed, traceOf } from "../unit/engine/trace/runs.ts";

type Outcome = (SessionEvent & { kind: "end" })["outcome"];

const TEST_LOG = `
\u001b[36m> shop@1.0.0 test\u001b[0m
> node --test

▶ prices
  ✔ are rounded to cents (1.2ms)
  \u001b[31m✖ have the discount of the day (3.4ms)\u001b[0m
▶ prices (12.8ms)

  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

  \u001b[32m90\u001b[0m !== \u001b[31m100\u001b[0m

      at TestContext.<anonymous> (file:///src/prices.test.ts:24:10)
      at Test.runInAsyncScope (node:async_hooks:214:14)
`;

function step(id: string, name: string, more: Partial<SessionEvent & { kind: "start" }> = {}): SessionEvent {
  return start(id, name, { key: `${id}0123456789abcdef`, ...more });
}

function checks(isFailed: boolean): readonly Timed[] {
  const changed = isFailed ? "2" : "1";
  const source = (name: string, digest: string) => ({ name, digest });
  const outcome: Outcome = isFailed ? "failed" : "done";
  return [
    [
      60,
      step("top", "Shop.test", {
        inputs: [source("the code of module shop", "1"), source("argument source", changed)],
      }),
    ],
    [140, step("lint", "Shop.lint", { parent: "top" })],
    [1, step("unit", "Shop.unit", { parent: "top" })],
    [1, step("image", "Shop.image", { parent: "top" })],
    [5, step("ci", "withExec npm ci --ignore-scripts --no-audit --no-fund", { parent: "unit" })],
    [2, end("ci", isFailed ? "cached" : "done")],
    [20, step("biome", "withExec node_modules/.bin/biome ci --error-on-warnings", { parent: "lint" })],
    [40, log("biome", "Checked 438 files in 321ms. No fixes applied.\n")],
    [900, end("biome")],
    [1, end("lint")],
    [
      10,
      step("tests", "withExec npm test", {
        parent: "unit",
        key: `tests-${changed}`,
        inputs: [
          source("the command", "1"),
          source("withMountedDirectory /src", changed),
          source("the exec before: npm ci", "1"),
        ],
      }),
    ],
    [300, log("tests", TEST_LOG)],
    [
      10,
      step(
        "build",
        "withExec docker build . --a-name-that-is-much-longer-than-there-is-room-for=/on/the/screen/of/a/telephone",
        { parent: "image" },
      ),
    ],
    [1800, end("tests", outcome)],
    [2, end("unit", outcome)],
    ...(isFailed
      ? []
      : ([
          [700, end("build")],
          [5, end("image")],
        ] as const)),
    [1, end("top", outcome)],
    [
      1,
      { kind: "note", text: "docker.io does not answer: node:24 is made by a recipe (Debian bookworm, Node 24.13.1)" },
    ],
  ];
}

/** A run of a few steps that failed, and the one before it, which did not. */
export function failedRun(): { readonly now: Trace; readonly before: Trace } {
  const error = 'process "npm test" did not complete successfully: exit code: 1';
  const now = traceOf(checks(true), {
    outcome: "failed",
    exitCode: 1,
    error,
    command: ["call", "test", "--trace", "run.html"],
  });
  const before = { ...traceOf(checks(false)), startedAt: "2026-11-28T10:02:41.000Z" };
  const changed = {
    first: [
      { path: "src/prices.ts", how: "changed" as const },
      { path: "src/discount.ts", how: "new" as const },
    ],
    more: 0,
  };
  const steps = now.steps.map((one) => ({
    ...one,
    ...(one.inputs === undefined
      ? {}
      : { inputs: one.inputs.map((input) => (/source|\/src/.test(input.name) ? { ...input, changed } : input)) }),
  }));
  return { now: { ...now, steps, comparedWith: before.startedAt }, before };
}

/** 5,000 steps that print 50 MB together, of which one fails at the end. */
export function bigRun(): Trace {
  const line = `${"a line of a log that says what it did ".repeat(3).trimEnd()}\n`;
  const printed = line.repeat(Math.ceil(50_000_000 / 4_900 / line.length));
  const steps = Array.from({ length: 4_900 }, (_, nth): readonly Timed[] => [
    [1, step(`s${nth}`, `withExec make part-${nth}`, { parent: `f${nth % 99}` })],
    [1, log(`s${nth}`, nth === 4_899 ? "part-4899: no rule to make it\n" : printed)],
    [1, end(`s${nth}`, nth === 4_899 ? "failed" : nth % 3 === 0 ? "cached" : "done")],
  ]);
  const functions = Array.from(
    { length: 99 },
    (_, nth) => [1, step(`f${nth}`, `Shop.part${nth}`, { parent: "top" })] as const,
  );
  const ended = functions.map(
    ([, event], nth) =>
      [1, end((event as SessionEvent & { kind: "start" }).id, nth === 4_899 % 99 ? "failed" : "done")] as const,
  );
  return traceOf([[1, step("top", "Shop.all")], ...functions, ...steps.flat(), ...ended, [1, end("top", "failed")]], {
    outcome: "failed",
    exitCode: 2,
    error: "exit code: 2",
  });
}

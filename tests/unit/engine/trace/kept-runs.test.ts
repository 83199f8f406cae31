import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { workOf } from "../../../../engine/src/trace/command-words.ts";
import { keepRun, keptRuns, runBefore } from "../../../../engine/src/trace/kept-runs.ts";
import type { Trace } from "../../../../engine/src/trace/trace.ts";
import { start, traceOf } from "./runs.ts";

const kept = suite("the last runs");

let store = "";

kept.before.each(() => {
  store = mkdtempSync(join(tmpdir(), "slipway-runs-"));
});

kept.after.each(() => rmSync(store, { recursive: true, force: true }));

const BASE = traceOf([[1, start("a", "Shop.test")]]);

const run = (nth: number, more: Partial<Trace> = {}): Trace => ({
  ...BASE,
  startedAt: `2026-11-28T11:17:${String(nth).padStart(2, "0")}.000Z`,
  ...more,
});

const started = (): readonly string[] => [...keptRuns(store)].map(({ startedAt }) => startedAt);

kept("are ten, the newest first, whole", () => {
  for (let nth = 0; nth < 13; nth++) keepRun(store, run(nth));
  assert.equal(
    started(),
    Array.from({ length: 10 }, (_, place) => run(12 - place).startedAt),
  );
  assert.equal([...keptRuns(store)][0], run(12));
  assert.is(readdirSync(join(store, "traces")).length, 10);
});

kept("are for nobody else's eyes", () => {
  keepRun(store, run(1));
  assert.is(statSync(join(store, "traces")).mode & 0o777, 0o700);
});

kept("two that began at the same moment are two", () => {
  keepRun(store, run(1));
  keepRun(store, run(1));
  assert.is(started().length, 2);
});

kept("a damaged one, one of another program and what is none are passed over", () => {
  keepRun(store, run(1));
  keepRun(store, { ...run(3), format: 99 } as unknown as Trace);
  const traces = join(store, "traces");
  writeFileSync(join(traces, "2026-11-28T11-17-04-000Z-x.json"), "slipway-record-1 wrong\n{}");
  writeFileSync(join(traces, "2026-11-28T11-17-05-000Z-x.json"), "");
  mkdirSync(join(traces, "2026-11-28T11-17-06-000Z-x.json"));
  writeFileSync(join(traces, "notes.txt"), "mine");
  assert.equal(started(), [run(1).startedAt]);
});

kept("there are none in a store without any", () => {
  assert.equal(started(), []);
});

kept("the run before is the newest earlier one of the same work in the same folder", () => {
  const runs = [
    run(9),
    run(8, { folder: "/other" }),
    run(7, { command: ["call", "build"] }),
    run(6, { command: ["call", "--progress=plain", "test", "-o", "x", "--trace", "run.html", "-vv"] }),
    run(5),
  ];
  assert.is(runBefore(run(9), runs)?.startedAt, run(6).startedAt);
  assert.is(runBefore(run(6), runs)?.startedAt, run(5).startedAt);
  assert.is(runBefore(run(5), runs), undefined);
});

kept("what a command does is not how it is shown", () => {
  const same = [
    ["call", "test"],
    ["call", "test", "--trace", "a.html"],
    ["call", "--trace=a.html", "test"],
    ["call", "-s", "test", "-o", "out", "--silent", "--progress", "plain", "-qv", "--json"],
  ];
  for (const words of same) assert.is(workOf(words), workOf(["call", "test"]), words.join(" "));
  const other = [
    ["call", "test", "--name", "a"],
    ["call", "test", "a.html"],
    ["call", "-m", "other", "test"],
    ["check", "test"],
  ];
  for (const words of other) assert.is.not(workOf(words), workOf(["call", "test"]), words.join(" "));
});

kept.run();

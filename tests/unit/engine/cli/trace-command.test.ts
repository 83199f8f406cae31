import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runMain } from "../../../../engine/src/cli/run-main.ts";
import { keepRun } from "../../../../engine/src/trace/kept-runs.ts";
import { end, start, traceOf } from "../trace/runs.ts";
import { fakeConsole } from "./fake-console.ts";

const trace = suite("slipway trace");

let folder = "";

trace.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-trace-"));
});

trace.after.each(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const console = fakeConsole({ cwd: folder, env: { SLIPWAY_STORE: join(folder, "store") } });
  const exit = await runMain(["trace", ...argv], console);
  return { exit, stdout: console.out(), stderr: console.err() };
}

function keepTwo(): void {
  const made = traceOf([
    [1, start("a", "Shop.test")],
    [2000, end("a")],
  ]);
  keepRun(join(folder, "store"), made);
  keepRun(join(folder, "store"), {
    ...made,
    startedAt: "2026-11-28T11:18:00.000Z",
    command: ["call", "say", "--text=two words"],
    outcome: "failed",
    exitCode: 7,
    error: "exit code: 7",
  });
}

trace("lists the runs that are kept, the newest as 1", async () => {
  keepTwo();
  assert.equal(await run(), {
    exit: 0,
    stdout: `   Started (UTC)        Took    Ended       Steps  Command
1  2026-11-28 11:18:00  2.01 s  failed (7)  1      slipway call say '--text=two words'
2  2026-11-28 11:17:09  2.01 s  succeeded   1      slipway call test
`,
    stderr: "",
  });
});

trace("says when none is kept", async () => {
  assert.equal(await run(), { exit: 0, stdout: "No runs are kept yet.\n", stderr: "" });
});

trace("compares with the run before, or with the one that is named", async () => {
  const store = join(folder, "store");
  const made = (second: number, outcome: "done" | "failed") => ({
    ...traceOf([
      [1, start("a", "Shop.test", { key: "k" })],
      [1000 * second, end("a", outcome)],
    ]),
    startedAt: `2026-11-28T11:17:0${second}.000Z`,
  });
  for (const [second, outcome] of [
    [1, "done"],
    [2, "failed"],
    [3, "done"],
  ] as const)
    keepRun(store, made(second, outcome));
  assert.match((await run("1")).stdout, ", before: 2.01 s,");
  assert.match((await run("1")).stdout, "It ran again: the previous run did not finish it.");
  assert.match((await run("1", "--with=3")).stdout, ", before: 1.01 s,");
  assert.match((await run("1", "--with", "3")).stdout, "It ran again although nothing changed");
  assert.is((await run("1", "--with=1")).stderr.split("\n")[0], "Error: a run cannot be compared with itself");
  assert.is((await run("1", "--with=9")).stderr.split("\n")[0], "Error: there is no run 9: 3 are kept");
  assert.is(
    (await run("1", "--with=x")).stderr.split("\n")[0],
    'Error: "x" is not the number of a run: 1 is the newest',
  );
  assert.is((await run("--with=1")).stderr.split("\n")[0], "Error: --with needs one run: name it, or give --last");
});

trace("shows one as a tree", async () => {
  keepTwo();
  const shown = `slipway call test
succeeded, 2.01 s, 2026-11-28 11:17:09 in /shop

✔ Shop.test 2.00 s
`;
  assert.equal(await run("2"), { exit: 0, stdout: shown, stderr: "" });
  assert.match((await run("--last")).stdout, "failed (7), 2.01 s");
  assert.is((await run("--last")).stdout, (await run("1")).stdout);
});

trace("writes the page of one", async () => {
  keepTwo();
  assert.equal(await run("2", "-o", "run.html"), {
    exit: 0,
    stdout: "",
    stderr: `Saved the page about the run to "${folder}/run.html".\n`,
  });
  assert.match(readFileSync(join(folder, "run.html"), "utf8"), "<code>slipway call test</code>");
});

const wrong: readonly [words: readonly string[], message: string][] = [
  [["3"], "there is no run 3: 2 are kept\n  to do: slipway trace lists them\n"],
  [["0"], "\"0\" is not the number of a run: 1 is the newest\nRun 'slipway trace --help' for usage.\n"],
  [["newest"], "\"newest\" is not the number of a run: 1 is the newest\nRun 'slipway trace --help' for usage.\n"],
  [["1", "2"], "name one run: a number, or --last\nRun 'slipway trace --help' for usage.\n"],
  [["--last", "2"], "name one run: a number, or --last\nRun 'slipway trace --help' for usage.\n"],
  [["-o", "x.html"], "-o needs one run: name it, or give --last\nRun 'slipway trace --help' for usage.\n"],
];

for (const [words, message] of wrong) {
  trace(`refuses ${words.join(" ")}`, async () => {
    keepTwo();
    assert.equal(await run(...words), { exit: 1, stdout: "", stderr: `Error: ${message}` });
  });
}

trace("refuses a file that cannot be written", async () => {
  keepTwo();
  const ran = await run("1", "-o", "missing/run.html");
  assert.is(ran.exit, 1);
  assert.match(ran.stderr, `Error: -o: ${folder}/missing/run.html cannot be written: no such file or directory\n`);
  assert.equal(await run("1", "-o", "/dev/full"), {
    exit: 1,
    stdout: "",
    stderr:
      "Error: /dev/full cannot be written: no space left on device\n  to do: name a file in a writable folder with enough space\n",
  });
});

trace.run();

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "./fake-console.ts";
import { argument, FakeEngine, fn, moduleOf, object } from "./fake-engine.ts";

const trace = suite("--trace");

let folder = "";

trace.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-trace-"));
});

trace.after.each(() => rmSync(folder, { recursive: true, force: true }));

function shop(): FakeEngine {
  const functions = [
    fn("line", "string"),
    fn("broken", "string"),
    fn("hang", "string"),
    fn("follow", "string", [argument("trace", "string")]),
    fn("leaks", "string", [argument("word", "string")]),
  ];
  return new FakeEngine(moduleOf("shop", [object("Shop", functions)]), {
    "Shop.line": () => "a line",
    "Shop.follow": ({ trace: given }) => `follows ${given}`,
    "Shop.leaks": ({ word }) => {
      throw new Error(`leaked ${word}`);
    },
    "Shop.hang": () => new Promise(() => {}),
    "Shop.broken": () => {
      throw new Error("it is broken");
    },
  });
}

const page = (name = "run.html"): string => readFileSync(join(folder, name), "utf8");

trace("writes a page about the run, and says where", async () => {
  const ran = await runCommand(shop(), ["call", "line", "--trace", "run.html"], { cwd: folder });
  assert.equal(ran, { exit: 0, stdout: "a line", stderr: `Saved the page about the run to "${folder}/run.html".\n` });
  assert.match(page(), "slipway call line --trace run.html");
  assert.match(page(), "Succeeded");
  assert.equal(readdirSync(folder), ["run.html"]);
});

trace("the page of a run that failed has its error and its exit code", async () => {
  const ran = await runCommand(shop(), ["call", "broken", "--trace=run.html"], { cwd: folder });
  assert.is(ran.exit, 1);
  assert.match(page(), "Failed with exit code 1");
  assert.match(page(), "it is broken");
});

trace("secrets are hidden in the words of the command and in the error", async () => {
  await runCommand(shop(), ["call", "leaks", "--word=a secret value", "--trace=run.html"], { cwd: folder });
  assert.not.match(page(), "a secret value");
  assert.match(page(), "leaked ***");
});

trace("what goes wrong before a function runs is on the page too", async () => {
  const ran = await runCommand(shop(), ["check", "--trace=run.html", "--no-such-flag"], { cwd: folder });
  assert.is(ran.exit, 1);
  assert.match(ran.stderr, `Saved the page about the run to "${folder}/run.html".`);
  assert.match(page(), "unknown flag: --no-such-flag");
});

const refused: readonly [what: string, file: string, words: string][] = [
  ["a folder that is not there", "missing/run.html", "no such file or directory"],
  ["a folder", ".", "it is a folder"],
  ["a file in a file", "file/run.html", "not a directory"],
];

for (const [what, file, words] of refused) {
  trace(`${what} is refused before anything runs`, async () => {
    writeFileSync(join(folder, "file"), "");
    const engine = shop();
    const ran = await runCommand(engine, ["call", "line", "--trace", file], { cwd: folder });
    assert.equal(ran, {
      exit: 1,
      stdout: "",
      stderr: `Error: --trace: ${join(folder, file)} cannot be written: ${words}\n  to do: name a file in an existing, writable folder\n`,
    });
    assert.equal(engine.taken, []);
  });
}

trace("without the name of a file it is refused", async () => {
  let message = "";
  await runCommand(shop(), ["call", "line", "--trace="], { cwd: folder }).catch((error: Error) => {
    message = error.message;
  });
  assert.is(message, 'invalid argument "" for "--trace" flag: give a file name, such as run.html');
});

trace("a function that has an argument of the name gets it", async () => {
  const ran = await runCommand(shop(), ["call", "follow", "--trace", "run.html"], { cwd: folder });
  assert.equal(ran, { exit: 0, stdout: "follows run.html", stderr: "" });
  assert.equal(readdirSync(folder), []);
});

trace("an older page is replaced, also behind a link", async () => {
  writeFileSync(join(folder, "old.html"), "old");
  symlinkSync("old.html", join(folder, "run.html"));
  await runCommand(shop(), ["call", "line", "--trace", "run.html"], { cwd: folder });
  assert.match(page("old.html"), "Succeeded");
  assert.equal(readdirSync(folder).sort(), ["old.html", "run.html"]);
});

trace("a page that cannot be written in the end is told, and the exit code stays", async () => {
  for (const [name, exit, ended] of [
    ["line", 0, "itself succeeded"],
    ["broken", 1, "itself failed"],
  ] as const) {
    const ran = await runCommand(shop(), ["call", name, "--trace", "/dev/full"], { cwd: folder });
    assert.is(ran.exit, exit);
    assert.match(
      ran.stderr,
      `Error: the page about the run cannot be written to /dev/full: no space left on device; the run ${ended}, and its exit code stays ${exit}\n`,
    );
  }
  assert.ok(existsSync("/dev/full"));
});

trace("--silent does not speak of it", async () => {
  const ran = await runCommand(shop(), ["call", "line", "-s", "--trace", "run.html"], { cwd: folder });
  assert.equal(ran, { exit: 0, stdout: "a line", stderr: "" });
  assert.match(page(), "Succeeded");
});

trace("whoever interrupts twice does not wait, and gets the page too", async () => {
  const engine = shop();
  let letGo: () => void = () => {};
  engine.close = () => new Promise((done) => (letGo = done));
  const exits: unknown[] = [];
  const { exit } = process;
  process.exit = ((code: unknown) => void exits.push(code)) as typeof exit;
  try {
    const running = runCommand(engine, ["call", "hang", "--trace", "run.html"], { cwd: folder });
    while (!engine.taken.some((field) => field.startsWith("Shop.hang"))) await new Promise(setImmediate);
    process.emit("SIGINT");
    await new Promise(setImmediate);
    assert.equal([readdirSync(folder), exits], [[], []]);
    process.emit("SIGINT");
    assert.match(page(), "Canceled with exit code 1");
    assert.equal(exits, [1]);
    letGo();
    const { exit: code, stderr } = await running;
    assert.is(code, 1);
    assert.ok(stderr.startsWith("Canceled.\nSaved the page about the run"), stderr);
  } finally {
    process.exit = exit;
  }
});

trace("whoever does not wait for a collector gets the page once", async () => {
  const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const exits: unknown[] = [];
  const [{ exit }, was] = [process, process.env[endpoint]];
  process.exit = ((code: unknown) => void exits.push(code)) as typeof exit;
  const collector = createServer((_, answer) => {
    process.emit("SIGINT");
    process.emit("SIGINT");
    answer.end();
  });
  await new Promise<void>((done) => collector.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  process.env[endpoint] = url;
  try {
    const ran = await runCommand(shop(), ["call", "line", "--trace", "run.html"], {
      cwd: folder,
      env: { [endpoint]: url },
    });
    assert.equal(exits, [1]);
    assert.equal(ran, { exit: 0, stdout: "a line", stderr: `Saved the page about the run to "${folder}/run.html".\n` });
  } finally {
    process.exit = exit;
    if (was === undefined) delete process.env[endpoint];
    else process.env[endpoint] = was;
    collector.close();
  }
});

trace("what a collector cannot be sent is told, and the exit code stays", async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  assert.equal(await runCommand(shop(), ["call", "line"], { cwd: folder, env }), {
    exit: 0,
    stdout: "a line",
    stderr:
      'the run was not sent to a collector: OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": use http/protobuf or http/json\n',
  });
});

trace.run();

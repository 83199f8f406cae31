import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Anchor } from "../../../engine/src/run/anchor.ts";
import { parentOf } from "../../../engine/src/run/run-host.ts";
import { childrenOf } from "../../../engine/src/run/signal.ts";
import { waitUntil } from "../../support/run-sandbox.ts";

const inside = suite("a program inside of the anchor");
let dir: string;
let anchor: Anchor;

inside.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-anchor-"));
  anchor = new Anchor();
});
inside.after.each(async () => {
  await anchor.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A program whose streams are files of a name. */
function program(name: string, args: readonly string[], more: { stdin?: string; groupLists?: readonly string[] } = {}) {
  const [stdout, stderr] = [join(dir, `${name}.out`), join(dir, `${name}.err`)];
  return { args, stdin: "/dev/null", stdout, stderr, groupLists: [], ...more };
}

const said = (name: string) => readFileSync(join(dir, name), "utf8");

inside("has its own streams, and ends with its own exit code", async () => {
  writeFileSync(join(dir, "input"), "given");
  const words = ["it's", "$HOME `id`", "two\nlines", ""];
  const one = await anchor.start(
    program("one", ["sh", "-c", 'cat; printf "<%s>" "$@"; exit 7', "sh", ...words], { stdin: join(dir, "input") }),
  );
  const two = await anchor.start(program("two", ["sh", "-c", "echo wrong >&2; kill -TERM $$"]));
  assert.equal(await Promise.all([one.exit, two.exit]), [7, 143]);
  assert.is(said("one.out"), `given${words.map((word) => `<${word}>`).join("")}`);
  assert.equal([said("two.out"), said("two.err")], ["", "wrong\n"]);
});

inside("has no other file open than one that this process starts itself", async () => {
  const listing = ["ls", "/proc/self/fd"];
  const { exit } = await anchor.start(program("files", listing));
  assert.is(await exit, 0);
  assert.is(said("files.out"), spawnSync("ls", listing.slice(1), { encoding: "utf8" }).stdout);
});

inside("is known by its number on this machine", async () => {
  const { pid = 0, exit } = await anchor.start(program("long", ["sleep", "60"]));
  await waitUntil("the program runs", async () => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n");
  process.kill(pid, "SIGTERM");
  assert.is(await exit, 143);
});

inside("that cannot have its streams or its groups does not run, and has no number", async () => {
  const withoutInput = program("input", ["touch", join(dir, "ran")], { stdin: join(dir, "missing") });
  const withoutGroup = program("group", ["touch", join(dir, "ran")], { groupLists: [join(dir, "missing/list")] });
  for (const given of [withoutInput, withoutGroup]) {
    const { pid, exit } = await anchor.start(given);
    assert.is(pid, undefined);
    assert.is.not(await exit, 0);
  }
  assert.not.ok(existsSync(join(dir, "ran")));
});

inside("writes its number into the lists of its groups", async () => {
  const list = join(dir, "list");
  const { exit } = await anchor.start(program("grouped", ["true"], { groupLists: [list] }));
  assert.is(await exit, 0);
  assert.is(said("list"), "0\n");
});

inside("leaves no process, whichever of many ends first", async () => {
  const { pid = 0, exit } = await anchor.start(program("last", ["sleep", "60"]));
  // Between them is the one that waits for it.
  const shell = Number(parentOf(Number(parentOf(pid))));
  const openFiles = () => readdirSync(`/proc/${shell}/fd`).length;
  const openBefore = openFiles();
  const ends = Array.from({ length: 20 }, async (_, index) => {
    const started = await anchor.start(program(`n${index}`, ["sh", "-c", `exit ${index}`]));
    return await started.exit;
  });
  assert.equal(
    await Promise.all(ends),
    ends.map((_, index) => index),
  );
  await waitUntil("only the one that runs is there", async () => childrenOf(shell).length === 1);
  assert.is(openFiles(), openBefore);
  process.kill(pid, "SIGKILL");
  assert.is(await exit, 137);
});

inside("is over when the anchor is", async () => {
  const { pid = 0, exit } = await anchor.start(program("killed", ["sleep", "60"]));
  await anchor.stop();
  assert.is(await exit, 137);
  await waitUntil("the program is gone", async () => !existsSync(`/proc/${pid}`));
  const refused = await anchor.start(program("late", ["true"])).then(
    () => "started",
    (error: Error) => error.message,
  );
  assert.match(
    refused,
    /^the process that keeps the engine's containers together has ended.*; start the command again$/,
  );
});

inside.run();

import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CommandResult } from "../../cluster/command.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");
/** What it gives takes 20 MiB. */
const SOURCE = `
import { dag, type Directory, func, object } from "@dagger.io/dagger";
@object() export class Probe {
  @func() big(name: string): Directory {
    return dag.directory().withNewFile(name, crypto.randomUUID().padEnd(20 * 2 ** 20, "."));
  }
}`;
const DAY_SECONDS = 24 * 60 * 60;

const limited = suite("a store with a limit");

let dir = "";
let store = "";

limited.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-limit-"));
  store = join(dir, "store");
  writeModule(join(dir, "probe"), "probe", SOURCE);
});

limited.after(() => rmSync(dir, { recursive: true, force: true }));

const env = { NO_COLOR: "1", SLIPWAY_STORE_LIMIT: "none" };

async function slipway(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return await runSlipway(join(dir, "probe"), args, { env: { ...env, SLIPWAY_STORE: store, ...more } });
}

/** What a name stands for: 36 characters. */
async function stampOf(name: string, limit = "none"): Promise<{ readonly stamp: string; readonly said: string }> {
  const args = ["call", "big", `--name=${name}`, "file", `--path=${name}`, "contents"];
  const { exitCode, stdout, stderr } = await slipway(args, { SLIPWAY_STORE_LIMIT: limit });
  assert.is(exitCode, 0, stderr);
  return { stamp: stdout.slice(0, 36), said: stderr };
}

function records(): readonly string[] {
  return readdirSync(join(store, "results"), { recursive: true, encoding: "utf8" })
    .map((name) => join(store, "results", name))
    .filter((path) => statSync(path).isFile());
}

/** Makes something, and lets it be unused for a day. */
async function makeUnused(name: string): Promise<string> {
  const before = new Set(existsSync(join(store, "results")) ? records() : []);
  const { stamp } = await stampOf(name);
  const then = Date.now() / 1000 - DAY_SECONDS;
  for (const path of records()) if (!before.has(path)) utimesSync(path, then, then);
  return stamp;
}

/** Without what a process of the lowest priority is removing. */
async function mibOfStore(): Promise<number> {
  const { stdout } = await slipway(["store"]);
  const total = Number(/: (\d+(?:\.\d+)?) MiB \(no limit\)/.exec(stdout)?.[1]);
  return total - Number(/discarded, and being removed +(\d+(?:\.\d+)?) MiB/.exec(stdout)?.[1] ?? 0);
}

limited("gives up what was not used for longest, and keeps the rest, when it is told to", async () => {
  const first = await stampOf("first");
  const unused = await makeUnused("unused");
  const last = await stampOf("last");
  const keep = Math.floor(await mibOfStore()) - 5;
  const pruned = await slipway(["store", "prune", `--keep=${keep}m`]);
  assert.is(pruned.exitCode, 0, pruned.stderr);
  assert.match(pruned.stdout, /^Freed 20\.\d MiB\.\n\n/);
  const rest = await mibOfStore();
  assert.equal([(await stampOf("first")).stamp, (await stampOf("last")).stamp], [first.stamp, last.stamp]);
  assert.ok((await mibOfStore()) - rest < 1, "nothing was made anew");
  assert.is((await stampOf("unused")).stamp, unused);
  assert.ok((await mibOfStore()) - rest > 19, "the layer was made anew");
  assert.not(existsSync(join(store, "trash")));
});

limited("keeps itself within it at the end of a command, and says what it gave up", async () => {
  await makeUnused("old");
  const total = await mibOfStore();
  const { stamp, said } = await stampOf("new", `${Math.floor(total) + 5}m`);
  assert.match(
    said,
    /^the store removed (\d+\.\d|\d+) MiB that was not used for the longest time: (\d+\.\d|\d+) MiB were used, and (\d+\.\d|\d+) MiB is the limit \(SLIPWAY_STORE_LIMIT\)$/m,
  );
  assert.ok((await mibOfStore()) < total);
  assert.is((await stampOf("new")).stamp, stamp);
});

/** Something large that no command of this test has made: what a program left in a cache volume, say. */
function writeOld(...names: readonly string[]): string {
  const path = join(store, ...names);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, Buffer.alloc(30 * 2 ** 20, "."));
  const then = Date.now() / 1000 - DAY_SECONDS;
  for (const one of [path, join(path, "../..")]) utimesSync(one, then, then);
  return path;
}

limited("counts cache volumes and blobs, too, when it keeps itself within it", async () => {
  const total = await mibOfStore();
  const volume = writeOld("volumes", "left-by-a-program", "data", "large");
  const { said } = await stampOf("beside-a-volume", `${Math.floor(total) + 25}m`);
  assert.match(said, /^the store removed [\d.]+ MiB that was not used for the longest time/m);
  assert.not(existsSync(volume));
});

limited("says of each kind what it takes, and the sum is what du says", async () => {
  await slipway(["store", "prune", "--keep=1g"]);
  writeOld("volumes", "left-by-a-program", "data", "large");
  writeOld("images", "blobs", "sha256", "0".repeat(64));
  const { stdout } = await slipway(["store"]);
  assert.match(stdout, /^ {2}cache volumes +1 +30(\.0)? MiB$/m);
  assert.match(stdout, /^ {2}images, and layers packed for registries +1 +30(\.0)? MiB$/m);
  assert.match(stdout, /^ {2}of the engine itself +[\d.]+ [KM]iB$/m);
  const du = await execa("du", ["--summarize", "--block-size=1", store]);
  const mib = Number(du.stdout.split("\t")[0]) / 2 ** 20;
  const said = await mibOfStore();
  assert.ok(Math.abs(said - mib) / mib < 0.03, `${said} MiB are told, and du says ${mib}`);
});

/** Whose processes have other numbers outside of it. */
const CONTAINER = ["unshare", "--pid", "--fork", "--mount", "--mount-proc"];

for (const [where, around] of [
  ["", []],
  [" in another container", CONTAINER],
] as const)
  limited(`gives up nothing while another command runs${where}`, async () => {
    const [program = "", ...words] = [...around, SLIPWAY, "run", "sh", "-c", "echo ready; read line"];
    const running = execa(program, words, {
      cwd: join(dir, "probe"),
      env: { ...env, SLIPWAY_STORE: store },
      reject: false,
    });
    try {
      await once(running.stdout, "data");
      const before = await mibOfStore();
      const refused = await slipway(["store", "prune", "--keep=0"]);
      assert.is(refused.exitCode, 1);
      assert.is(
        refused.stderr.trim(),
        "Error: the store is in use: another command is running\n  to do: wait for it to end, then prune again",
      );
      const { said } = await stampOf("beside", "1m");
      assert.not.match(said, "given up");
      const after = await mibOfStore();
      // Its own notes may become smaller; what prune gives up are layers of more than that.
      assert.ok(after > before - 1, `${after} MiB of ${before}`);
    } finally {
      running.stdin.end("\n");
      await running;
    }
    assert.is((await slipway(["store", "prune", "--keep=0"])).exitCode, 0);
    const { stdout } = await slipway(["store"]);
    assert.equal(
      stdout.match(/^ {2}.*? {2,}\d+ +.*$/gm)?.filter((row) => !/ 0 +0 B$/.test(row)),
      [],
    );
  });

limited("refuses a limit that is no size before anything runs", async () => {
  const { exitCode, stderr } = await slipway(["call", "big", "--name=x", "entries"], { SLIPWAY_STORE_LIMIT: "big" });
  assert.is(exitCode, 1);
  assert.match(stderr, 'Error: SLIPWAY_STORE_LIMIT is "big": write a size such as 8g, or none');
});

limited.run();

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runSlipway } from "../../support/run-slipway.ts";

const quiet = suite("a TAB");
const folder = mkdtempSync(join(tmpdir(), "completion-quiet-"));
// Rings are known from the last time that the module was loaded.
quiet.before(async () => {
  await runSlipway(".", ["functions"]);
});
quiet.after(() => rmSync(folder, { recursive: true, force: true }));

quiet("starts nothing but Node, opens no connection, and makes no namespace and no mount", () => {
  const log = join(folder, "calls");
  const traced = "trace=execve,connect,unshare,setns,mount,bind";
  const words = [resolve("slipway"), "__complete", "call", "deploy", "--ring", ""];
  const ran = spawnSync("strace", ["-f", "-qq", "-s", "200", "-e", traced, "-o", log, ...words], { encoding: "utf8" });
  assert.equal([ran.status, ran.stderr], [0, ""]);
  assert.match(ran.stdout, "canary\t");
  const calls = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => / = 0$/.test(line));
  const started = calls.flatMap((line) => /execve\("([^"]+)"/.exec(line)?.[1] ?? []);
  assert.equal([...new Set(started.map((path) => basename(path)))].sort(), ["node", "slipway"]);
  assert.equal(
    calls.filter((line) => !line.includes("execve(")),
    [],
  );
});

quiet("offers the files of the folder where a flag takes one", async () => {
  const { stdout } = await runSlipway(".", ["__complete", "call", "deploy", "--release", ""]);
  assert.ok(stdout.startsWith("files\n"), stdout);
});

quiet("sets nothing up, and says nothing where nothing was set up", async () => {
  const bare = join(folder, "bare");
  mkdirSync(join(bare, "engine"), { recursive: true });
  copyFileSync("slipway", join(bare, "slipway"));
  writeFileSync(join(bare, "engine/build.mjs"), "throw new Error()");
  const ran = spawnSync("sh", [join(bare, "slipway"), "__complete", "call", ""], { encoding: "utf8" });
  assert.equal([ran.status, ran.stdout, ran.stderr], [0, "", ""]);
});

quiet("says nothing of a store, a module or settings that are broken", async () => {
  const broken = join(folder, "broken");
  mkdirSync(join(broken, ".git"), { recursive: true });
  writeFileSync(join(broken, "slipway.yaml"), "rings: [");
  writeFileSync(join(broken, "dagger.json"), "{");
  writeFileSync(join(folder, "store"), "a file");
  for (const line of [
    ["call", ""],
    ["call", "deploy", "--ring", ""],
    ["core", "cont"],
    ["trace", ""],
    ["check", ""],
  ]) {
    const env = { SLIPWAY_STORE: join(folder, "store"), SLIPWAY_OFFLINE: "perhaps" };
    const { exitCode, stderr } = await runSlipway(broken, ["__complete", ...line], { env });
    assert.equal([exitCode, stderr], [0, ""], line.join(" "));
  }
});

quiet.run();

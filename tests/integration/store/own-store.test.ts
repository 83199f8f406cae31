import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CommandResult } from "../../cluster/command.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";

/** Answers with another number whenever it really runs. */
const SOURCE = `
import { argument, type Changeset, dag, type Directory, func, object, type Workspace } from "@dagger.io/dagger";
const files = async (directory: Directory): Promise<string> =>
  (await directory.glob("**")).filter((path) => !/[.]git\\/|^ci|json$/.test(path)).join(" ");
@object() export class Probe {
  @func() async list(given: Directory, workspace: Workspace, @argument({ defaultPath: "/" }) ofModule: Directory): Promise<string> {
    const built = given.dockerBuild().rootfs();
    const listed = [given, ofModule, workspace.directory("/"), built].map(files);
    return [...(await Promise.all(listed)), Math.random()].join("\\n");
  }
  @func() without(@argument({ defaultPath: "/" }) given: Directory): Changeset {
    return given.withoutDirectory("sub").changes(given);
  }
  @func() written(): Directory { return dag.directory().withNewFile("new", "x"); }
}`;

const own = suite("a store in the repository of the command");

let repository = "";

own.before(() => {
  repository = mkdtempSync(join(tmpdir(), "slipway-own-store-"));
  writeModule(repository, "probe", SOURCE, { Dockerfile: "FROM scratch\nCOPY . /\n", "sub/file": "x" });
  execFileSync("git", ["init", "--quiet", repository]);
  const [kept, shown] = [join(repository, "sub/.store"), join(repository, "shown")];
  for (const folder of [kept, shown]) mkdirSync(folder);
  execFileSync("mount", ["--bind", kept, shown]);
});

own.after(() => {
  execFileSync("umount", [join(repository, "shown")]);
  rmSync(repository, { recursive: true, force: true });
});

async function slipway(...words: readonly string[]): Promise<CommandResult> {
  return await runSlipway(repository, words, { env: { SLIPWAY_STORE: join(repository, "sub/.store") } });
}

async function ok(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await slipway(...words);
  assert.is(exitCode, 0, stderr);
  return stdout;
}

own("is no part of it, where it is mounted again neither, and what it holds makes no call run again", async () => {
  const first = await ok("call", "list", "--given=.");
  const [given = "", ...others] = first.trim().split("\n").slice(0, -1);
  assert.match(given, /^(\.git\/? )?Dockerfile sub\/? sub\/file$/);
  assert.equal(new Set(others), new Set([given]));
  assert.is(await ok("call", "list", "--given=."), first);
});

own("gives no key for a secret", async () => {
  const uri = `file://${join(repository, "sub/.store/id-key")}`;
  const { exitCode, stderr } = await slipway("core", "secret", `--uri=${uri}`, "plaintext");
  assert.is(exitCode, 1, stderr);
  assert.match(
    stderr,
    /failed to read secret file "\S+id-key": open \S+: no such file or directory: it belongs to the/,
  );
});

own("is not wiped by an export, nor is the folder that it is in", async () => {
  const { exitCode, stderr } = await slipway("call", "written", "export", "--path=.", "--wipe");
  assert.is(exitCode, 1, stderr);
  assert.match(stderr, /is not wiped: the engine's store is in it\n {2}to do: /);
  assert.equal(readdirSync(join(repository, "sub")), [".store", "file"]);
  await ok("call", "written", "export", "--path=sub/out", "--wipe");
});

own("is not taken away by changes, with the folder that it is in", async () => {
  const { exitCode, stderr } = await slipway("call", "without", "export", "--path=.");
  assert.is(exitCode, 1, stderr);
  assert.match(stderr, /sub is not removed: the engine's store is in it\n {2}to do: /);
  assert.ok(readdirSync(join(repository, "sub")).includes(".store"));
});

own.run();

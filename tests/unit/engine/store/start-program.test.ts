import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { messageOf } from "../../../../engine/src/cli/errors.ts";
import { decompressorOf } from "../../../../engine/src/image/compression.ts";
import { packLayer } from "../../../../engine/src/image/pack.ts";
import { parseReference } from "../../../../engine/src/image/reference.ts";
import { findLogin } from "../../../../engine/src/image/registry/credentials.ts";
import { lockFile, runTool } from "../../../../engine/src/image/sandbox.ts";
import { unpackArchive } from "../../../../engine/src/image/unpack.ts";
import { runCommand } from "../../../../engine/src/run/command.ts";
import { runGit, runGitSync } from "../../../../engine/src/store/git-run.ts";
import { runByShell } from "../../../../engine/src/store/helper-shell.ts";
import { runProgram } from "../../../../engine/src/store/start-program.ts";
import { withVariables } from "../../../support/with-variables.ts";

/** Files that may be open; so many of them are left: enough to read a file, and too few for the pipes of a program. */
const [LIMIT, LEFT] = [256, 3];

const few = suite("where too many files are open, a program that cannot be started");
let dir = "";
let archive = Buffer.alloc(0);

few.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-few-"));
  for (const name of ["tree", "out"]) mkdirSync(join(dir, name));
  writeFileSync(join(dir, "tree/file"), "content");
  archive = await buffer(packLayer(join(dir, "tree")));
  // Any program that answers what a helper answers.
  const helper = join(dir, "docker-credential-few");
  writeFileSync(helper, `#!/bin/sh\necho '{"Username":"me","Secret":"s"}'\n`, { mode: 0o755 });
  writeFileSync(join(dir, "auth.json"), JSON.stringify({ credHelpers: { "r.io": "few" } }));
});
few.after(() => rmSync(dir, { recursive: true, force: true }));

/** Works with nearly all files open that may be. */
async function withFewFiles<T>(work: () => Promise<T>): Promise<T> {
  const soft = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? "";
  allow(String(LIMIT));
  const open: number[] = [];
  try {
    assert.throws(() => {
      for (;;) open.push(openSync("/dev/null", "r"));
    }, /EMFILE/);
    for (const fd of open.splice(0, LEFT)) closeSync(fd);
    return await work();
  } finally {
    for (const fd of open) closeSync(fd);
    allow(soft);
  }
}

function allow(files: string): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(process.pid), `--nofile=${files}:`]);
  assert.is(status, 0, String(stderr));
}

const programs: readonly (readonly [program: string, what: string, work: () => Promise<unknown>])[] = [
  ["git", "git", () => runGit(dir, ["version"])],
  ["git", "git for what is needed at once", async () => runGitSync(dir, ["version"])],
  ["true", "a program of the network", () => runCommand(["true"])],
  ["sh", "the shell for mounts", askNewShell],
  ["setpriv", "a tool of recipes", () => runTool(["true"])],
  ["flock", "the lock of an image", async () => await (await lockFile(join(dir, "lock")))()],
  ["tar", "tar for a layer", () => buffer(packLayer(join(dir, "tree")))],
  ["tar", "tar for an archive", () => unpackArchive(Readable.from([archive]), join(dir, "out"))],
  ["docker-credential-few", "the helper that keeps passwords", askHelper],
];

async function askHelper(): Promise<void> {
  const variables = { PATH: `${dir}:${process.env["PATH"]}`, REGISTRY_AUTH_FILE: join(dir, "auth.json") };
  const login = await withVariables(variables, () => findLogin(parseReference("r.io/a:1"), []));
  assert.is(login?.username, "me");
}

/** By a shell that is started for it. */
async function askNewShell(): Promise<void> {
  await runByShell("mounts", ["sh", "-c", "kill -KILL $PPID"]).catch(() => undefined);
  await runByShell("mounts", ["true"]);
}

for (const [program, what, work] of programs) {
  few(`is told with what to do, and works afterwards: ${what}`, async () => {
    const said = await withFewFiles(() => work().then(() => "", messageOf));
    assert.match(said, new RegExp(`too many files are open.*: spawn(Sync)? ${program} E[MN]FILE\n`));
    assert.ok(
      said.endsWith("  to do: allow this user to open more files (ulimit -n 4096), or end other programs"),
      said,
    );
    await work();
  });
}

few("is told where it takes an archive apart", async () => {
  if (spawnSync("xz", ["--version"]).status !== 0) return console.log("NOT TESTED: xz is not installed");
  const bytes = spawnSync("xz", ["--stdout"], { input: "content" }).stdout;
  const unpacked = async (): Promise<string> => {
    const stream = decompressorOf(bytes);
    stream?.end(bytes);
    return stream === undefined ? "" : (await buffer(stream)).toString("utf8");
  };
  const said = await withFewFiles(() => unpacked().catch(messageOf));
  assert.match(said, /too many files are open.*: spawn xz EMFILE\n/);
  assert.is(await unpacked(), "content");
  return undefined;
});

few.run();

const run = suite("a program with a time limit");

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

run("is ended after it, and leaves nothing that keeps the process", async () => {
  const before = timers();
  assert.is((await runProgram(["sleep", "60"], { timeout: 100 })).signal, "SIGTERM");
  assert.is(timers(), before);
});

run("that is not there or cannot be started leaves nothing either", async () => {
  const before = timers();
  const missing = await runProgram(["/no/such/program"], { timeout: 60_000 }).then(() => "", messageOf);
  assert.match(missing, "ENOENT");
  const tooMany = () => runProgram(["true"], { timeout: 60_000 }).then(() => "", messageOf);
  assert.match(await withFewFiles(tooMany), "EMFILE");
  assert.is(timers(), before);
});

run.run();

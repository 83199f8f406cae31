import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { listProcesses, readProcess } from "../../support/processes.ts";
import { waitUntil } from "../../support/run-sandbox.ts";
import { writeModule } from "../../support/served-module.ts";
import { whyNot } from "../module/probe.ts";

/** Has a service, a bridge, a volume, a secret in memory and an exec, and says `ready` when all of them are there. */
const SOURCE = `
import { dag, Directory, func, object } from "@dagger.io/dagger";
@object() export class Busy {
  @func({ cache: "never" }) async run(root: Directory, then: string): Promise<string> {
    const box = dag.container().withRootfs(root).withEnvVariable("NOW", String(Date.now()));
    const args = ["sh", "-c", "while true; do echo served | nc -l -p 80; done"];
    const service = box.withExposedPort(80).asService({ args });
    return await box.withServiceBinding("service", service).withMountedCache("/cache", dag.cacheVolume("busy"))
      .withMountedSecret("/secret", dag.setSecret("name", "a value of eight and more"))
      .withExec(["sh", "-c", "nc -w 5 service 80 </dev/null; echo ready; touch /cache/x; " + then]).stdout();
  }
}`;

const leftovers = suite("of a command nothing is left");
const problem = whyNot();
const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");
let dir = "";
let [store, temporary] = ["", ""];

leftovers.before(() => {
  if (problem !== undefined) return;
  dir = mkdtempSync(join(tmpdir(), "slipway-leftovers-"));
  [store, temporary] = [join(dir, "store"), join(dir, "tmp")];
  mkdirSync(temporary);
  makeBusyboxRoot(join(dir, "root"), ["sh", "echo", "nc", "sleep", "touch"]);
  writeModule(join(dir, "busy"), "busy", SOURCE);
});
leftovers.after(() => rmSync(dir, { recursive: true, force: true }));

const env = () => ({ ...process.env, SLIPWAY_STORE: store, TMPDIR: temporary, NO_COLOR: "1" });

function start(then: string): ChildProcess {
  const args = ["call", "--progress=plain", "run", "--root", join(dir, "root"), "--then", then];
  return spawn(SLIPWAY, args, { cwd: join(dir, "busy"), env: env(), stdio: ["ignore", "pipe", "pipe"] });
}

/** Processes of this machine that have to do with the test's folder, by what they run. */
function processes(): readonly string[] {
  return listProcesses()
    .filter((pid) => Number(pid) !== process.pid)
    .filter((pid) => ["cmdline", "environ", "mountinfo"].some((file) => readProcess(pid, file).includes(dir)))
    .map((pid) => `${pid} ${readProcess(pid, "cmdline").replaceAll("\0", " ")}`);
}

/** Control groups of an engine. */
function groupsOf(pid: number): string {
  return spawnSync("find", ["/sys/fs/cgroup", "-type", "d", "-name", `slipway-${pid}-*`], { encoding: "utf8" }).stdout;
}

const links = () => spawnSync("ip", ["-o", "link"], { encoding: "utf8" }).stdout.replace(/^\d+: /gm, "");
const namespaces = () => spawnSync("ip", ["netns"], { encoding: "utf8" }).stdout;
const mounts = () =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(dir));

/** What a run leaves in folders that are its own. */
function files(): readonly string[] {
  const own = ["run", "scratch", "images/tmp"].map((name) => join(store, name)).filter((path) => existsSync(path));
  return [...own, temporary].flatMap((path) => readdirSync(path).map((name) => join(path, name)));
}

async function ends(command: ChildProcess): Promise<number | null> {
  if (command.exitCode === null && command.signalCode === null) await once(command, "exit");
  return command.exitCode;
}

async function isReady(command: ChildProcess): Promise<void> {
  let said = "";
  command.stderr?.on("data", (part) => (said += part));
  await waitUntil("the exec runs", async () => /\| ready/.test(said), 60_000).catch((error: Error) => {
    throw new Error(`${error.message}\n${said}`);
  });
}

const before = { links: links(), namespaces: namespaces() };

async function looksClean(pid: number): Promise<void> {
  await waitUntil("its processes are gone", async () => processes().length === 0, 10_000).catch((error: Error) => {
    throw new Error(`${error.message}\n${processes().join("\n")}`);
  });
  assert.equal({ links: links(), namespaces: namespaces() }, before);
  assert.equal(mounts(), []);
  assert.is(groupsOf(pid), "");
}

leftovers("that has ended by itself: no process, mount, network, control group or file", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const command = start("true");
  assert.is(await ends(command), 0);
  await looksClean(command.pid ?? 0);
  assert.equal(files(), []);
  return undefined;
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  leftovers(`that was ended by ${signal} in the middle of an exec with a service`, async () => {
    if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
    const command = start("sleep 1000");
    await isReady(command);
    assert.ok(processes().length > 3, processes().join("\n"));
    command.kill(signal);
    await ends(command);
    await looksClean(command.pid ?? 0);
    assert.equal(files(), []);
    return undefined;
  });
}

leftovers("that was killed: nothing runs, and the next command takes its files and control groups away", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const command = start("sleep 1000");
  await isReady(command);
  command.kill("SIGKILL");
  await ends(command);
  await waitUntil("its processes are gone", async () => processes().length === 0, 10_000);
  assert.equal({ links: links(), namespaces: namespaces() }, before);
  assert.equal(mounts(), []);
  const next = start("true");
  assert.is(await ends(next), 0);
  for (const pid of [command.pid ?? 0, next.pid ?? 0]) await looksClean(pid);
  assert.equal(files(), []);
  return undefined;
});

leftovers.run();

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import { SessionServer } from "../../../engine/src/protocol/server.ts";
import { Store } from "../../../engine/src/store/store.ts";
import { RunSandbox, waitUntil } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";
import { programOf } from "./raw-call.ts";

/** What a container is kept from: the host's processes, the store, and what other commands of the same person run. */
const strangers = suite("from a container");
let mine: RunSandbox;
let others: RunSandbox;
let dir = "";
let hosts: ChildProcess;

strangers.before(async () => {
  mine = new RunSandbox();
  others = new RunSandbox();
  dir = mkdtempSync(join(tmpdir(), "slipway-strangers-"));
  hosts = spawn("sleep", ["600"], { env: { ...process.env, TOKEN: "of the host" } });
});
strangers.after(async () => {
  hosts.kill("SIGKILL");
  await mine.close();
  await others.close();
  rmSync(dir, { recursive: true, force: true });
});

strangers("no process of this machine is seen, signalled, looked into or traced", async () => {
  const pid = hosts.pid ?? 0;
  assert.match(readFileSync(`/proc/${pid}/environ`, "utf8"), "TOKEN=of the host");
  const look = `kill -0 ${pid}; kill -9 ${pid}; cat /proc/${pid}/environ; ls /proc/${pid}/root; cat /proc/${pid}/maps; true`;
  const { stdout, stderr } = await mine.run(["sh", "-c", look]);
  assert.is(stdout, "");
  assert.is(stderr.match(/No such (process|file or directory)/g)?.length, 5, stderr);
  const listed = await mine.run(["sh", "-c", "echo /proc/[0-9]*"]);
  // Its init and its shell.
  assert.match(listed.stdout, /^\/proc\/1 \/proc\/\d+\n$/);
  const ptrace = join(mine.rootDir, "bin/ptrace");
  writeFileSync(ptrace, programOf({ door: "x64", number: 101, args: [16, pid] }), { mode: 0o755 });
  // ESRCH: there is no such process.
  if (process.arch === "x64") assert.is((await mine.run(["/bin/ptrace"])).code, 3);
  assert.is(hosts.exitCode ?? hosts.signalCode, null);
});

strangers("no memory, semaphore or queue that processes of this machine share is there", async () => {
  const made = spawnSync("ipcmk", ["-M", "4096", "-S", "1", "-Q"], { encoding: "utf8" });
  assert.is(made.status, 0, made.stderr);
  try {
    const seen = await mine.run(["sh", "-c", "cat /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg"]);
    assert.is(seen.stdout.trim().split("\n").length, 3, seen.stdout);
  } finally {
    for (const line of made.stdout.trim().split("\n")) {
      const kind = /memory/.test(line) ? "-m" : /queue/.test(line) ? "-q" : "-s";
      spawnSync("ipcrm", [kind, /: (\d+)/.exec(line)?.[1] ?? ""]);
    }
  }
});

strangers("a file of this machine is not opened by its number (the way of the Shocker)", async () => {
  if (process.arch !== "x64") return console.log("NOT TESTED: the program is one for x86-64");
  const path = join(mine.rootDir, "bin/by-handle");
  writeFileSync(path, programOf({ door: "x64", number: 304, args: [3, "\x08", 0] }), { mode: 0o755 });
  assert.is((await mine.run(["/bin/by-handle"])).code, 1);
  return undefined;
});

strangers("the store and the run's own folder are named in mounts, and are not there", async () => {
  const { stdout } = await mine.run(["cat", "/proc/self/mountinfo"]);
  const roots = stdout.split("\n").map((line) => line.split(" ")[3] ?? "");
  const paths = [...stdout.matchAll(/\/[^\s,:=]+/g)].map(([path]) => path).concat(roots, mine.dir, mine.host.dir);
  const outside = [...new Set(paths)].filter((path) => path.includes(mine.dir) || path.includes("/engine-"));
  assert.ok(outside.length > 0, stdout);
  const places = outside.flatMap((path) => [path, `/proc/1/root${path}`, `/proc/self/cwd/../../../..${path}`]);
  const seen = await mine.run([
    "sh",
    "-c",
    'for path in "$@"; do ls -d "$path" 2>/dev/null; done; true',
    "sh",
    ...places,
  ]);
  assert.is(seen.stdout, "");
});

strangers("a service of another command does not answer, and this one's own do", async () => {
  const serving = ["sh", "-c", "echo; while true; do echo of others | nc -l -p 7777; done"];
  // The addresses of both are alike: the others' service gets one that none of ours has.
  const leases = await Promise.all([1, 2, 3, 4, 5, 6].map(() => others.network.lease("service")));
  const lease = leases.at(-1) as (typeof leases)[number];
  const container = await others.runtime.startContainer(others.spec(serving, lease));
  try {
    await once(container.stdout, "data");
    const ask = ["nc", "-w", "3", lease.address, "7777"];
    await waitUntil("it answers its own", async () => (await others.run(ask)).stdout === "of others\n");
    for (const address of leases.map((each) => each.address))
      assert.is((await mine.run(["nc", "-w", "2", address, "7777"])).stdout, "");
    const links = await mine.run(["sh", "-c", "ls /sys/class/net; cat /proc/net/arp"]);
    assert.not.match(links.stdout, lease.address);
  } finally {
    container.kill("SIGKILL");
    await container.exit;
    for (const each of leases) await each.release();
  }
});

strangers("a port of the session on this machine is not reached", async () => {
  const server = new SessionServer();
  const port = await server.listen();
  try {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const addresses = own.filter(({ family }) => family === "IPv4").map(({ address }) => address);
    for (const address of ["127.0.0.1", "10.87.0.1", ...addresses])
      assert.is((await mine.run(["nc", "-w", "2", address, String(port)])).stdout, "");
  } finally {
    await server.close();
  }
});

/** Another process of this machine that asks a session. */
async function ask(port: number, token: string, more: Readonly<Record<string, string>> = {}): Promise<number> {
  const headers = { authorization: `Basic ${Buffer.from(`${token}:`).toString("base64")}`, ...more };
  const body = JSON.stringify({ query: "{ version }" });
  const { status } = await fetch(`http://127.0.0.1:${port}/query`, { method: "POST", headers, body });
  return status;
}

strangers("the token of one session opens no other, nor does any that is like it", async () => {
  const sessions = await Promise.all(
    ["one", "two"].map((name) => openTestSession({ workdir: dir, storeDir: join(dir, name) })),
  );
  try {
    const opened = await Promise.all(
      sessions.map(async (open) => ({
        token: open.addClient({ graph: open.graph, catalogue: coreCatalogue }),
        port: await open.server.listen(),
      })),
    );
    const [one, two] = opened as [(typeof opened)[number], (typeof opened)[number]];
    const json = { "content-type": "application/json" };
    assert.is(await ask(one.port, one.token, json), 200);
    for (const token of [two.token, "", ":", `${one.token}x`, one.token.toUpperCase(), "*", "__proto__", "undefined"])
      assert.is(await ask(one.port, token, json), 401, token);
    assert.is(await ask(one.port, "", { ...json, authorization: `Bearer ${one.token}` }), 401);
    assert.is(await ask(one.port, "", { ...json, cookie: one.token, host: "localhost" }), 401);
  } finally {
    for (const open of sessions) await open.close();
  }
});

strangers(
  "another user of this machine looks into no part of the store, also of one that was open to all",
  async () => {
    const storeDir = join(dir, "open");
    for (const name of ["layers", "results", "images", "volumes"])
      mkdirSync(join(storeDir, name), { recursive: true, mode: 0o755 });
    writeFileSync(join(storeDir, "layers/su"), "");
    const open = await openTestSession({ workdir: dir, storeDir });
    await open.close();
    new Store(storeDir, join(storeDir, "scratch/x"));
    for (const name of readdirSync(storeDir)) {
      const { mode } = statSync(join(storeDir, name));
      const isPlain = ["namespaces", "room.json", "sizes.json"].includes(name);
      if (!isPlain) assert.is((mode & 0o077).toString(8), "0", name);
    }
  },
);

strangers.run();

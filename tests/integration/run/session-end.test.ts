import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ServiceRuns } from "../../../engine/src/api/service-runs.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { lockFile } from "../../../engine/src/image/sandbox.ts";
import type { ContainerSpec } from "../../../engine/src/run/container.ts";
import { askCore } from "../../support/core-query.ts";
import { RunSandbox, waitUntil } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";
import { untilWritten } from "../../support/written-file.ts";

/** What becomes of containers that still run when their session ends. */
const ending = suite("the end of a session");
const KILLED = "exit code: 137";
let sandbox: RunSandbox;
let storeDir: string;
let open: OpenSession;
let root: string;
let told: string[];
let begun: string[];

ending.before(() => {
  sandbox = new RunSandbox();
});
ending.after(async () => {
  await sandbox.close();
});
ending.before.each(async () => {
  storeDir = mkdtempSync(join(tmpdir(), "slipway-end-"));
  told = [];
  begun = [];
  open = await openTestSession({
    workdir: storeDir,
    storeDir,
    report: (event) => {
      if (event.kind === "note") told.push(event.text);
      if (event.kind === "start") begun.push(event.name);
    },
  });
  root = (await askCore(open, `{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`)).value;
});
ending.after.each(() => rmSync(storeDir, { recursive: true, force: true }));

/** A container that runs this in a shell, by one of the calls that do so. */
const container = (call: "withExec" | "asService", script: string, selection: string) =>
  `{container{withRootfs(directory:"${root}"){withExposedPort(port:80){${call}(args:["/bin/sh","-c",${JSON.stringify(script)}])${selection}}}}}`;

/** Closes the session, after which nothing may be left of its containers. */
async function close(): Promise<void> {
  await open.close();
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(storeDir));
  assert.equal(
    { mounted, scratch: readdirSync(join(storeDir, "scratch")), told },
    { mounted: [], scratch: [], told: [] },
  );
}

ending("takes away what an exec had that was under way", async () => {
  const running = askCore(open, container("withExec", "echo begun >/begun; sleep 1000", "{stdout}"));
  await untilWritten(storeDir, "begun");
  await close();
  assert.is((await running).problem?.message, KILLED);
});

ending("does not wait for a service that is not ready yet", async () => {
  const starting = askCore(open, container("asService", "echo begun >/begun; sleep 1000", "{start}"));
  await untilWritten(storeDir, "begun");
  await close();
  assert.is((await starting).problem?.message, KILLED);
});

ending("nor for one whose container comes up meanwhile", async () => {
  const services = open.session.services as ServiceRuns;
  const stopping = new Promise<void>((resolve) => {
    const closeServices = services.close.bind(services);
    services.close = () => {
      const closed = closeServices();
      resolve();
      return closed;
    };
  });
  const { start } = open.session;
  let hasEnded = false;
  const startLate = async (spec: ContainerSpec) => {
    const started = await start(spec);
    void close().then(() => {
      hasEnded = true;
    });
    await stopping;
    return started;
  };
  Object.assign(open.session, { start: startLate });
  const starting = askCore(open, container("asService", "sleep 1000", "{start}"));
  await waitUntil("the session has ended", async () => hasEnded);
  assert.is((await starting).problem?.message, KILLED);
});

ending("waits for a service that is being stopped", async () => {
  const stubborn = "trap 'echo told >/told' TERM; nc -ll -p 80 -e true & while true; do sleep 0.1; done";
  const { value: id } = await askCore(open, container("asService", stubborn, "{id}"));
  const call = async (field: string) => (await askCore(open, `{node(id:"${id}"){...on Service{${field}}}}`)).problem;
  assert.is(await call("start"), undefined);
  const stopped = call("stop");
  await untilWritten(storeDir, "told");
  await close();
  assert.is(await stopped, undefined);
});

ending("does not wait for an exec that waits for a volume which another process uses", async () => {
  const { value: volume } = await askCore(open, '{cacheVolume(key:"shared"){id}}');
  const exec = (script: string) =>
    `{container{withRootfs(directory:"${root}"){withMountedCache(path:"/c",cache:"${volume}",sharing:LOCKED){withExec(args:["/bin/sh","-c",${JSON.stringify(script)}]){stdout}}}}}`;
  assert.is((await askCore(open, exec("echo first"))).value, "first\n");
  const [home = ""] = readdirSync(join(storeDir, "volumes"));
  const unlock = await lockFile(join(storeDir, "volumes", home, "lock"));
  const waiting = askCore(open, exec("echo second"));
  await waitUntil("the second exec has begun", async () => begun.some((name) => name.includes("echo second")));
  let hasEnded = false;
  const closing = close().then(() => {
    hasEnded = true;
  });
  await waitUntil("the session has ended", async () => hasEnded, 5_000).finally(unlock);
  await closing;
  assert.match((await waiting).problem?.message ?? "it ran", /cannot lock/);
});

ending.run();

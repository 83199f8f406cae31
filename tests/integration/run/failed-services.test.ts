import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SessionEvent } from "../../../engine/src/api/session.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { waitUntil } from "../../cluster/wait.ts";
import { askCore } from "../../support/core-query.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";

const failed = suite("a service that cannot be used");
const folder = mkdtempSync(join(tmpdir(), "slipway-failed-services-"));
const events: SessionEvent[] = [];
let sandbox: RunSandbox;
let open: OpenSession;
let rootfs: string;

failed.before(async () => {
  sandbox = new RunSandbox();
  open = await openTestSession({ workdir: folder, storeDir: join(folder, "store"), report: (one) => events.push(one) });
  rootfs = (await askCore(open, `{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`)).value;
});
failed.after(async () => {
  await open?.close();
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A query for what `calls` make of a container. */
const inContainer = (calls: string) => `{container{withRootfs(directory:"${rootfs}"){${calls}}}}`;

/** The service that runs until it is stopped; each `name` is another one. */
const waiting = (name: string) => `asService(args:["/bin/sh","-c",": ${name}; exec sleep 600"])`;

/** How the step ended whose name has this in it; undefined while it goes on. */
function outcomeOf(name: string): string | undefined {
  const start = events.find((event) => event.kind === "start" && event.name.includes(name));
  if (start?.kind !== "start") return "it was never started";
  const end = events.find((event) => event.kind === "end" && event.id === start.id);
  return end?.kind === "end" ? end.outcome : undefined;
}

const untilEnded = async (name: string) => {
  await waitUntil(`${name} has ended`, 30_000, async () =>
    outcomeOf(name) === undefined ? `${name} goes on` : undefined,
  );
  return outcomeOf(name);
};

failed("is shown as failed when its container cannot be made", async () => {
  const { problem } = await askCore(open, inContainer(`withUser(name:"nobody-knows"){${waiting("unmade")}{start}}`));
  assert.match(problem?.message ?? "", /nobody-knows/);
  assert.is(outcomeOf("unmade"), "failed");
});

failed("is shown as failed when its check fails", async () => {
  const calls = `withDockerHealthcheck(args:["/bin/sh","-c","exit 1"],retries:1){${waiting("unhealthy")}{start}}`;
  const { problem } = await askCore(open, inContainer(calls));
  assert.match(problem?.message ?? "", /^health check errored: exit code: 1/);
  assert.is(outcomeOf("unhealthy"), "failed");
});

failed("lets go the service that it needs, and the one that it is a tunnel to", async () => {
  const needed = (await askCore(open, inContainer(`${waiting("needed")}{id}`))).value;
  const calls = `withServiceBinding(alias:"db",service:"${needed}"){withUser(name:"nobody-knows"){${waiting("needing")}{start}}}`;
  assert.match((await askCore(open, inContainer(calls))).problem?.message ?? "", /nobody-knows/);

  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const behind = (await askCore(open, inContainer(`${waiting("behind")}{id}`))).value;
  const ports = `[{backend:8080,frontend:0},{backend:8081,frontend:${port}}]`;
  const { problem } = await askCore(open, `{host{tunnel(service:"${behind}",ports:${ports}){start}}}`);
  taken.close();
  assert.match(problem?.message ?? "", /EADDRINUSE|address already in use/);

  assert.equal(await Promise.all([untilEnded("needed"), untilEnded("behind")]), ["done", "done"]);
});

failed.run();

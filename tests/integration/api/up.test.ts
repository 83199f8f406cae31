import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../engine/src/api/catalogue.ts";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { answer } from "../../../engine/src/protocol/query.ts";
import { findFreePort } from "../../support/registry.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";

// A real service in a container, asked at the ports of this machine.
const up = suite("a service that is up");
const dir = mkdtempSync(join(tmpdir(), "slipway-up-"));
const notes: string[] = [];
let sandbox: RunSandbox;
let open: OpenSession;

up.before(async () => {
  sandbox = new RunSandbox();
  const report = (event: { readonly kind: string; readonly text?: string }) => {
    // Others are of the machine, such as one without control groups.
    if (event.kind === "note" && event.text?.startsWith("tunnel ")) notes.push(event.text);
  };
  open = await openTestSession({ workdir: dir, storeDir: join(dir, "store"), report });
});
up.before.each(() => {
  notes.length = 0;
});
up.after(async () => {
  await open.close();
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
});

async function asked(query: string): Promise<unknown> {
  const { body } = await answer(open.graph, coreCatalogue(), { query });
  let value: unknown = body.errors === undefined ? body.data : { error: body.errors[0]?.message };
  while (typeof value === "object" && value !== null && !("error" in value)) value = Object.values(value)[0];
  return value;
}

/** The id of a service that answers on these ports, each with its number. */
async function serviceOn(...ports: readonly number[]): Promise<string> {
  const root = await asked(`{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`);
  const reply = (port: number) => `printf 'HTTP/1.0 200 OK\\r\\n\\r\\n${port}'`;
  const serving = ports.map((port) => `while true; do ${reply(port)} | nc -l -p ${port} >/dev/null; done &`);
  const args = JSON.stringify(["/bin/sh", "-c", `${serving.join(" ")} wait`]);
  const exposed = ports.map((port) => `withExposedPort(port:${port},experimentalSkipHealthcheck:true)`);
  const calls = [`withRootfs(directory:"${String(root)}")`, ...exposed, `asService(args:${args})`];
  return String(await asked(`{container{${calls.join("{")}{id}${"}".repeat(calls.length + 1)}`));
}

/** Serves it while `look` looks, and ends it. */
async function whileUp(service: string, args: string, look: () => Promise<void>): Promise<void> {
  const serving = asked(`{loadServiceFromID(id:"${service}"){up${args}}}`);
  try {
    await Promise.race([look(), serving.then((end) => assert.unreachable(`it ended: ${JSON.stringify(end)}`))]);
  } finally {
    await asked(`{loadServiceFromID(id:"${service}"){stop(kill:true)}}`);
    await serving;
  }
}

/** What is answered there, as soon as somebody does. */
async function answerAt(port: number): Promise<string> {
  let last = "";
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(50)) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}`)).text();
    } catch (error) {
      last = String(error);
    }
  }
  throw new Error(`nobody answers at port ${port}: ${last}`);
}

async function portsOfNotes(count: number): Promise<readonly string[]> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && notes.length < count; ) await delay(50);
  return notes.map((note) => note.replace(/ -> .*:/, " -> "));
}

up("is reached at the ports that it exposes", async () => {
  const port = await findFreePort();
  await whileUp(await serviceOn(port), "", async () => {
    assert.is(await answerAt(port), String(port));
    assert.equal(await portsOfNotes(1), [`tunnel started: 127.0.0.1:${port} -> ${port}`]);
  });
});

up("is reached at the ports that are given, and at no other ones", async () => {
  const [frontend, other] = [await findFreePort(), await findFreePort()];
  const ports = `(ports:[{frontend:${frontend},backend:8081}])`;
  await whileUp(await serviceOn(other, 8081), ports, async () => {
    assert.is(await answerAt(frontend), "8081");
    assert.equal(await portsOfNotes(1), [`tunnel started: 127.0.0.1:${frontend} -> 8081`]);
    await fetch(`http://127.0.0.1:${other}`).then(
      () => assert.unreachable("an exposed port is open beside those that are given"),
      () => undefined,
    );
  });
});

up("is reached at free ports when they are to be random", async () => {
  await whileUp(await serviceOn(8082, 8083), "(random:true)", async () => {
    const told = await portsOfNotes(2);
    const parts = told.map((note) => /127\.0\.0\.1:(\d+) -> (\d+)$/.exec(note)?.slice(1).map(Number) ?? []);
    assert.equal(
      parts.map(([, backend]) => backend),
      [8082, 8083],
    );
    for (const [frontend = 0, backend] of parts) {
      assert.ok(frontend > 1024 && frontend !== backend, `the port ${frontend}`);
      assert.is(await answerAt(frontend), String(backend));
    }
  });
});

up.run();

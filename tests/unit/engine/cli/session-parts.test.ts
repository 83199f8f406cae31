import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { closeParts, type SessionParts } from "../../../../engine/src/cli/session-parts.ts";

const parts = suite("the parts of a session");

const IN_TURN = [
  "server",
  "services",
  "network",
  "what still runs",
  "containers",
  "store",
  "prune",
  "runtime",
  "run host",
  "devices",
  "store",
];

let storeDir = "";

parts.before.each(() => {
  storeDir = mkdtempSync(join(tmpdir(), "slipway-parts-"));
});

parts.after.each(() => rmSync(storeDir, { recursive: true, force: true }));

/** Parts that write down in which order they are given back; those of these names fail. */
async function close(...failing: readonly string[]): Promise<{ closed: string[]; told: string[]; error: unknown }> {
  const closed: string[] = [];
  const told: string[] = [];
  const part = (name: string) => async () => {
    closed.push(name);
    if (failing.includes(name)) throw new Error(`no end of ${name}`);
  };
  const given = {
    place: { storeDir, runDir: join(storeDir, "run"), scratch: join(storeDir, "scratch") },
    limit: Number.POSITIVE_INFINITY,
    store: { close: part("store") },
    kept: { pruneAtEnd: part("prune") },
    runHost: { anchor: { stop: part("what still runs") }, close: part("run host") },
    runtime: { close: part("runtime") },
    services: { close: part("services") },
    containers: { close: part("containers") },
    network: { close: part("network") },
    openDevices: part("devices"),
    tell: (line: string) => told.push(line),
  } as unknown as SessionParts;
  const error = await closeParts(given, { close: part("server") }, () => undefined).catch((thrown) => thrown);
  return { closed, told, error };
}

parts("are given back in turn, the store once more at the end", async () => {
  assert.equal(await close(), { closed: IN_TURN, told: [], error: undefined });
});

parts("are all given back when some fail, and the first failure is the one that is thrown", async () => {
  const { closed, told, error } = await close("network", "runtime");
  assert.equal(closed, IN_TURN);
  assert.is((error as Error).message, "no end of network");
  assert.equal(told, []);
});

parts("are given back without an error when only the upkeep of the store fails, which is told", async () => {
  const { closed, told, error } = await close("prune");
  assert.equal(closed, IN_TURN);
  assert.is(error, undefined);
  assert.equal(told, ["the store could not be pruned: no end of prune"]);
});

parts.run();

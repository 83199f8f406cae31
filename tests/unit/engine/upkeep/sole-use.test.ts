import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startTimeOf } from "../../../../engine/src/run/run-host.ts";
import { isAlone, takeSoleUse, waitForPruning } from "../../../../engine/src/upkeep/sole-use.ts";

const soleUse = suite<{ dir: string }>("who has a store for himself");

/** The name of a process that runs: this one, and the one that started it. */
const folderOf = (pid: number): string => `engine-${pid}-${startTimeOf(pid)}`;
const own = folderOf(process.pid);
const other = folderOf(process.ppid);
const DEAD = `engine-${process.pid}-1`;

soleUse.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), "slipway-sole-"));
  mkdirSync(join(context.dir, "run", own), { recursive: true });
});
soleUse.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

soleUse("is who runs alone, until it is given back", ({ dir }) => {
  const release = takeSoleUse(dir, join(dir, "run", own));
  assert.ok(release);
  assert.is(takeSoleUse(dir, join(dir, "run", own)), undefined);
  release?.();
  assert.equal(readdirSync(dir), ["run"]);
  assert.ok(takeSoleUse(dir, join(dir, "run", own)));
});

soleUse("is nobody while another session runs, and no mark stays behind", ({ dir }) => {
  mkdirSync(join(dir, "run", other));
  assert.not(isAlone(dir, own));
  assert.is(takeSoleUse(dir, join(dir, "run", own)), undefined);
  assert.equal(readdirSync(dir), ["run"]);
});

soleUse("is not kept from anybody by a session or a pruning that was killed", ({ dir }) => {
  mkdirSync(join(dir, "run", DEAD));
  symlinkSync(DEAD, join(dir, "pruning"));
  assert.ok(takeSoleUse(dir, join(dir, "run", own)));
});

soleUse("is waited for by a session that begins", async ({ dir }) => {
  const release = takeSoleUse(dir, join(dir, "run", own));
  let hasBegun = false;
  const begun = waitForPruning(dir).then(() => {
    hasBegun = true;
  });
  // A turn of the timers, so that it has looked at least once.
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.not(hasBegun);
  release?.();
  await begun;
});

soleUse.run();

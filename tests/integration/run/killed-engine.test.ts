import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sweepLeftovers } from "../../../engine/src/run/run-host.ts";
import { listProcesses, readProcess } from "../../support/processes.ts";
import { waitUntil } from "../../support/run-sandbox.ts";

const killed = suite("a killed engine");

killed("leaves no process, no mount and no folder", async () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-killed-"));
  const engine = spawn(
    "unshare",
    [
      "--mount",
      process.execPath,
      "--import",
      "tsx",
      new URL("../../support/run-busy-engine.ts", import.meta.url).pathname,
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: dir },
    },
  );
  const [said] = await once(engine.stdout, "data");
  assert.is(String(said), "busy\n");
  const namedAfterIt = `engine-${engine.pid}-`;
  assert.ok(findProcesses(namedAfterIt).length > 0, "the container's processes should run before the kill");
  engine.kill("SIGKILL");
  await once(engine, "exit");
  await waitUntil("all processes are gone", async () => findProcesses(namedAfterIt).length === 0, 5_000);
  const [sandboxDir = ""] = readdirSync(dir);
  const removed = sweepLeftovers(join(dir, sandboxDir, "run"));
  assert.is(removed.length, 1);
  assert.not.ok(existsSync(join(dir, sandboxDir, "run", removed[0] ?? "")));
  rmSync(dir, { recursive: true, force: true });
});

/** Processes that have a mount or an argument with `text` in it: also those in namespaces of their own. */
function findProcesses(text: string): string[] {
  return listProcesses().filter((pid) =>
    ["cmdline", "mountinfo"].some((file) => readProcess(pid, file).includes(text)),
  );
}

killed.run();

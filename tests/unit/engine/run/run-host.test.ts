import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RunHost } from "../../../../engine/src/run/run-host.ts";

// These tests run where the machine's own mounts are.
const host = suite("an engine among the mounts of the machine");
const dir = mkdtempSync(join(tmpdir(), "slipway-host-"));
host.after(() => rmSync(dir, { recursive: true, force: true }));

const hides = () => / \/sys\/fs\/cgroup .* slipway-cgroup /m.test(readFileSync("/proc/self/mountinfo", "utf8"));

host("changes none of them, even where nobody may see which namespace process 1 has", async () => {
  const before = hides();
  const engine = RunHost.open({ runDir: dir });
  try {
    const message = await engine.mounted().then(
      () => "it mounted",
      (error: Error) => error.message,
    );
    assert.match(
      message,
      /^the engine must run in a mount namespace of its own, or it would change the mounts of this machine/,
    );
    assert.is(hides(), before);
  } finally {
    if (!before && hides()) spawnSync("umount", ["/sys/fs/cgroup"]);
    await engine.close().catch(() => undefined);
  }
});

host.run();

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { askCore, type Problem } from "../../support/core-query.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";
import { untilWritten } from "../../support/written-file.ts";

const removal = suite("a container whose files cannot be removed");
const folder = mkdtempSync(join(tmpdir(), "slipway-removal-"));
let sandbox: RunSandbox;
let open: OpenSession;
let rootfs: string;

removal.before(async () => {
  sandbox = new RunSandbox();
  open = await openTestSession({ workdir: folder, storeDir: join(folder, "store") });
  rootfs = (await askCore(open, `{host{directory(path:${JSON.stringify(sandbox.rootDir)}){id}}}`)).value;
});
removal.after(async () => {
  await open?.close();
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

const inContainer = (calls: string) => `{container{withRootfs(directory:"${rootfs}"){${calls}}}}`;

/** Ends when its file cannot be written any more. */
const shell = (name: string) =>
  JSON.stringify([
    "/bin/sh",
    "-c",
    `touch /${name}; while echo x >>/${name}; do sleep 0.05; done 2>/dev/null; echo told; exit 3`,
  ]);

/** Runs a query whose container has the file `name`, which nobody can write or remove from a moment on. */
async function whileHeld(name: string, query: string): Promise<Problem | undefined> {
  const asked = askCore(open, query);
  const held = await untilWritten(join(folder, "store"), name);
  const { status, stderr } = spawnSync("chattr", ["+i", held], { encoding: "utf8" });
  assert.is(status, 0, stderr);
  try {
    return (await asked).problem;
  } finally {
    spawnSync("chattr", ["-i", held]);
  }
}

const isPossible =
  spawnSync("chattr", ["-V", "+i", folder]).status === 0 && spawnSync("chattr", ["-i", folder]).status === 0;

for (const [what, query, message] of [
  ["an exec", (name: string) => inContainer(`withExec(args:${shell(name)}){stdout}`), /exit code: 3$/],
  [
    "a service with a check",
    (name: string) =>
      inContainer(
        `withDockerHealthcheck(args:["/bin/false"],startPeriod:"1h",startInterval:"50ms"){asService(args:${shell(name)}){start}}`,
      ),
    /^exit code: 3$/,
  ],
] as const) {
  removal(`tells how it has ended, as ${what}`, async () => {
    if (!isPossible) return console.log("NOT TESTED: only root may hold a file, on ext4, btrfs or XFS (chattr +i)");
    const name = `held-${what.length}`;
    const problem = await whileHeld(name, query(name));
    assert.match(problem?.message ?? "", message);
    assert.is(problem?.extensions?.["exitCode"], 3);
    assert.match(String(problem?.extensions?.["stdout"]), /^told/);
  });
}

removal.run();

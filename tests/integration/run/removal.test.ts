import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BusyboxSession, openBusyboxSession } from "../../support/busybox-session.ts";
import type { Problem } from "../../support/core-query.ts";
import { untilWritten } from "../../support/written-file.ts";

const removal = suite<{ session: BusyboxSession }>("a container whose files cannot be removed");

removal.before(async (context) => {
  context.session = await openBusyboxSession();
});
removal.after(({ session }) => session.close());

/** Ends when its file cannot be written any more. */
const shell = (name: string) =>
  JSON.stringify([
    "/bin/sh",
    "-c",
    `touch /${name}; while echo x >>/${name}; do sleep 0.05; done 2>/dev/null; echo told; exit 3`,
  ]);

/** Asks for a container that has the file `name`, which nobody can write or remove from a moment on. */
async function whileHeld(
  { inContainer, store }: BusyboxSession,
  name: string,
  calls: string,
): Promise<Problem | undefined> {
  const asked = inContainer(calls);
  const held = await untilWritten(store, name);
  const { status, stderr } = spawnSync("chattr", ["+i", held], { encoding: "utf8" });
  assert.is(status, 0, stderr);
  try {
    return (await asked).problem;
  } finally {
    spawnSync("chattr", ["-i", held]);
  }
}

const canHold = (folder: string) =>
  spawnSync("chattr", ["-V", "+i", folder]).status === 0 && spawnSync("chattr", ["-i", folder]).status === 0;

for (const [what, calls, message] of [
  ["an exec", (name: string) => `withExec(args:${shell(name)}){stdout}`, /exit code: 3$/],
  [
    "a service with a check",
    (name: string) =>
      `withDockerHealthcheck(args:["/bin/false"],startPeriod:"1h",startInterval:"50ms"){asService(args:${shell(name)}){start}}`,
    /^exit code: 3$/,
  ],
] as const) {
  removal(`tells how it has ended, as ${what}`, async ({ session }) => {
    if (!canHold(session.store))
      return console.log("NOT TESTED: only root may hold a file, on ext4, btrfs or XFS (chattr +i)");
    const name = `held-${what.length}`;
    const problem = await whileHeld(session, name, calls(name));
    assert.match(problem?.message ?? "", message);
    assert.is(problem?.extensions?.["exitCode"], 3);
    assert.match(String(problem?.extensions?.["stdout"]), /^told/);
  });
}

removal.run();

import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BusyboxSession, openBusyboxSession, outcomeOf } from "../../support/busybox-session.ts";
import { setVariables } from "../../support/with-variables.ts";

/** As where the kernel refuses a network, or one of its parts. */
const failed = suite<{ session: BusyboxSession; folder: string; putBack: () => void }>(
  "a machine that makes no network",
);

failed.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "slipway-failed-network-"));
  const ip = join(context.folder, "ip");
  writeFileSync(ip, "#!/bin/sh\ncat >/dev/null\necho 'RTNETLINK answers: Operation not supported' >&2\nexit 2\n");
  chmodSync(ip, 0o755);
  context.putBack = setVariables({ PATH: `${context.folder}:${process.env["PATH"]}` });
  context.session = await openBusyboxSession();
});
failed.after(async ({ session, folder, putBack }) => {
  await session.close();
  putBack();
  rmSync(folder, { recursive: true, force: true });
});

const REASON =
  /^a network of its own could not be made for a container: RTNETLINK answers: Operation not supported\n {2}to do: /;

failed("is told of a command, whose step ends as failed", async ({ session }) => {
  const { problem } = await session.inContainer('withExec(args:["/bin/true"]){exitCode}');
  assert.match(problem?.message ?? "", REASON);
  assert.is(outcomeOf(session.events, "withExec /bin/true"), "failed");
});

failed("is told of a service, whose step ends as failed", async ({ session }) => {
  const { problem } = await session.inContainer('asService(args:["/bin/sleep","600"]){start}');
  assert.match(problem?.message ?? "", REASON);
  assert.is(outcomeOf(session.events, "service /bin/sleep 600"), "failed");
});

failed("keeps nothing of the attempts", ({ session }) => {
  const [engine = ""] = readdirSync(join(session.store, "run"));
  const names = readdirSync(join(session.store, "run", engine)).filter((name) => /^(?:hub|hosts|n)\d+$/.test(name));
  assert.equal(names, []);
});

failed.run();

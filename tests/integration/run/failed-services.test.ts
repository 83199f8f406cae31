import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { waitUntil } from "../../cluster/wait.ts";
import { type BusyboxSession, openBusyboxSession, outcomeOf } from "../../support/busybox-session.ts";

const failed = suite<{ session: BusyboxSession }>("a service that cannot be used");

failed.before(async (context) => {
  context.session = await openBusyboxSession();
});
failed.after(({ session }) => session.close());

/** The service that runs until it is stopped; each `name` is another one. */
const waiting = (name: string) => `asService(args:["/bin/sh","-c",": ${name}; exec sleep 600"])`;

const untilEnded = async ({ events }: BusyboxSession, name: string) => {
  await waitUntil(`${name} has ended`, 30_000, async () =>
    outcomeOf(events, name) === undefined ? `${name} goes on` : undefined,
  );
  return outcomeOf(events, name);
};

failed("is shown as failed when its container cannot be made", async ({ session }) => {
  const { problem } = await session.inContainer(`withUser(name:"nobody-knows"){${waiting("unmade")}{start}}`);
  assert.match(problem?.message ?? "", /nobody-knows/);
  assert.is(outcomeOf(session.events, "unmade"), "failed");
});

failed("is shown as failed when its check fails", async ({ session }) => {
  const calls = `withDockerHealthcheck(args:["/bin/sh","-c","exit 1"],retries:1){${waiting("unhealthy")}{start}}`;
  const { problem } = await session.inContainer(calls);
  assert.match(problem?.message ?? "", /^health check errored: exit code: 1/);
  assert.is(outcomeOf(session.events, "unhealthy"), "failed");
});

failed("lets go the service that it needs, and the one that it is a tunnel to", async ({ session }) => {
  const needed = (await session.inContainer(`${waiting("needed")}{id}`)).value;
  const calls = `withServiceBinding(alias:"db",service:"${needed}"){withUser(name:"nobody-knows"){${waiting("needing")}{start}}}`;
  assert.match((await session.inContainer(calls)).problem?.message ?? "", /nobody-knows/);

  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const behind = (await session.inContainer(`${waiting("behind")}{id}`)).value;
  const ports = `[{backend:8080,frontend:0},{backend:8081,frontend:${port}}]`;
  const { problem } = await session.ask(`{host{tunnel(service:"${behind}",ports:${ports}){start}}}`);
  taken.close();
  assert.match(problem?.message ?? "", /EADDRINUSE|address already in use/);

  assert.equal(await Promise.all([untilEnded(session, "needed"), untilEnded(session, "behind")]), ["done", "done"]);
});

failed.run();

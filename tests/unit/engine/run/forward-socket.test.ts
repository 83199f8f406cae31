import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { forwardSocket } from "../../../../engine/src/run/forward-socket.ts";

const sockets = suite<{ dir: string }>("a socket that leads to another one");
const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

sockets.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), "slipway-sockets-"));
});
sockets.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

sockets("passes on what is said, and is gone when it is closed", async ({ dir }) => {
  const server = createServer((socket) => socket.pipe(socket)).listen(join(dir, "target"));
  await once(server, "listening");
  const path = join(dir, "path");
  const { close } = await forwardSocket(path, join(dir, "target"), own);
  assert.is(statSync(path).mode & 0o777, 0o600);
  const client = connect(path);
  client.write("hello");
  assert.is(String((await once(client, "data"))[0]), "hello");
  await close();
  server.close();
  assert.not(existsSync(path));
});

sockets("does not listen when it cannot belong to the one who is to have it", async ({ dir }) => {
  const path = join(dir, "path");
  const nobody = { uid: 2 ** 32, gid: 0 };
  const error: unknown = await forwardSocket(path, join(dir, "target"), nobody).catch((caught: unknown) => caught);
  assert.match((error as Error).message, /uid/);
  assert.not(existsSync(path));
});

sockets.run();

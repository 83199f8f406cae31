import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readHeader } from "../../../../engine/src/run/socket-pair.ts";

const reading = suite("readHeader");
let server: Server;
let ours: Socket;
let theirs: Socket;

reading.before.each(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  ours = connect((server.address() as AddressInfo).port, "127.0.0.1");
  [theirs] = (await accepted) as [Socket];
});
reading.after.each(() => {
  ours.destroy();
  theirs.destroy();
  server.close();
});

/** What it said; when the connection is closed and it has not answered yet, that. */
const answerOf = (read: ReturnType<typeof readHeader>) => {
  const closed = once(ours, "close").then(async () => {
    await setImmediate();
    return "it waits for a connection that is closed";
  });
  return Promise.race([read.catch((error: Error) => error.message), closed]);
};

reading("gives the first line, and what came behind it", async () => {
  theirs.write("one");
  theirs.write(" line\nand more");
  const { header, rest } = await readHeader(ours);
  assert.equal([header, rest.toString()], ["one line", "and more"]);
});

reading("fails when the other side ends before", async () => {
  const said = answerOf(readHeader(ours));
  theirs.end("no line");
  assert.is(await said, "the connection ended before its first line");
});

reading("fails when our side is taken away, which is neither an end nor an error", async () => {
  const said = answerOf(readHeader(ours));
  ours.destroy();
  assert.is(await said, "the connection ended before its first line");
});

reading("fails for a line that is too long", async () => {
  const said = answerOf(readHeader(ours));
  theirs.write("x".repeat(5_000));
  assert.is(await said, "the first line is longer than 4096 bytes");
});

reading.run();

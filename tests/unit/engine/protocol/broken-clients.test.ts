import { once } from "node:events";
import type { Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AUTHORIZATION, TestServer } from "./asking.ts";

const broken = suite("a session outlives every client");
const server = new TestServer();
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
broken.before(async () => {
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  await server.start();
});
broken.after(async () => {
  await server.stop();
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
});

const HEAD = ["POST /query HTTP/1.1", "Host: x", `Authorization: ${AUTHORIZATION}`, "Content-Type: application/json"];
const withHead = (...more: readonly string[]) => `${[...HEAD, ...more].join("\r\n")}\r\n\r\n`;
const QUERY = '{"query":"{version}"}';
const LARGE = JSON.stringify({ query: `{container{withUser(name:"${"x".repeat(4 << 20)}"){user}}}` });

type Client = (socket: Socket) => void | Promise<void>;

const clients: Readonly<Record<string, Client>> = {
  "ends in the middle of a body": (socket) => void socket.write(`${withHead("Content-Length: 1000")}{"que`),
  "ends before the first byte of a body": (socket) => void socket.write(withHead("Content-Length: 1000")),
  "ends in the middle of a chunk": (socket) => void socket.write(`${withHead("Transfer-Encoding: chunked")}ff\r\n{"q`),
  "ends in the middle of the head": (socket) => void socket.write(HEAD.join("\r\n")),
  "sends nothing": () => undefined,
  "sends garbage": (socket) => void socket.write(Buffer.from([0, 255, 1, 254, 13, 10, 13, 10])),
  "speaks TLS": (socket) => void socket.write(Buffer.from("16030100c8010000c40303", "hex")),
  "gives a length that is no number": (socket) => void socket.write(`${withHead("Content-Length: x")}${QUERY}`),
  "gives a negative length": (socket) => void socket.write(`${withHead("Content-Length: -1")}${QUERY}`),
  "gives two lengths": (socket) => void socket.write(`${withHead("Content-Length: 5", "Content-Length: 21")}${QUERY}`),
  "gives a length and chunks": (socket) =>
    void socket.write(`${withHead("Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`),
  "sends chunks of a wrong size": (socket) =>
    void socket.write(`${withHead("Transfer-Encoding: chunked")}zz\r\n${QUERY}`),
  "sends a shorter length than its body": (socket) => void socket.write(`${withHead("Content-Length: 3")}${QUERY}`),
  "sends heads without end": (socket) => void socket.write(withHead(`X: ${"x".repeat(200_000)}`)),
  "names a path that is none": (socket) => void socket.write("POST http://[ HTTP/1.1\r\nHost: x\r\n\r\n"),
  "escapes its path wrongly": (socket) => void socket.write(withHead("Content-Length: 0").replace("/query", "/%zz%ff")),
  "asks for a host that is none": (socket) => void socket.write(withHead("Content-Length: 0").replace("/query", "//")),
  "ends while its answer is made": (socket) =>
    void socket.write(`${withHead(`Content-Length: ${QUERY.length}`)}${QUERY}`),
  "does not read its answer": async (socket) => {
    socket.pause();
    socket.write(`${withHead(`Content-Length: ${LARGE.length}`)}${LARGE}`);
    await once(socket, "drain");
  },
  "closes its half and waits": (socket) => void socket.end(`${withHead("Content-Length: 1000")}{"query":`),
  "asks twice before it reads": (socket) =>
    void socket.write(`${withHead(`Content-Length: ${QUERY.length}`)}${QUERY}`.repeat(2)),
  "announces more than may come": (socket) => void socket.write(withHead("Content-Length: 999999999999")),
};

for (const [name, client] of Object.entries(clients)) {
  broken(`a client that ${name}`, async () => {
    for (const end of ["destroy", "resetAndDestroy"] as const) {
      const socket = await server.connect();
      await client(socket);
      const closed = once(socket, "close");
      // A half that is closed already cannot be reset.
      socket[socket.writableEnded ? "destroy" : end]();
      await closed;
      assert.is((await server.post(QUERY)).text, '{"data":{"version":"v0.21.8"}}');
    }
    assert.equal(uncaught, []);
  });
}

broken("a body that is too large is refused, announced or not", async () => {
  const more = "x".repeat(33 << 20);
  const answer = await server.post(more).catch(() => undefined);
  if (answer !== undefined) assert.is(answer.status, 413);
  assert.is((await server.post(QUERY)).status, 200);
});

broken("other clients are answered while one sends its body slowly", async () => {
  const slow = await server.connect();
  slow.write(`${withHead(`Content-Length: ${QUERY.length}`)}{"query"`);
  assert.is((await server.post(QUERY)).status, 200);
  slow.write(':"{version}"}');
  const [data] = (await once(slow, "data")) as [Buffer];
  assert.match(String(data), /"version":"v0\.21\.8"/);
  slow.destroy();
});

broken.run();

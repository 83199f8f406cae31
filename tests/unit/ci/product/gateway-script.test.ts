import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gatewayScript } from "../../../../ci/src/product/gateway-script.ts";

const gateway = suite<{ process?: ChildProcess }>("the gateway of the stack");

gateway.after.each(async (context) => {
  if (context.process === undefined) return;
  context.process.kill("SIGKILL");
  await once(context.process, "close");
  delete context.process;
});

/** A server that answers with what it got, once the client has said all. */
function startEcho() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const parts: Buffer[] = [];
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("end", () => socket.end(Buffer.concat([Buffer.from("got "), ...parts])));
  });
  return new Promise<typeof server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function startGateway(context: { process?: ChildProcess }, targetPort: number): Promise<number> {
  // A free port, found by opening and closing it.
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const targets = JSON.stringify({ targets: { [port]: { host: "127.0.0.1", port: targetPort } }, notes: [] });
  const child = spawn(process.execPath, ["-e", gatewayScript, targets], { stdio: ["ignore", "pipe", "inherit"] });
  context.process = child;
  await once(child.stdout, "data");
  return port;
}

gateway("passes a connection on, also when one side has said all", async (context) => {
  const echo = await startEcho();
  const port = await startGateway(context, (echo.address() as AddressInfo).port);
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.end("hello");
  assert.is(await text(client), "got hello");
  echo.close();
});

gateway("closes the connection, and lives on, when the service does not answer", async (context) => {
  const closed = await startEcho();
  const targetPort = (closed.address() as AddressInfo).port;
  closed.close();
  const port = await startGateway(context, targetPort);
  for (const attempt of [1, 2]) {
    const client = connect({ port, host: "127.0.0.1" });
    client.on("error", () => undefined);
    client.resume();
    await once(client, "close");
    assert.is(context.process?.exitCode, null, `after attempt ${attempt}`);
  }
});

gateway.run();

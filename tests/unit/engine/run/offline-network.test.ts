import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createSessionNetwork } from "../../../../engine/src/run/network.ts";
import type { RunHost } from "../../../../engine/src/run/run-host.ts";

/** A network that may not be started: what is refused is refused before that. */
const network = suite("a network that is offline");

const started = "it would be started";
const start = () => Promise.reject(new Error(started));
const host = { anchor: { enterArgs: start }, mounted: start } as unknown as RunHost;

async function forward(name: string): Promise<string> {
  const made = createSessionNetwork(host, undefined, true).forwardToHost(name, [{ frontend: 80, backend: 80 }]);
  return await made.then(
    () => "",
    ({ message }: Error) => message,
  );
}

for (const name of ["localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "127.1.2.3", "::1"]) {
  network(`${name} is this machine`, async () => assert.is(await forward(name), started));
}

for (const name of [
  "db.example",
  "10.0.0.1",
  "localhost.example",
  "notlocalhost",
  "127.0.0.1.example",
  "1127.0.0.1",
  "::2",
]) {
  network(`${name} is another one`, async () => {
    assert.is(await forward(name), `${name} is not on this machine, and nothing else can be reached while offline`);
  });
}

network.run();

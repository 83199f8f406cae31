import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const services = suite("a service from its start to its end");

/** A program whose start ends when it is told `go` on standard input. */
const PROGRAM = `
import { Hono } from "hono";
import { Registry } from "prom-client";
import { runService } from "./services/runtime/src/index.ts";
const say = (step) => ({ step, run: async () => console.log("step " + step) });
await runService({
  name: "example",
  readConfig: (env) => ({ PORT: 0, MANAGEMENT_PORT: Number(env.MANAGEMENT_PORT), DRAIN_DELAY_MS: 0, LOG_LEVEL: "info" }),
  open: () => ({
    metrics: new Registry(),
    findUnreadiness: () => undefined,
    start: async () => {
      await new Promise((resolve) => process.stdin.once("data", resolve));
      return { app: new Hono(), facts: { found: 3 } };
    },
    end: (closePort) => [say("first"), { step: "port", run: () => closePort(1000) }, say("last")],
    endLimitMs: 10_000,
  }),
});
`;

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Asks until the answer of /readyz is this one. */
async function untilReadiness(port: number, expected: object): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (let last: unknown; ; await delay(20)) {
    last = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.json(),
      (error: Error) => error.message,
    );
    if (JSON.stringify(last) === JSON.stringify(expected)) return;
    if (Date.now() > deadline) throw new Error(`/readyz answers ${JSON.stringify(last)}`);
  }
}

interface Run {
  readonly child: ChildProcess;
  readonly managementPort: number;
  /** Asks it to end: its exit code, the steps it made, and the messages of its log. */
  readonly end: () => Promise<{ code: number; steps: string[]; messages: string[] }>;
}

async function withService(use: (run: Run) => Promise<void>): Promise<void> {
  const managementPort = await findFreePort();
  const child = spawn("node", ["--import", "tsx", "--input-type=module", "--eval", PROGRAM], {
    env: { ...process.env, MANAGEMENT_PORT: String(managementPort) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const end = async () => {
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    const lines = output.trim().split("\n");
    const steps = lines.flatMap((line) => (line.startsWith("step ") ? [line.slice("step ".length)] : []));
    const messages = lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line).message as string] : []));
    return { code: code as number, steps, messages };
  };
  try {
    await use({ child, managementPort, end });
  } finally {
    child.kill("SIGKILL");
  }
}

services("is not ready before it has started, and ends in order all the same", async () => {
  await withService(async ({ managementPort, end }) => {
    await untilReadiness(managementPort, { status: "not ready", reason: "the service is starting" });
    assert.equal(await end(), { code: 0, steps: ["first", "last"], messages: ["ending", "ended"] });
  });
});

services("is ready once it has started", async () => {
  await withService(async ({ child, managementPort, end }) => {
    await untilReadiness(managementPort, { status: "not ready", reason: "the service is starting" });
    child.stdin?.write("go\n");
    await untilReadiness(managementPort, { status: "ready" });
    assert.equal(await end(), { code: 0, steps: ["first", "last"], messages: ["running", "ending", "ended"] });
  });
});

services.run();

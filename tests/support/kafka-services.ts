import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A service of the product that runs from source as a process of its own. */
export interface RunningService {
  readonly url: string;
  readonly managementUrl: string;
  readonly pid: number;
  /** Everything that it has printed. */
  readonly output: () => string;
  /** Sends a signal and resolves with the exit code; `undefined` when a signal ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | undefined>;
}

/**
 * Starts `services/NAME`, from source if no other command is given, against the broker in KAFKA_BROKERS and waits until it says that it is ready.
 *
 * @throws Error with its output when it is not ready within 60 s.
 */
export async function startService(
  name: string,
  env: Record<string, string>,
  command: readonly string[] = [process.execPath, "--import", "tsx", `services/${name}/src/main.ts`],
): Promise<RunningService> {
  const [port, managementPort] = await findFreePorts();
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env, PORT: String(port), MANAGEMENT_PORT: String(managementPort) },
  });
  let output = "";
  const take = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  const service: RunningService = {
    url: `http://127.0.0.1:${port}`,
    managementUrl,
    pid: child.pid ?? 0,
    output: () => output,
    end: (signal) => endProcess(child, signal),
  };
  try {
    await awaitThat(`${name} is ready`, 60_000, async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
      const answer = await fetch(`${managementUrl}/readyz`).catch((error: Error) => error.message);
      return typeof answer === "string" ? answer : answer.ok || (await answer.text());
    });
  } catch (error) {
    await service.end("SIGKILL");
    throw new Error(`${(error as Error).message}\n${output}`);
  }
  return service;
}

/** Waits until `look` gives true. What it gives otherwise is the last observation in the message of a time-out. */
export async function awaitThat(what: string, limitMs: number, look: () => Promise<true | unknown>): Promise<void> {
  const endAt = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen === true) return;
    if (Date.now() > endAt)
      throw new Error(`not within ${limitMs / 1_000} s: ${what}; last seen: ${JSON.stringify(seen)}`);
    await delay(50);
  }
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | undefined> {
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return undefined;
  const ended = new Promise<number | undefined>((resolve) => child.once("exit", (code) => resolve(code ?? undefined)));
  child.kill(signal);
  return await ended;
}

async function findFreePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [port = 0, managementPort = 0] = ports;
  return [port, managementPort];
}

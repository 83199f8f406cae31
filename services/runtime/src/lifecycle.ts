import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { EnvironmentError } from "./environment.ts";
import type { Log } from "./log.ts";

/** Serves `app` and resolves when the port is open. */
export async function listen(app: Hono, port: number): Promise<Server> {
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "0.0.0.0" }, () => resolve(server)) as Server;
    server.on("error", reject);
    // An upload may take long; a client that sends nothing at all may not.
    server.requestTimeout = 0;
    server.headersTimeout = 10_000;
    server.keepAliveTimeout = 65_000;
  });
}

/** Stops taking connections and waits for those under way, at most `graceMs`. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // Keep-alive connections that go idle while others still work would hold the server open.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
}

/** What a service has to do to end in order. The steps of `end` run in their order. */
export interface Ending {
  readonly log: Log;
  /** Says from now on that this one is not ready. */
  readonly announce: () => void;
  readonly drainDelayMs: number;
  /** After this the process ends anyway, with 1. */
  readonly limitMs: number;
  readonly end: readonly { readonly step: string; readonly run: () => Promise<unknown> }[];
}

/** Ends the process in order on SIGTERM or SIGINT, with exit code 0; a second signal ends it at once. */
export function endOnSignal({ log, announce, drainDelayMs, limitMs, end }: Ending): void {
  let ending = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (ending) {
      log.warn("second signal, ending at once", { signal });
      process.exit(1);
    }
    ending = true;
    void endInOrder(signal);
  };
  const endInOrder = async (signal: NodeJS.Signals) => {
    log.info("ending", { signal });
    announce();
    const limit = setTimeout(() => {
      log.error("could not end in time", { limitMs });
      process.exit(1);
    }, limitMs);
    limit.unref();
    await delay(drainDelayMs);
    let exitCode = 0;
    for (const { step, run } of end) {
      try {
        await run();
      } catch (error) {
        exitCode = 1;
        log.error("a step of the ending failed", { step, error });
      }
    }
    log.info("ended", { exitCode });
    process.exit(exitCode);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

/** Runs a service's main function; a failure at start is told in full and ends the process with 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    // Without a readable environment there is no log level yet, so this goes out plainly.
    const text = error instanceof EnvironmentError ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
}

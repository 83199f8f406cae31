import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { EnvironmentError } from "./environment.ts";
import type { Log } from "./log.ts";

/** What a server puts up with. */
export interface ServerBounds {
  /** Connections at once; more are closed as they come. */
  readonly maxConnections?: number;
  /** A connection on which nothing moves for this long is closed. */
  readonly silenceMs?: number;
  /** How long the head of a request may take. */
  readonly headMs?: number;
  /** After an answer, what is still to come of the request is read and thrown away for this long; then the end. */
  readonly lingerMs?: number;
}

/** Serves `app` and resolves when the port is open. */
export async function listen(app: Hono, port: number, bounds: ServerBounds = {}): Promise<Server> {
  return await new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: app.fetch,
        port,
        hostname: "0.0.0.0",
        // It closes too early: clients that are still sending would lose the answer. `lingerAfterAnswer` does it.
        autoCleanupIncoming: false,
        serverOptions: { connectionsCheckingInterval: 1_000 },
      },
      () => resolve(server),
    ) as Server;
    server.on("error", reject);
    // How long a body may take, its reader decides; a client that sends no head at all may not stay.
    server.requestTimeout = 0;
    server.headersTimeout = bounds.headMs ?? 10_000;
    server.keepAliveTimeout = 65_000;
    server.maxConnections = bounds.maxConnections ?? 10_000;
    server.timeout = bounds.silenceMs ?? 0;
    const lingerMs = bounds.lingerMs ?? 5_000;
    server.on("request", (request, response) => lingerAfterAnswer(request, response, lingerMs));
    server.on("clientError", answerUnreadable);
  });
}

/** Gives a client that was answered before it had sent everything time to see the answer, and no more than that. */
function lingerAfterAnswer(request: IncomingMessage, response: ServerResponse, lingerMs: number): void {
  response.once("finish", () => {
    if (request.readableEnded || request.destroyed) return;
    const timer = setTimeout(() => request.socket.destroy(), lingerMs);
    request.once("close", () => clearTimeout(timer)).on("error", () => undefined);
    // A reader that has given up would still be waited for.
    request.removeAllListeners("readable");
    setImmediate(() => request.resume());
  });
}

const unreadable: Partial<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "the head of the request is longer than 16 KiB"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "the head of the request did not come in time"],
};

/** Answers what is not HTTP, in the form of all other refusals. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title, detail] = unreadable[error.code ?? ""] ?? [
    400,
    "Bad Request",
    `this is not HTTP: ${error.message}`,
  ];
  const body = JSON.stringify({ type: "urn:slipway:problem:malformed", title, status, detail });
  const head = `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
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

/** Something that has to be done before a process ends. */
export interface EndingStep {
  readonly step: string;
  readonly run: () => Promise<unknown>;
}

/** What a service has to do to end in order. The steps of `end` run in their order. */
export interface Ending {
  readonly log: Log;
  /** Says from now on that this one is not ready. */
  readonly announce: () => void;
  readonly drainDelayMs: number;
  /** After this the process ends anyway, with 1. */
  readonly limitMs: number;
  readonly end: readonly EndingStep[];
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

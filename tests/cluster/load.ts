/**
 * Load that does not wait for answers (open loop): requests leave at their time whatever became of the ones before, so
 * that a stall shows as what it is. Half of them, or what `--keep-alive` says, on connections that are kept, the others
 * each on a new one.
 *
 *     node --import tsx tests/cluster/load.ts --url http://127.0.0.1:30080/ --rate 500 [--keep-alive 0.5] [--once-answered]
 *
 * A line on standard input asks for a report, a JSON line on standard output; it tells of the time since the report
 * before, and its totals of the whole run. The end of the input ends the load, after the last answer, with a last report.
 */
import { readFileSync } from "node:fs";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Answers, LoadReport, Loss } from "./load-report.ts";
import { waitUntil } from "./wait.ts";

const requestLimitMs = 5_000;
const tickMs = 2;
/** A timer that is later than that says that this process did not run. */
const stillMs = 200;
/** More losses than that are counted only. */
const toldLosses = 20;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    rate: { type: "string", default: "500" },
    "keep-alive": { type: "string", default: "0.5" },
    "once-answered": { type: "boolean", default: false },
  },
});
const url = new URL(values.url ?? "");
const ratePerS = Number(values.rate);
const keptShare = Number(values["keep-alive"]);
const kept = new Agent({ keepAlive: true, maxSockets: 64 });

const total = { sent: 0, answered: 0, failed: 0, repeated: 0 };
const failures: Record<string, number> = {};
const losses: Loss[] = [];
/** Who answered last on a connection. */
const answeredBy = new WeakMap<Socket, string>();
const latenciesMs: number[] = [];
let answers: Record<string, Answers> = {};
let underWay = 0;

/** Time of day in ms, with fractions: the switch is measured in few of them. */
const now = () => performance.timeOrigin + performance.now();

function send(onKept: boolean, dueMs: number, isRepeated = false): void {
  if (isRepeated) total.repeated += 1;
  else total.sent += 1;
  underWay += 1;
  let isDone = false;
  const finish = (failure: string | undefined) => {
    if (isDone) return;
    isDone = true;
    underWay -= 1;
    clearTimeout(timer);
    if (failure === undefined) {
      total.answered += 1;
      latenciesMs.push(now() - dueMs);
    } else {
      total.failed += 1;
      failures[failure] = (failures[failure] ?? 0) + 1;
      if (losses.length < toldLosses) losses.push(describeLoss(outgoing, failure, sentMs));
    }
  };
  const sentMs = now();
  const onNew = {
    agent: false,
    headers: { connection: "close" },
    ...(isLoopback ? { localAddress: nextClient() } : {}),
  };
  const outgoing = request(url, onKept ? { agent: kept } : onNew);
  const giveUp = (plannedMs: number) => {
    // While this process stood still an answer may have come, which it has not read yet.
    const stoodStillMs = now() - plannedMs;
    if (stoodStillMs > stillMs) {
      timer = setTimeout(giveUp, stoodStillMs, now() + stoodStillMs);
      return;
    }
    finish(`no answer within ${requestLimitMs} ms`);
    outgoing.destroy();
  };
  let timer = setTimeout(giveUp, requestLimitMs, sentMs + requestLimitMs);
  outgoing.once("response", (response) => read(response, onKept, finish));
  outgoing.once("error", (error: NodeJS.ErrnoException) => {
    // A server may close a kept connection at any time. Every HTTP client then repeats a GET, once, on another one
    // (RFC 9110, 9.2.2); it is counted apart.
    if (outgoing.reusedSocket && !isRepeated && !isDone && isClosed(error)) {
      isDone = true;
      underWay -= 1;
      clearTimeout(timer);
      send(false, dueMs, true);
    } else finish(error.code ?? error.message);
  });
  outgoing.end();
}

const isLoopback = url.hostname.startsWith("127.");
let clients = 0;

/**
 * An address of its own for each new connection, as if it came from another machine: 127.16.0.1 to 127.31.255.255.
 *
 * A pod that ends while a request is on its way to it resets that connection. The node's table of connections remembers
 * it for 10 s more, and sends what comes from the same address and port to the same pod, which is gone. One client alone
 * can get its port again within that time, and waits in vain; of many clients none does.
 */
function nextClient(): string {
  const number = (clients++ % 0xf_ff_ff) + 1;
  return `127.${16 + (number >> 16)}.${(number >> 8) & 0xff}.${number & 0xff}`;
}

/** What is known of a request that got no answer. */
function describeLoss(outgoing: ClientRequest, why: string, sentMs: number): Loss {
  const { socket, reusedSocket } = outgoing;
  return {
    why,
    sentMs,
    connection: reusedSocket ? "kept" : socket === null ? "none" : socket.connecting ? "not made" : "new",
    localPort: socket?.localPort ?? null,
    table: findInTable(socket?.localPort),
    answeredBy: (socket !== null && answeredBy.get(socket)) || null,
  };
}

/** What the node's table of connections knows of a port of this client: where it sends what comes from there. */
function findInTable(port: number | undefined): string | null {
  try {
    const lines = readFileSync("/proc/self/net/nf_conntrack", "utf8").split("\n");
    return lines.find((line) => line.includes(` sport=${port} dport=${url.port} `)) ?? null;
  } catch {
    return null;
  }
}

const isClosed = ({ code }: NodeJS.ErrnoException) => code === "ECONNRESET" || code === "EPIPE";

function read(response: IncomingMessage, onKept: boolean, finish: (failure: string | undefined) => void): void {
  let body = "";
  const { socket } = response;
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    body += chunk;
  });
  response.once("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  response.once("end", () => {
    if (response.statusCode !== 200) return finish(`status ${response.statusCode}`);
    const text = body.trim().slice(0, 40);
    noteAnswer(text, onKept);
    answeredBy.set(socket, text);
    finish(undefined);
  });
}

function noteAnswer(text: string, onKept: boolean): void {
  const at = now();
  answers[text] ??= { onNew: 0, onKept: 0, firstOnNewMs: null, lastOnNewMs: null };
  const seen = answers[text];
  if (onKept) seen.onKept += 1;
  else {
    seen.onNew += 1;
    seen.firstOnNewMs ??= at;
    seen.lastOnNewMs = at;
  }
}

function report(): void {
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  const rank = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const latencyMs = { p50: rank(0.5), p99: rank(0.99), max: sorted.at(-1) ?? 0 };
  const told: LoadReport = { ...total, underWay, failures, losses, latencyMs, answers };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  answers = {};
}

/** A Service that was just made is reached a moment after its pods are ready: as soon as the node knows of them. */
async function untilAnswered(): Promise<void> {
  await waitUntil(`${url} answers`, 30_000, async () => {
    const answer = await fetch(url, { headers: { connection: "close" } }).catch((error: Error) => error);
    if (answer instanceof Error) return String(answer.cause ?? answer.message);
    await answer.text();
    return answer.ok ? undefined : `status ${answer.status}`;
  });
}

if (values["once-answered"]) await untilAnswered();
const startedAt = now();
let due = 0;
const ticks = setInterval(() => {
  const wanted = Math.floor(((now() - startedAt) / 1_000) * ratePerS);
  for (; due < wanted; due += 1) {
    const onKept = Math.floor((due + 1) * keptShare) > Math.floor(due * keptShare);
    send(onKept, startedAt + (due / ratePerS) * 1_000);
  }
}, tickMs);

const lines = createInterface({ input: process.stdin });
lines.on("line", report);
lines.once("close", () => {
  clearInterval(ticks);
  const ending = setInterval(() => {
    if (underWay > 0) return;
    clearInterval(ending);
    report();
    kept.destroy();
  }, tickMs);
});

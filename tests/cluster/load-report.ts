import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Cluster } from "./cluster.ts";

const answersSchema = z.object({
  onNew: z.number(),
  onKept: z.number(),
  /** Time of day in ms of the first and the last answer on a new connection. */
  firstOnNewMs: z.number().nullable(),
  lastOnNewMs: z.number().nullable(),
});

/** What one of the servers answered, told apart by the text of its answers. */
export type Answers = z.output<typeof answersSchema>;

const lossSchema = z.object({
  why: z.string(),
  /** Time of day in ms. */
  sentMs: z.number(),
  /** `none`: the request still waited for a connection; `not made`: the connection was not answered. */
  connection: z.enum(["none", "not made", "new", "kept"]),
  localPort: z.number().nullable(),
  /** Its line in the node's table of connections, where that can be read. */
  table: z.string().nullable(),
  /** The answer before on the same connection. */
  answeredBy: z.string().nullable(),
});

/** A request without an answer. */
export type Loss = z.output<typeof lossSchema>;

const reportSchema = z.object({
  /** Totals of the whole run. `repeated`: sent once more because the server had closed a kept connection. */
  sent: z.number(),
  answered: z.number(),
  failed: z.number(),
  repeated: z.number(),
  underWay: z.number(),
  /** Number of failures of the whole run by what went wrong. */
  failures: z.record(z.string(), z.number()),
  /** The first failures, one by one. */
  losses: z.array(lossSchema),
  /** Of the whole run, from when a request was due until its answer was read. */
  latencyMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  /** Since the report before. */
  answers: z.record(z.string(), answersSchema),
});

export type LoadReport = z.output<typeof reportSchema>;

export interface Load {
  report(): Promise<LoadReport>;
  /** Ends the load and waits for the answers that are still due. */
  stop(): Promise<LoadReport>;
  /** Ends it at once, if it has not ended, without a report. */
  close(): void;
}

export interface LoadOptions {
  readonly url: string;
  readonly ratePerS: number;
  /** Of the requests, those on connections that are kept. Default: half of them. */
  readonly keptShare?: number;
  /** Begins with the first answer: for a Service that nobody has asked yet. */
  readonly onceAnswered?: boolean;
}

/** Starts load.ts in the cluster's network; it ends with this process. */
export function startLoad(
  cluster: Pick<Cluster, "inNetwork">,
  { url, ratePerS, keptShare = 0.5, onceAnswered = false }: LoadOptions,
): Load {
  const script = fileURLToPath(new URL("load.ts", import.meta.url));
  const options = ["--url", url, "--rate", String(ratePerS), "--keep-alive", String(keptShare)];
  if (onceAnswered) options.push("--once-answered");
  const [program = "", ...args] = [...cluster.inNetwork, process.execPath, "--import", "tsx", script, ...options];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done === true)
      throw new Error(`the load ended with ${child.exitCode ?? child.signalCode} without a report`);
    return reportSchema.parse(JSON.parse(line.value));
  };
  return {
    report: async () => {
      child.stdin.write("report\n");
      return await next();
    },
    stop: async () => {
      child.stdin.end();
      const last = await next();
      await ended;
      return last;
    },
    close: () => {
      child.kill("SIGKILL");
    },
  };
}

/** One line for a person. */
export function tellLoad({ sent, failed, repeated, failures, latencyMs }: LoadReport): string {
  const share = sent === 0 ? 0 : (failed / sent) * 100;
  const kinds = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`);
  const why = kinds.length === 0 ? "" : ` (${kinds.join(", ")})`;
  const again = repeated === 0 ? "" : `, ${repeated} repeated on another connection`;
  return `${sent} requests, ${failed} failed, ${share.toFixed(2)} %${why}${again}; p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(1)} ms`;
}

/** One line: when, on what kind of connection, and who answered there before. */
export function tellLoss({ why, sentMs, connection, localPort, table, answeredBy }: Loss): string {
  const before = answeredBy === null ? "" : `, where ${answeredBy} answered before`;
  return `${new Date(sentMs).toISOString()}: ${why}, connection ${connection} from port ${localPort}${before}; the node knows of it: ${table ?? "nothing"}`;
}

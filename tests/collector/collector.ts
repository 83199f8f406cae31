import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "../support/registry.ts";

const SOURCE = join(import.meta.dirname, "program");

/** OpenTelemetry's own collector, made of its receiver for OTLP and its exporter into files. */
export function collectorProgram(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(SOURCE).sort()) hash.update(readFileSync(join(SOURCE, name)));
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "slipway-collector", hash.digest("hex").slice(0, 12), "collector");
}

/** Builds it: two minutes of processor time when nothing of it is cached. @returns why it could not be built */
export function buildCollector(): string | undefined {
  const target = collectorProgram();
  mkdirSync(dirname(target), { recursive: true });
  const made = `${target}.${process.pid}`;
  const argv = ["-n", "10", "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", made, "."];
  const { status, stderr } = spawnSync("nice", argv, {
    cwd: SOURCE,
    env: { ...process.env, CGO_ENABLED: "0" },
    encoding: "utf8",
  });
  if (status !== 0) return `OpenTelemetry's collector could not be built: ${stderr.trim().split("\n").at(-1)}`;
  renameSync(made, target);
  return undefined;
}

/** A value of an attribute in OTLP's JSON. */
export interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly boolValue?: boolean;
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

export interface OtlpLog {
  readonly timeUnixNano: string;
  readonly body: OtlpValue;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[];
}

/** A collector on loopback. */
export class Collector {
  readonly #folder = mkdtempSync(join(tmpdir(), "collector-"));
  #child: ChildProcess | undefined;
  #said = "";
  /** `http://127.0.0.1:PORT` */
  url = "";

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await collector.#start();
    return collector;
  }

  async #start(): Promise<void> {
    const endpoint = `127.0.0.1:${await findFreePort()}`;
    const file = (name: string) => ({ path: join(this.#folder, `${name}.json`), flush_interval: "50ms" });
    const pipeline = (name: string) => ({ receivers: ["otlp"], exporters: [`file/${name}`] });
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint } } } },
      exporters: { "file/traces": file("traces"), "file/logs": file("logs") },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: { traces: pipeline("traces"), logs: pipeline("logs") },
      },
    };
    const path = join(this.#folder, "config.yaml");
    writeFileSync(path, JSON.stringify(config));
    const child = spawn(collectorProgram(), ["--config", path], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    child.stderr.on("data", (chunk) => {
      this.#said = `${this.#said}${chunk}`.slice(-3000);
    });
    this.url = `http://${endpoint}`;
    await this.#wait("the collector answers", async () => {
      if (child.exitCode !== null) throw new Error(`the collector has ended with ${child.exitCode}: ${this.#said}`);
      return await fetch(this.url).then(
        () => true,
        () => false,
      );
    });
  }

  /** All spans that it has taken, once there are some. */
  async spans(): Promise<readonly OtlpSpan[]> {
    const lines = await this.#lines<{ resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }>("traces");
    return lines.flatMap((line) => line.resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans)));
  }

  /** All logs that it has taken, once there are some. */
  async logs(): Promise<readonly OtlpLog[]> {
    const lines = await this.#lines<{ resourceLogs: { scopeLogs: { logRecords: OtlpLog[] }[] }[] }>("logs");
    return lines.flatMap((line) =>
      line.resourceLogs.flatMap((one) => one.scopeLogs.flatMap(({ logRecords }) => logRecords)),
    );
  }

  async #lines<T>(name: string): Promise<T[]> {
    const path = join(this.#folder, `${name}.json`);
    const read = () => (existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : []);
    await this.#wait(`the collector has written ${name}`, async () => read().length > 0);
    return read().map((line) => JSON.parse(line) as T);
  }

  async #wait(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`${what}: not within 60 s; it said last: ${this.#said}`);
      await delay(50);
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

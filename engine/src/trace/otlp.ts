import { randomBytes } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { type Attributes, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import type { LogAttributes } from "@opentelemetry/api-logs";
import { OTLPLogExporter as JsonLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { cut } from "./one-line.ts";
import { type Environment, type Protocol, type Signal, VARIABLES } from "./otlp-settings.ts";
import type { Trace, TraceStep } from "./trace.ts";

/** The end of the output of what failed, as an event of its span. */
const SHOWN_LINES = 40;
const NAME_LENGTH = 200;
/** A collector that does not answer must not keep a command for long; OTEL_EXPORTER_OTLP_TIMEOUT says otherwise. */
const TIMEOUT_MS = 3000;
/** Records of one request; receivers take a few megabytes at a time. */
const BATCH = 2000;

/**
 * Sends a run to an OpenTelemetry collector, where the environment says.
 *
 * @throws Error in the exporter's words
 */
export async function sendSpans(spans: ReadableSpan[], protocol: Protocol, env: Environment): Promise<void> {
  const options = patienceOf(env, "traces");
  await exportAll(protocol === "http/json" ? new JsonExporter(options) : new ProtobufExporter(options), [spans]);
}

/**
 * Sends what the steps of a run have printed, as logs of its spans.
 *
 * @throws Error in the exporter's words
 */
export async function sendLogs(records: ReadableLogRecord[], protocol: Protocol, env: Environment): Promise<void> {
  const options = patienceOf(env, "logs");
  const exporter = protocol === "http/json" ? new JsonLogExporter(options) : new ProtobufLogExporter(options);
  const batches = Array.from({ length: Math.ceil(records.length / BATCH) }, (_, nth) =>
    records.slice(nth * BATCH, (nth + 1) * BATCH),
  );
  await exportAll(exporter, batches);
}

interface Exporter<T> {
  export(items: T[], done: (result: { readonly code: number; readonly error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

/** One batch after the other; the first that is refused is the last. */
async function exportAll<T>(exporter: Exporter<T>, batches: readonly T[][]): Promise<void> {
  try {
    for (const batch of batches) {
      await new Promise<void>((done, fail) => {
        exporter.export(batch, ({ error, code }) => (code === 0 ? done() : fail(error ?? new Error("it was refused"))));
      });
    }
  } finally {
    await exporter.shutdown();
  }
}

function patienceOf(env: Environment, signal: Signal): { timeoutMillis?: number } {
  return VARIABLES[signal].timeout.some((name) => env[name]) ? {} : { timeoutMillis: TIMEOUT_MS };
}

/**
 * What the steps of a run have printed, and what the engine said: each line as a record of the span that it belongs to.
 * Which of the two streams it was is called as by Dagger's engine.
 *
 * @param spans those of the run
 */
export function logsOf(trace: Trace, spans: readonly ReadableSpan[]): ReadableLogRecord[] {
  const [root, ...ofSteps] = spans;
  if (root === undefined) return [];
  const begun = Date.parse(trace.startedAt);
  const made = (span: ReadableSpan, body: string, atMs: number, attributes: LogAttributes): ReadableLogRecord => ({
    hrTime: timeOf(begun, atMs),
    hrTimeObserved: timeOf(begun, atMs),
    spanContext: span.spanContext(),
    body: stripVTControlCharacters(body),
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    attributes,
    droppedAttributesCount: 0,
  });
  const said = trace.notes.map(({ text, atMs }) => made(root, text, atMs, {}));
  const printed = trace.steps.flatMap(({ lines, times, errors }, nth) => {
    const isError = new Set(errors);
    const span = ofSteps[nth] ?? root;
    return lines.map((line, place) =>
      made(span, line, times[place] ?? 0, { "stdio.stream": isError.has(place) ? 2 : 1 }),
    );
  });
  return [...said, ...printed];
}

function timeOf(begunMs: number, ms: number): [number, number] {
  return [Math.floor((begunMs + ms) / 1000), ((begunMs + ms) % 1000) * 1e6];
}

/** A run as finished spans: that of the command first, then each step as a span in it. */
export function spansOf(trace: Trace, env: Environment): ReadableSpan[] {
  const [name = "slipway", version = ""] = trace.program.split(" ");
  // What the environment says of the service goes before what the program says of itself.
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": name, "service.version": version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const scope = { name, version };
  const parent = parentOf(env);
  const traceId = parent?.traceId ?? randomBytes(16).toString("hex");
  const context = (): SpanContext => ({
    traceId,
    spanId: randomBytes(8).toString("hex"),
    traceFlags: TraceFlags.SAMPLED,
  });
  const contexts = new Map<number, SpanContext>(trace.steps.map(({ number }) => [number, context()]));
  const root = context();
  const begun = Date.parse(trace.startedAt);
  const made = (span: Made): ReadableSpan => finished(span, begun, { resource, scope });
  return [
    made({ name: `slipway ${trace.command.join(" ")}`, context: root, parent, ...runSpan(trace) }),
    ...trace.steps.map((step) =>
      made({
        name: step.name,
        context: contexts.get(step.number) ?? context(),
        parent: (step.parent === undefined ? undefined : contexts.get(step.parent)) ?? root,
        ...stepSpan(step),
      }),
    ),
  ];
}

interface Made {
  readonly name: string;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** What it says of its failure. */
  readonly failure: string | undefined;
}

type Told = Pick<Made, "startMs" | "endMs" | "attributes" | "failure">;

function runSpan({ durationMs, outcome, exitCode, error, folder, command }: Trace): Told {
  return {
    startMs: 0,
    endMs: durationMs,
    attributes: {
      "process.command_args": ["slipway", ...command],
      "process.working_directory": folder,
      "process.exit.code": exitCode,
      ...(outcome === "canceled" ? { "dagger.io/dag.canceled": true } : {}),
    },
    failure: outcome === "done" ? undefined : (error ?? outcome),
  };
}

/** Attributes are called as in the spans of Dagger's engine. */
function stepSpan({ startMs, endMs, outcome, key, lines, ofEngine }: TraceStep): Told {
  return {
    startMs,
    endMs,
    attributes: {
      ...(key === undefined ? {} : { "dagger.io/dag.digest": key }),
      ...(ofEngine === true ? { "dagger.io/ui.internal": true } : {}),
      ...(outcome === "cached" ? { "dagger.io/dag.cached": true } : {}),
      ...(outcome === "canceled" ? { "dagger.io/dag.canceled": true } : {}),
    },
    failure:
      outcome === "failed" ? stripVTControlCharacters(lines.slice(-SHOWN_LINES).join("\n")) || "failed" : undefined,
  };
}

function finished(
  span: Made,
  begunMs: number,
  { resource, scope }: { readonly resource: Resource; readonly scope: ReadableSpan["instrumentationScope"] },
): ReadableSpan {
  const { name, context, parent, startMs, endMs, attributes, failure } = span;
  const time = (ms: number): [number, number] => timeOf(begunMs, ms);
  const error = failure === undefined ? undefined : { message: failure.split("\n").at(-1) ?? "" };
  return {
    name: cut(name, NAME_LENGTH),
    kind: SpanKind.INTERNAL,
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    startTime: time(startMs),
    endTime: time(endMs),
    duration: [Math.floor((endMs - startMs) / 1000), ((endMs - startMs) % 1000) * 1e6],
    ended: true,
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, ...error },
    attributes,
    links: [],
    events:
      failure === undefined
        ? []
        : [{ name: "exception", time: time(endMs), attributes: { "exception.message": failure } }],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** The span that the command is a part of: `TRACEPARENT`, by W3C Trace Context. */
function parentOf(env: Environment): SpanContext | undefined {
  const found = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-|$)/.exec(env["TRACEPARENT"] ?? "");
  const [, traceId = "", spanId = ""] = found ?? [];
  if (!/[1-9a-f]/.test(traceId) || !/[1-9a-f]/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

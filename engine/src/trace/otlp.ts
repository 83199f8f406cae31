import { randomBytes } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { type Attributes, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { cut } from "./one-line.ts";
import type { Environment } from "./otlp-settings.ts";
import type { Trace, TraceStep } from "./trace.ts";

/** The end of the output of what failed, as an event of its span. */
const SHOWN_LINES = 40;
const NAME_LENGTH = 200;
/** A collector that does not answer must not keep a command for long; OTEL_EXPORTER_OTLP_TIMEOUT says otherwise. */
const TIMEOUT_MS = 3000;

/**
 * Sends a run to an OpenTelemetry collector, where the environment says: the command as one span, each step as a span in it.
 *
 * @throws Error in the exporter's words
 */
export async function sendTrace(
  trace: Trace,
  protocol: "http/protobuf" | "http/json",
  env: Environment,
): Promise<void> {
  const hasTimeout = ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"].some((name) => env[name]);
  const options = hasTimeout ? {} : { timeoutMillis: TIMEOUT_MS };
  const exporter = protocol === "http/json" ? new JsonExporter(options) : new ProtobufExporter(options);
  try {
    await new Promise<void>((done, fail) => {
      exporter.export(spansOf(trace, env), ({ error, code }) =>
        code === 0 ? done() : fail(error ?? new Error("it was refused")),
      );
    });
  } finally {
    await exporter.shutdown();
  }
}

/** A run as finished spans. */
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
function stepSpan({ startMs, endMs, outcome, key, lines }: TraceStep): Told {
  return {
    startMs,
    endMs,
    attributes: {
      ...(key === undefined ? {} : { "dagger.io/dag.digest": key }),
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
  const time = (ms: number): [number, number] => [Math.floor((begunMs + ms) / 1000), ((begunMs + ms) % 1000) * 1e6];
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

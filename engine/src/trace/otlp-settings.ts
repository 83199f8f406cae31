export type Environment = Readonly<Record<string, string | undefined>>;

export type Protocol = "http/protobuf" | "http/json";

/** How a run is to be sent to a collector. */
export type OtlpSettings =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly protocol: Protocol }
  /** It is asked for, and cannot be done. */
  | { readonly kind: "refused"; readonly reason: string };

/** What can be sent. */
export type Signal = "traces" | "logs";

/** The variables that say how, the one that counts first. */
interface Variables {
  readonly endpoint: readonly string[];
  readonly protocol: readonly string[];
  readonly exporter: string;
  readonly timeout: readonly string[];
}

/**
 * Of logs an endpoint has to be named for them, as with Dagger's own command: not everybody who takes traces takes what
 * programs print.
 */
export const VARIABLES: Readonly<Record<Signal, Variables>> = {
  traces: {
    endpoint: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    protocol: ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    exporter: "OTEL_TRACES_EXPORTER",
    timeout: ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
  },
  logs: {
    endpoint: ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"],
    protocol: ["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
    exporter: "OTEL_LOGS_EXPORTER",
    timeout: ["OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
  },
};

/**
 * What OpenTelemetry's variables ask for. Where to, with which headers and how long, the exporter reads by itself.
 *
 * Nothing is sent unless an endpoint is named, as with Dagger's own command.
 */
export function readOtlpSettings(env: Environment, signal: Signal): OtlpSettings {
  const variables = VARIABLES[signal];
  const endpoint = variables.endpoint.find((name) => isSet(env[name]));
  if (endpoint === undefined || isTrue(env["OTEL_SDK_DISABLED"])) return { kind: "off" };
  const exporters = (env[variables.exporter] ?? "").split(",").map((name) => name.trim());
  if (exporters.some((name) => name !== "") && !exporters.includes("otlp")) return { kind: "off" };
  if (!URL.canParse(env[endpoint] ?? "")) return { kind: "refused", reason: `${endpoint} is not an address` };
  const name = variables.protocol.find((one) => isSet(env[one]));
  const protocol = name === undefined ? "http/protobuf" : (env[name] ?? "").trim();
  if (protocol === "http/protobuf" || protocol === "http/json") return { kind: "on", protocol };
  return { kind: "refused", reason: `${name} is ${JSON.stringify(protocol)}: use http/protobuf or http/json` };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "";
}

function isTrue(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === "true";
}

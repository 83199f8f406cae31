export type Environment = Readonly<Record<string, string | undefined>>;

/** How a run is to be sent to a collector. */
export type OtlpSettings =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly protocol: "http/protobuf" | "http/json" }
  /** It is asked for, and cannot be done. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * What OpenTelemetry's variables ask for. Where to, with which headers and how long, the exporter reads by itself.
 *
 * Nothing is sent unless an endpoint is named, as with Dagger's own command.
 */
export function readOtlpSettings(env: Environment): OtlpSettings {
  const endpoint = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"].find((name) =>
    isSet(env[name]),
  );
  if (endpoint === undefined || isTrue(env["OTEL_SDK_DISABLED"])) return { kind: "off" };
  const exporters = (env["OTEL_TRACES_EXPORTER"] ?? "").split(",").map((name) => name.trim());
  if (exporters.some((name) => name !== "") && !exporters.includes("otlp")) return { kind: "off" };
  if (!URL.canParse(env[endpoint] ?? "")) return { kind: "refused", reason: `${endpoint} is not an address` };
  const name = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"].find((one) => isSet(env[one]));
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

import { z } from "zod";

/** The environment cannot be used. The message lists every problem, one a line, with the variable's name. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** A whole number in a variable. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  return z
    .string()
    .regex(/^-?\d+$/, "expected a whole number")
    .transform(Number)
    .pipe(z.number().min(min, `expected at least ${min}`).max(max, `expected at most ${max}`))
    .meta({ type: "integer", minimum: min, maximum: max });
}

/** `host:port`, several with commas between them. */
export const brokerList = z
  .string("is missing; expected host:port, several with commas between them, for example kafka:9092")
  .transform((text) => text.split(",").map((part) => part.trim()))
  .pipe(z.array(z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[^\]]+\]:\d{1,5}$/, "expected host:port")).min(1));

/** What every service takes from the environment. Their descriptions are docs/reference/environment.md. */
export const commonVariables = {
  KAFKA_BROKERS: brokerList.describe("The brokers: host:port, several with commas between them."),
  KAFKA_TLS: z
    .enum(["true", "false"], "expected true or false")
    .default("false")
    .describe("Whether to connect to the brokers by TLS."),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,60}$/, "expected at most 60 letters, digits, dots, dashes or underscores")
    .default("")
    .describe(
      "Prefix of every topic and group, so several products can share one cluster, or several tests one broker.",
    ),
  PORT: wholeNumber({ min: 0, max: 65_535 }).default(8080).describe("The public port; 0 for any free one."),
  MANAGEMENT_PORT: wholeNumber({ min: 0, max: 65_535 })
    .default(8081)
    .describe("The port of /healthz, /readyz and /metrics; 0 for any free one."),
  DRAIN_DELAY_MS: wholeNumber({ min: 0, max: 60_000 })
    .default(0)
    .describe(
      "How long the port stays open after the signal to end, until everybody has learnt that this process is not ready.",
    ),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The lowest level that is logged."),
};

/**
 * Reads variables by a schema. An empty variable counts as not set, as Kubernetes and compose files leave them.
 *
 * @throws EnvironmentError with all problems.
 */
export function readEnvironment<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv): z.output<T> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".") || "(all)"}: ${issue.message}`);
  throw new EnvironmentError(["the environment cannot be used:", ...lines].join("\n"));
}

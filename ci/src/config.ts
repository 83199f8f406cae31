import { parseDocument } from "yaml";
import { z } from "zod";
import { imageNameSchema, registrySchema } from "./registry-name.ts";
import { ringPolicySchema } from "./rollout/policy.ts";
import { counterRuleSchema } from "./rollout/traffic.ts";

/** The broker's name in `needs`, and its host name for everything that is bound to it. */
export const KAFKA = "kafka";

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "expected lower case letters, digits and dashes, beginning with a letter");

const command = z.array(z.string().min(1)).min(1, "expected a program and its arguments");

const port = z.int().min(1).max(65_535);

const service = z.strictObject({
  /** The HTTP port, given to the service as PORT. It answers once the service is ready. */
  port,
  /** Names of services, or `kafka`, that have to run before this one. */
  needs: z.array(name).default([]),
  /** More environment variables. Never a place for secrets: the file is in the repository. */
  env: z.record(z.string(), z.string()).default({}),
  /** What a release is asked before and after it gets the traffic: GET of this path of the Service must answer 2xx. */
  probe: z
    .string()
    .regex(/^\/[^\s?#]*$/, "expected a path, beginning with /")
    .default("/"),
  /** How its pods count requests. With it, the bake judges a release by the requests of everybody, not by its own alone. */
  metrics: counterRuleSchema.optional(),
});

const schema = z
  .strictObject({
    product: name,
    services: z.record(name, service).refine((all) => Object.keys(all).length > 0, "expected at least one service"),
    /** Services that a person opens, each with its port of the laptop. */
    front: z.record(name, port).refine((all) => new Set(Object.values(all)).size === Object.keys(all).length, {
      error: "expected another port for each service",
    }),
    checks: z.strictObject({ lint: command, unit: command, integration: command }),
    /** The images of the services: REGISTRY/NAME. */
    images: z
      .strictObject({
        /** Where `publish` sends them unless it is told otherwise. */
        registry: registrySchema.optional(),
        name: imageNameSchema.default("{product}-{service}"),
        /** Where people find the source; written on every image. */
        source: z.url("expected an address").optional(),
      })
      .prefault({}),
    /** Who gets a release, in which order and by which rules. Each ring is a namespace of its name. */
    rings: z.record(name, ringPolicySchema).default({}),
    /** Where the list of those who may approve comes from. */
    approvals: z
      .strictObject({
        /** A file as `ssh-keygen` knows it, ALLOWED SIGNERS. */
        signers: z.string().min(1).default(".slipway/allowed_signers"),
        /** The protected branch that the file is read from, whatever is deployed. */
        branch: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, "expected the name of a branch")
          .default("main"),
      })
      .prefault({}),
  })
  .superRefine(({ services, front, rings }, context) => {
    const known = Object.keys(services);
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (KAFKA in services) complain(["services", KAFKA], "this name belongs to the broker");
    for (const opened of Object.keys(front)) {
      if (!known.includes(opened)) {
        complain(["front", opened], `there is no service ${opened}; expected one of ${known.join(", ")}`);
      }
    }
    for (const [of, { needs }] of Object.entries(services)) {
      for (const [index, needed] of needs.entries()) {
        if (needed !== KAFKA && !known.includes(needed)) {
          const choice = [KAFKA, ...known.filter((other) => other !== of)].join(", ");
          complain(["services", of, "needs", index], `there is no service ${needed}; expected one of ${choice}`);
        }
      }
    }
    const circle = findCircle(services);
    if (circle !== undefined) complain(["services"], `these need each other in a circle: ${circle.join(" -> ")}`);
    for (const [ring, { after }] of Object.entries(rings)) {
      if (after !== null && !(after in rings)) {
        complain(
          ["rings", ring, "after"],
          `there is no ring ${after}; expected one of ${Object.keys(rings).join(", ")}`,
        );
      }
    }
    const befores = Object.entries(rings).map(([ring, { after }]) => [ring, { needs: after === null ? [] : [after] }]);
    const endless = findCircle(Object.fromEntries(befores));
    if (endless !== undefined) complain(["rings"], `these come after each other in a circle: ${endless.join(" -> ")}`);
  });

/** What slipway.yaml says, checked and with its defaults filled in. */
export type Config = z.output<typeof schema>;

/** slipway.yaml cannot be used. The message lists every problem with its place. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the text of slipway.yaml.
 *
 * @throws ConfigError with every problem, one a line, each with the path of the value.
 */
export function readConfig(text: string): Config {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) throw problems(document.errors.map((error) => error.message.trim()));
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  throw problems(parsed.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`));
}

function problems(lines: readonly string[]): ConfigError {
  return new ConfigError(["slipway.yaml cannot be used:", ...lines.map((line) => `  ${line}`)].join("\n"));
}

/** The settings of a service. `readConfig` has checked every name in the file, so that an unknown one is a mistake here. */
export function serviceIn({ services }: Config, name: string): Config["services"][string] {
  const settings = services[name];
  if (settings === undefined) throw new Error(`slipway.yaml has no service ${name}`);
  return settings;
}

/** The names along one circle of needs, the first one again at the end; `undefined` when there is none. */
function findCircle(services: Record<string, { needs: readonly string[] }>): string[] | undefined {
  const done = new Set<string>();
  const walk = (at: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const next of services[at]?.needs ?? []) {
      const circle = walk(next, [...path, at]);
      if (circle !== undefined) return circle;
    }
    done.add(at);
    return undefined;
  };
  for (const start of Object.keys(services)) {
    const circle = walk(start, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

import { z } from "zod";
import { nameSchema, ownValue, pathSchema, portSchema } from "../input/names.ts";
import { listProblems, mapping, type Problem, tellProblem } from "../input/problems.ts";
import { imageNameSchema, registrySchema } from "../input/registry-name.ts";
import { ringPolicySchema } from "../rollout/policy.ts";
import { counterRuleSchema } from "../rollout/traffic.ts";
import { listContradictions } from "./names.ts";
import { type Place, readConfigText } from "./text.ts";

const command = z
  .array(z.string("expected text").min(1, "expected some text"))
  .min(1, "expected a program and its arguments");

const service = mapping({
  /** The HTTP port, given to the service as PORT. It answers once the service is ready. */
  port: portSchema,
  /** Names of services, or `kafka`, that have to run before this one. */
  needs: z.array(nameSchema).default([]),
  /** More environment variables. Never a place for secrets: the file is in the repository. */
  env: z.record(z.string(), z.string()).default({}),
  /** What a release is asked before and after it gets the traffic: GET of this path of the Service must answer 2xx. */
  probe: pathSchema.default("/"),
  /** How its pods count requests. With it, the bake judges a release by the requests of everybody, not by its own alone. */
  metrics: counterRuleSchema.optional(),
});

const schema = mapping({
  product: nameSchema,
  services: z.record(z.string(), service).refine((all) => Object.keys(all).length > 0, "expected at least one service"),
  /** Services that a person opens, each with its port of the laptop. */
  front: z.record(z.string(), portSchema),
  checks: mapping({ lint: command, unit: command, integration: command }),
  /** The images of the services: REGISTRY/NAME. */
  images: mapping({
    /** Where `publish` sends them unless it is told otherwise. */
    registry: registrySchema.optional(),
    name: imageNameSchema.default("{product}-{service}"),
    /** Where people find the source; written on every image. */
    source: z.url({ protocol: /^https?$/, error: "expected an address such as https://example.org/source" }).optional(),
  }).prefault({}),
  /** Who gets a release, in which order and by which rules. Each ring is a namespace of its name. */
  rings: z.record(z.string(), ringPolicySchema).default({}),
  /** Where the list of those who may approve comes from. */
  approvals: mapping({
    /** A file as `ssh-keygen` knows it, ALLOWED SIGNERS. */
    signers: z.string().min(1, "expected the path of a file").default(".slipway/allowed_signers"),
    /** The protected branch that the file is read from, whatever is deployed. */
    branch: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, "expected the name of a branch")
      .default("main"),
  }).prefault({}),
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
 * @throws ConfigError with every problem, one a line, each with its line and column and the path of the value.
 */
export function readConfig(text: string): Config {
  const read = readConfigText(text);
  const parsed = schema.safeParse(read.data);
  const found = parsed.success ? [] : listProblems(parsed.error, read.data, (path) => read.show(path));
  // What the text itself has wrong would be told again as something that is missing, or of another kind.
  const known = (problem: Problem) =>
    read.problems.some(({ path }) => path.every((key, at) => problem.path[at] === key));
  const values = [...found, ...listContradictions(read.data)].filter((problem) => !known(problem));
  const placed = values.map((problem) => ({ ...problem, ...read.find(problem.path, problem.aboutKey ?? false) }));
  const problems = [...read.problems, ...placed];
  if (problems.length === 0 && parsed.success) return parsed.data;
  throw refuse(problems);
}

function refuse(problems: readonly (Problem & Place)[]): ConfigError {
  const ordered = problems.toSorted((left, right) => left.line - right.line || left.column - right.column);
  const lines = ordered.map((problem) => `  ${problem.line}:${problem.column} ${tellProblem(problem)}`);
  return new ConfigError(["slipway.yaml cannot be used:", ...new Set(lines)].join("\n"));
}

/** The settings of a service. `readConfig` has checked every name in the file, so that an unknown one is a mistake here. */
export function serviceIn({ services }: Config, name: string): Config["services"][string] {
  const settings = ownValue(services, name);
  if (settings === undefined) throw new Error(`slipway.yaml has no service ${name}`);
  return settings;
}

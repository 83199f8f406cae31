import { z } from "zod";
import { nameSchema, ownValue, pathSchema, portSchema } from "../input/names.ts";
import { about, listProblems, mapping, type Problem } from "../input/problems.ts";
import { imageNameSchema, registrySchema } from "../input/registry-name.ts";
import { ringPolicySchema } from "../rollout/policy.ts";
import { counterRuleSchema } from "../rollout/traffic.ts";
import { refuseFile } from "./config-error.ts";
import { memberOf, membersOf, textsOf } from "./members.ts";
import { KAFKA, listContradictions } from "./names.ts";
import { BACKING_KINDS } from "./service-schema.ts";
import { readConfigText } from "./text.ts";

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

/**
 * Reads the text of slipway.yaml.
 *
 * @throws SlipwayError `bad-config` with every problem, one a line, each with its line and column and the path of the value.
 */
export function readConfig(text: string): Config {
  const read = readConfigText(text);
  const parsed = schema.safeParse(read.data);
  const found = parsed.success ? [] : listProblems(parsed.error, read.data, (path) => read.show(path));
  const problems = [...found, ...listContradictions(read.data), ...listUnserved(read.data)];
  if (read.problems.length === 0 && read.data === undefined)
    throw refuseFile(read, [about([], "the file is empty; expected product, services, front and checks")]);
  if (read.problems.length === 0 && problems.length === 0 && parsed.success) return parsed.data;
  throw refuseFile(read, problems);
}

/** Backing services that have names here and are not started by the stack of this form of the file. */
function listUnserved(data: unknown): Problem[] {
  return [...membersOf(memberOf(data, "services"))].flatMap(([name, settings]) =>
    [...textsOf(memberOf(settings, "needs"))]
      .filter(([, needed]) => needed !== KAFKA && (BACKING_KINDS as readonly string[]).includes(needed))
      .map(([index, needed]) => about(["services", name, "needs", index], `${needed} cannot be started yet`)),
  );
}

/** The settings of a service. `readConfig` has checked every name in the file, so that an unknown one is a mistake here. */
export function serviceIn({ services }: Config, name: string): Config["services"][string] {
  const settings = ownValue(services, name);
  if (settings === undefined) throw new Error(`slipway.yaml has no service ${name}`);
  return settings;
}

import { z } from "zod";
import { tellChoices } from "../input/nearest-name.ts";
import { mapping } from "../input/problems.ts";
import { oneOf } from "./values.ts";

/** The CI systems whose files are written, as slipway.yaml names them. */
export const PROVIDERS = [
  "github",
  "gitlab",
  "concourse",
  "jenkins",
  "woodpecker",
  "drone",
  "bitbucket",
  "circleci",
  "azure",
  "buildkite",
  "tekton",
] as const;

export type ProviderName = (typeof PROVIDERS)[number];

/** What runs the calls: Dagger's own engine by its command `dagger`, or the embedded one by `slipway`. */
const ENGINES = ["dagger", "embedded"] as const;

export type EngineName = (typeof ENGINES)[number];

const ENGINE = "expected dagger or embedded, or a list of both";
const engineSchema = z.enum(ENGINES, ENGINE);

const COMMAND = "expected a path such as ./tools/slipway, or the name of a command";
// These words stand in a file of the provider, and in a command line there, as they are.
const commandSchema = z.string(COMMAND).regex(/^(?!-)[\w./-]+$/, COMMAND);

const RUNNER = "expected a label such as ubuntu-24.04, or a list of labels";
const labelSchema = z.string(RUNNER).regex(/^[A-Za-z0-9][\w./-]*$/, RUNNER);

const providerSchema = mapping({
  engine: oneOf(
    ENGINE,
    engineSchema,
    z
      .array(engineSchema)
      .min(1, "expected at least one engine")
      .refine((list) => new Set(list).size === list.length, "expected each engine once"),
  )
    .default("dagger")
    .describe(
      "What runs the calls: dagger for Dagger's own engine, embedded where there is no Docker. Of a list each engine runs the checks, and the first one publishes and deploys.",
    ),
  command: commandSchema
    .optional()
    .describe(
      "The slipway command of the embedded engine, if the repository or the machine has one already. By default this version's npm package is installed.",
    ),
  runner: oneOf(RUNNER, labelSchema, z.array(labelSchema).min(1, RUNNER))
    .optional()
    .describe(
      "The machines that it runs on: labels of runners and agents, tags of workers. By default ubuntu-24.04 on GitHub, elsewhere any.",
    ),
  deliver: z
    .boolean()
    .default(true)
    .describe("Whether the protected branch is published and deployed as well; false runs the checks alone."),
}).refine(({ command, engine }) => command === undefined || [engine].flat().includes("embedded"), {
  path: ["command"],
  message: "cannot be used with engine: dagger alone, whose command is always installed",
});

const nameSchema = z.enum(PROVIDERS, {
  error: ({ input }) => (typeof input === "string" ? tellChoices(input, PROVIDERS) : undefined),
});

/** The names where the defaults do, or what is to be otherwise by name. */
export const providersSchema = oneOf(
  "expected a list of names, or a mapping of names to values",
  z.array(nameSchema).refine((list) => new Set(list).size === list.length, "expected each provider once"),
  z
    .partialRecord(nameSchema, providerSchema, {
      error: (issue: z.core.$ZodRawIssue) =>
        issue.code === "unrecognized_keys"
          ? issue.keys.map((key) => `unknown; ${tellChoices(key, PROVIDERS)}`).join("\n")
          : undefined,
    })
    .refine(({ bitbucket }) => bitbucket?.runner !== undefined || ![bitbucket?.engine].flat().includes("embedded"), {
      path: ["bitbucket", "engine"],
      message:
        "embedded needs a runner of your own, such as runner: linux.shell: a step of Bitbucket's machines may make no namespaces",
    })
    .refine(({ circleci }) => [circleci?.runner ?? []].flat().length <= 1, {
      path: ["circleci", "runner"],
      message: "is one resource class there, such as large, or acme/linux of your own",
    }),
);

/** How the files of one provider are written. */
export interface ProviderSettings {
  /** At least one. */
  readonly engines: readonly EngineName[];
  readonly command?: string;
  /** None: the provider's own choice. */
  readonly runner: readonly string[];
  readonly deliver: boolean;
}

/** The providers that are named, in the order of `PROVIDERS`, whichever way they were written. */
export function readProviders(
  written: z.output<typeof providersSchema> = [],
): Readonly<Partial<Record<ProviderName, ProviderSettings>>> {
  const settings = Array.isArray(written)
    ? Object.fromEntries(written.map((name) => [name, providerSchema.parse({})]))
    : written;
  return Object.fromEntries(
    PROVIDERS.flatMap((name) => {
      const found = settings[name];
      if (found === undefined) return [];
      const { engine, command, runner, deliver } = found;
      const given = command === undefined ? {} : { command };
      return [[name, { engines: [engine].flat(), ...given, runner: [runner ?? []].flat(), deliver }]];
    }),
  );
}

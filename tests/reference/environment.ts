import { z } from "zod";
import { VARIABLES } from "../../engine/src/cli/variables.ts";
import { variables as dashboard } from "../../services/dashboard/src/config.ts";
import { variables as ingest } from "../../services/ingest/src/config.ts";
import { variables as processor } from "../../services/processor/src/config.ts";
import { commonVariables } from "../../services/runtime/src/environment.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { code, page, table } from "./markdown.ts";
import { readObjects } from "./read-objects.ts";
import { tellDefault, tellKind } from "./settings.ts";

/** The page about the variables of the environment. */
export function printEnvironment(): string {
  return page("Environment variables", "`engine/src/cli/variables.ts` and the schemas of `services/`", [
    INTRODUCTION,
    ...Object.entries(VARIABLES).map(([title, rows]) => {
      const cells = rows.map(({ name, value = "any text", otherwise = "", means }) => [
        code(name),
        value,
        otherwise,
        means,
      ]);
      return `## ${title}\n\n${table(["Variable", "Value", "Without it", "What it says"], cells)}`;
    }),
    printDefaults(),
    TOLD,
    printService("All services of the product", z.object(commonVariables)),
    printService("ingest", withoutCommon(ingest)),
    printService("processor", withoutCommon(processor)),
    printService("dashboard", withoutCommon(dashboard)),
  ]);
}

const INTRODUCTION = `What the command \`slipway\`, the embedded engine and the services of the product read. An empty variable counts as one that is
not set. \`OTEL_\` variables that are not named here (headers, compression, attributes of the resource) are read by OpenTelemetry's
own library. A module sees none of all this: what it is to know is an argument.`;

/** What the arguments before the function are called in `.env`. */
function printDefaults(): string {
  const [main] = readObjects("ci/src/index.ts");
  const rows = main?.args.map(({ name, description }) => [code(`SLIPWAY_${name.toUpperCase()}`), description]) ?? [];
  return `## Defaults of arguments

These are lines of a file \`.env\`, and no variables of the environment. The file in the working directory counts, or the next one
above it. The lines in the table give the arguments before the function. A line for an argument of a function has the function's name as well:
\`SLIPWAY_PUBLISH_REGISTRY=docker.io/NAME\`. Words inside of a name have nothing between them (\`SLIPWAY_REGISTRYSERVICE\`); the embedded
engine reports a line that has an underscore there. In a \`.env\` beside the module's \`dagger.json\` the lines have no \`SLIPWAY_\`, and count more.

${table(["Line", "What it says"], rows)}`;
}

const TOLD = `## What others are told

${table(
  ["Variable", "Told to", "What it says"],
  [
    ["`SLIPWAY_RING`", "each container of a release in a ring", "The ring."],
    [
      "`SLIPWAY_COLOUR`",
      "the same, except in jobs and in rings that change Deployments in place",
      "`blue` or `green`.",
    ],
    ["`SLIPWAY_RELEASE`", "the same as the first", "The name of the release."],
    ["`SLIPWAY_APPROVALS`", "the deploy job of a CI system", "The signed approvals, as `approve` has them written."],
    ["`PORT`", "each service with a port", "The port at which it has to answer."],
  ],
)}

The addresses that services and checks get of each other: [slipway-yaml.md](../slipway-yaml.md#addresses-of-services).`;

function withoutCommon(schema: z.ZodObject): z.ZodObject {
  const own = Object.entries(schema.shape).filter(([name]) => !(name in commonVariables));
  return z.object(Object.fromEntries(own));
}

function printService(title: string, schema: z.ZodObject): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  // A default is what comes out: a number, where the variable is text.
  const read = (z.toJSONSchema(schema) as JsonSchema).properties ?? {};
  const rows = Object.entries(properties).map(([name, member]) => [
    code(name),
    `${tellKind(member)}${required.includes(name) ? "; required" : ""}`,
    tellDefault(read[name] ?? member),
    member.description ?? "",
  ]);
  return `## ${title}\n\n${table(["Variable", "Value", "Default", "What it says"], rows)}`;
}

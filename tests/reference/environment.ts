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
      return `## ${title}\n\n${table(["Variable", "Value", "Without it", "Meaning"], cells)}`;
    }),
    printDefaults(),
    TOLD,
    printService("All services of the product", z.object(commonVariables)),
    printService("ingest", withoutCommon(ingest)),
    printService("processor", withoutCommon(processor)),
    printService("dashboard", withoutCommon(dashboard)),
  ]);
}

const INTRODUCTION = `These variables are read by the command \`slipway\`, the embedded engine and the services of the product. An empty variable counts as
not set. \`OTEL_\` variables that are not named here (headers, compression, attributes of the resource) are read by OpenTelemetry's
own library. A module sees none of them: pass what it needs as an argument.`;

/** What the arguments before the function are called in `.env`. */
function printDefaults(): string {
  const [main] = readObjects("ci/src/index.ts");
  const rows = main?.args.map(({ name, description }) => [code(`SLIPWAY_${name.toUpperCase()}`), description]) ?? [];
  return `## Defaults of arguments

These are lines of a file \`.env\`, not environment variables. The file in the working directory counts, or the nearest one above it.
The lines in the table set arguments that stand before the function. For an argument of a function, add the function's name:
\`SLIPWAY_PUBLISH_REGISTRY=docker.io/NAME\`. Write the words of an argument's name together (\`SLIPWAY_REGISTRYSERVICE\`); the embedded
engine reports a line that has an underscore there. In a \`.env\` beside the module's \`dagger.json\`, leave out \`SLIPWAY_\`; a line with it goes before one
without. Such lines count for each call: of a command, of a query, of a check, and of one module by another. Of a module that was fetched
from a git repository no such file is read.

${table(["Line", "Meaning"], rows)}`;
}

const TOLD = `## What Slipway sets for others

${table(
  ["Variable", "Set for", "Meaning"],
  [
    ["`SLIPWAY_RING`", "each container of a release in a ring", "The ring."],
    [
      "`SLIPWAY_COLOUR`",
      "the same, except in jobs and in rings that change Deployments in place",
      "`blue` or `green`.",
    ],
    ["`SLIPWAY_RELEASE`", "the same as the first", "The name of the release."],
    [
      "`SLIPWAY_APPROVALS`",
      "the deploy job of a CI system",
      "The signed approvals, in the form that the command printed by `approve` writes.",
    ],
    ["`PORT`", "each service with a port", "The port on which it has to listen."],
  ],
)}

The addresses of services, for each other and for checks: [slipway-yaml.md](../slipway-yaml.md#addresses-of-services).`;

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
  return `## ${title}\n\n${table(["Variable", "Value", "Default", "Meaning"], rows)}`;
}

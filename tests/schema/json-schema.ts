import { z } from "zod";
import { fileSchema } from "../../ci/src/config/file-schema.ts";

/** What an editor needs to complete slipway.yaml, as JSON Schema writes it: the parts that are used here. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Where the schema is when the package is published; also its name. */
const ADDRESS = "https://unpkg.com/slipway/ci/slipway.schema.json";

/** The schema of slipway.yaml. Rules that JSON Schema cannot say are left to the module, which tells of them. */
export function makeJsonSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(fileSchema, { io: "input" });
  return { $schema, $id: ADDRESS, title: "slipway.yaml", ...rest } as JsonSchema;
}

/** As the file has it. */
export function writeJsonSchema(): string {
  return `${JSON.stringify(makeJsonSchema(), null, 2)}\n`;
}

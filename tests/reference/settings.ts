import { type JsonSchema, makeJsonSchema } from "../schema/json-schema.ts";
import { code, page, table, tellValue } from "./markdown.ts";

/** The page about the keys of slipway.yaml, from its schema. */
export function printSettings(): string {
  const { properties = {} } = makeJsonSchema();
  return page("slipway.yaml", "`ci/src/config/file-schema.ts`", [
    INTRODUCTION,
    `## At the top\n\n${printTable(Object.entries(properties).map(([key, schema]) => [key, schema]))}`,
    ...Object.entries(properties).flatMap(([name, schema]) => {
      const { path, mapping } = openMapping(name, schema);
      if (mapping === undefined) return [];
      return [`## ${path}\n\n${schema.description ?? ""}\n\n${printTable(listMembers(mapping, ""))}`];
    }),
  ]);
}

const INTRODUCTION = `Every key of the file at the top of a repository. All keys are optional. [slipway-yaml.md](../slipway-yaml.md) explains the file with
examples; \`slipway call config\` prints the values in effect in a repository, and where each comes from.

Where the default is detected, the last column says how. Unknown keys are refused.`;

type Member = readonly [key: string, schema: JsonSchema, isRequired?: boolean];

/** \`services\` holds mappings by name, \`images\` is one, \`providers\` may be either. */
function openMapping(name: string, schema: JsonSchema): { readonly path: string; readonly mapping?: JsonSchema } {
  const ways = [schema, ...(schema.anyOf ?? [])];
  const named = ways.map(({ additionalProperties }) => additionalProperties).find((one) => typeof one === "object");
  const listed = ways.map(({ items }) => items).find((one) => one?.properties !== undefined);
  const mapping = findMapping(named ?? listed ?? schema);
  const path = named !== undefined ? `${name}.NAME` : listed !== undefined ? `${name}[]` : name;
  return mapping === undefined ? { path } : { path, mapping };
}

/** Of what can be written in several ways, the mapping with keys of its own. */
function findMapping(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties !== undefined) return schema;
  return schema.anyOf?.map(findMapping).find((found) => found !== undefined);
}

/** All members, those of inner mappings behind the mapping where `opens` says so. */
export function listMembers(
  { properties = {}, required = [] }: JsonSchema,
  before: string,
  opens: (schema: JsonSchema) => boolean = () => true,
): Member[] {
  return Object.entries(properties).flatMap(([key, schema]): Member[] => {
    const { path, mapping } = openMapping(`${before}${key}`, schema);
    const inner = mapping === undefined || !opens(schema) ? [] : listMembers(mapping, `${path}.`, opens);
    return [[`${before}${key}`, schema, required.includes(key)], ...inner];
  });
}

function printTable(members: readonly Member[]): string {
  return table(
    ["Key", "Value", "Default", "Meaning"],
    members.map(([key, schema, isRequired]) => [
      code(key),
      `${tellKind(schema)}${isRequired === true ? "; required" : ""}`,
      tellDefault(schema),
      schema.description ?? "",
    ]),
  );
}

const KINDS: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "text",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  null: "null",
};

export function tellKind(schema: JsonSchema): string {
  const { type, enum: words, const: only, anyOf, additionalProperties, items, minimum, maximum } = schema;
  if (words !== undefined) return words.map(tellValue).join(", ");
  if (only !== undefined) return code(JSON.stringify(only).replaceAll('"', ""));
  if (anyOf !== undefined) return [...new Set(anyOf.map(tellKind))].join(", or ");
  if (type === "object" && typeof additionalProperties === "object") {
    return `names, each with ${tellKind(additionalProperties)}`;
  }
  if (type === "array" && (items?.enum ?? items?.properties) !== undefined)
    return items?.enum === undefined ? "a list of mappings" : `a list of ${tellKind(items)}`;
  const kinds = [type ?? []].flat().map((one) => KINDS[one] ?? one);
  const kind = kinds.length === 0 ? "anything" : kinds.join(" or ");
  if (minimum === undefined || maximum === undefined) return kind;
  return maximum === Number.MAX_SAFE_INTEGER ? `${kind} from ${minimum} on` : `${kind} from ${minimum} to ${maximum}`;
}

export function tellDefault({ default: value }: JsonSchema): string {
  if (value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0))
    return "";
  return value === "" ? "empty" : tellValue(value);
}

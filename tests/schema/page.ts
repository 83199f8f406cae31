import { type JsonSchema, makeJsonSchema } from "./json-schema.ts";

const BEGIN = "<!-- from the schema, by npm run schema -->";
const END = "<!-- end of what is from the schema -->";

/** The page with its tables made anew, from the schema. What stands around them is written by hand. */
export function printInto(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the page lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n\n${printSections().join("\n\n")}\n\n${END}${after}`;
}

function printSections(): string[] {
  const { properties = {} } = makeJsonSchema();
  const top = ["## At the top", "", ...printTable(properties, "")].join("\n");
  const sections = Object.entries(properties).flatMap(([name, schema]) => {
    const { path, members } = openMapping(name, schema);
    if (members === undefined) return [];
    return [[`## ${path}`, "", schema.description ?? "", "", ...printTable(members, "")].join("\n")];
  });
  return [top, ...sections];
}

/** `services` holds mappings by name, `images` is one. */
function openMapping(
  name: string,
  schema: JsonSchema,
): { readonly path: string; readonly members?: JsonSchema["properties"] } {
  const named = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  const members = findMembers(named ?? schema);
  const path = named === undefined ? name : `${name}.NAME`;
  return members === undefined ? { path } : { path, members };
}

/** The members of a mapping; of what can be written in several ways, those of the mapping. */
function findMembers({ properties, anyOf = [] }: JsonSchema): JsonSchema["properties"] {
  return properties ?? anyOf.map(findMembers).find((members) => members !== undefined);
}

function printTable(members: Readonly<Record<string, JsonSchema>>, before: string): string[] {
  const head = before === "" ? ["| Key | What stands there | What it says |", "|---|---|---|"] : [];
  const rows = Object.entries(members).flatMap(([key, schema]) => {
    const inner = before === "" && isTop(members) ? undefined : findMembers(schema);
    return [
      `| \`${before}${key}\` | ${tellKind(schema)} | ${escapeCell(schema.description ?? "")}${tellDefault(schema)} |`,
      ...(inner === undefined ? [] : printTable(inner, `${before}${key}.`)),
    ];
  });
  return [...head, ...rows];
}

/** Each section has a table of its own. */
function isTop(members: Readonly<Record<string, JsonSchema>>): boolean {
  return "product" in members && "services" in members;
}

function tellKind({ type, enum: words, const: only, anyOf, additionalProperties }: JsonSchema): string {
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(" or ");
  if (only !== undefined) return `\`${String(only)}\``;
  if (anyOf !== undefined) return [...new Set(anyOf.map(tellKind))].join(", or ");
  if (type === "object" && typeof additionalProperties === "object") return "names and values";
  const kinds: Readonly<Record<string, string>> = {
    object: "a mapping",
    array: "a list",
    string: "text",
    boolean: "true or false",
    integer: "a whole number",
    number: "a number",
    null: "null",
  };
  return kinds[type ?? ""] ?? "anything";
}

function tellDefault({ default: value }: JsonSchema): string {
  if (value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0))
    return "";
  return ` Default: \`${typeof value === "string" ? value : JSON.stringify(value)}\`.`;
}

/** A table of Markdown ends a cell with a bar. */
function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

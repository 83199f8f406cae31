import { isObjectType } from "graphql";
import { coreCatalogue } from "../../engine/src/api/catalogue.ts";
import { REFUSED, type RefusalKind, refusalOf } from "../../engine/src/api/refusals.ts";
import { engineFields } from "../../engine/src/module/engine-fields.ts";

/** A field of the schema, and whether the embedded engine answers it. `id` is answered for every type. */
interface SchemaField {
  readonly type: string;
  readonly name: string;
  readonly answered: boolean;
}

/** Every field of every object of Dagger's schema. */
function schemaFields(): readonly SchemaField[] {
  const types = Object.values(coreCatalogue().schema.getTypeMap()).filter(isObjectType);
  return types
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) =>
      Object.keys(type.getFields()).map((name) => {
        const answered = engineFields[type.name]?.[name] !== undefined || (name === "id" && type.name !== "Query");
        return { type: type.name, name, answered };
      }),
    );
}

/** The refused fields without a reason, and the reasons of fields that are answered or that nobody knows. */
export function wrongRefusals(): { readonly withoutReason: readonly string[]; readonly stale: readonly string[] } {
  const refused = schemaFields().filter(({ answered }) => !answered);
  const named = new Set(refused.flatMap(({ type, name }) => [type, `${type}.${name}`]));
  return {
    withoutReason: refused
      .filter(({ type, name }) => refusalOf(type, name) === undefined)
      .map(({ type, name }) => `${type}.${name}`),
    stale: Object.keys(REFUSED).filter((key) => !named.has(key)),
  };
}

const HEADING = "## Fields of the API";

const WORDS: Readonly<Record<RefusalKind, string>> = {
  cloud: "needs Dagger Cloud",
  gpu: "needs a GPU",
  llm: "needs a language model",
  "image store": "needs the images of another container engine",
  inner: "nothing of the API leads to it",
  runtime: "functions have no container of the API",
};

/** The section of docs/conformance.md that says which fields are answered, and why the others are not. */
export function fieldSection(): readonly string[] {
  const all = schemaFields();
  const refused = all.filter(({ answered }) => !answered);
  const kinds = (Object.keys(WORDS) as RefusalKind[]).map((kind) => ({
    kind,
    of: refused.filter(({ type, name }) => refusalOf(type, name) === kind),
  }));
  const row = (what: string, count: number) => `| ${what} | ${count} | ${((100 * count) / all.length).toFixed(1)} % |`;
  return [
    HEADING,
    "",
    `Dagger's schema has ${all.length} fields. \`npm run coverage:api\` writes this section; which of them are held to recorded answers`,
    "is in [api-coverage.md](api-coverage.md).",
    "",
    "| Fields | Count | Share |",
    "|---|---|---|",
    row("answered", all.length - refused.length),
    ...kinds.filter(({ of }) => of.length > 0).map(({ kind, of }) => row(`refused: ${WORDS[kind]}`, of.length)),
    "",
    ...kinds.flatMap(({ kind, of }) =>
      [...new Set(of.map(({ type }) => type))].sort().map((type) => {
        const names = of.filter((field) => field.type === type).map(({ name }) => name);
        return `- ${type} (${WORDS[kind]}): ${names.join(", ")}`;
      }),
    ),
    "",
  ];
}

/** The page docs/conformance.md with the section of now in place of the one it has. */
export function withFieldSection(page: string): string {
  const start = page.indexOf(`${HEADING}\n`);
  if (start === -1) throw new Error(`docs/conformance.md has no section "${HEADING}"`);
  const next = page.indexOf("\n## ", start);
  return `${page.slice(0, start)}${fieldSection().join("\n")}${next === -1 ? "" : page.slice(next)}`;
}

import { readdirSync, readFileSync } from "node:fs";
import { type DocumentNode, getNamedType, isObjectType, parse, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { coreCatalogue } from "../../engine/src/api/catalogue.ts";
import { engineFields } from "../../engine/src/module/engine-fields.ts";

/** What of the API some recorded answer shows: `Container.withExec` and `Container.withExec.args`. */
type Shown = ReadonlySet<string>;

/** Every query of the recorded cases of the session API. */
function goldenQueries(): readonly string[] {
  return queriesBelow(new URL("./golden/api/", import.meta.url));
}

function queriesBelow(dir: URL): readonly string[] {
  const files = readdirSync(dir).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => queriesIn(JSON.parse(readFileSync(new URL(name, dir), "utf8"))));
}

/** Every query whose answer was taken from the schema and the source of Dagger alone. */
function schemaQueries(): readonly string[] {
  const file = new URL("../unit/engine/protocol/requests.json", import.meta.url);
  const cases = JSON.parse(readFileSync(file, "utf8")) as readonly { readonly ask: unknown }[];
  const asked = cases.flatMap(({ ask }) => (typeof ask === "string" ? [ask] : queriesIn(ask)));
  return [...asked, ...queriesBelow(new URL("./cases/", import.meta.url))];
}

function queriesIn(value: unknown): readonly string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "query" && typeof inner === "string" ? [inner] : queriesIn(inner),
  );
}

function shownBy(queries: readonly string[]): Shown {
  const shown = new Set<string>();
  for (const query of queries) {
    const document = parsed(query);
    if (document === undefined) continue;
    const types = new TypeInfo(coreCatalogue().schema);
    const note = visitWithTypeInfo(types, {
      Field: (node) => {
        const place = `${types.getParentType()?.name}.${node.name.value}`;
        shown.add(place);
        for (const argument of node.arguments ?? []) shown.add(`${place}.${argument.name.value}`);
      },
    });
    visit(document, note);
  }
  return shown;
}

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}

interface Row {
  readonly type: string;
  readonly members: number;
  readonly golden: number;
  readonly own: number;
  readonly refused: number;
  readonly open: readonly string[];
}

function rowOf(type: string, golden: Shown, own: Shown): Row {
  const found = coreCatalogue().schema.getType(type);
  const all = isObjectType(found) ? Object.values(found.getFields()) : [];
  const members = all.flatMap(({ name, args }) => [name, ...args.map((argument) => `${name}.${argument.name}`)]);
  const isRefused = (member: string) => {
    const field = member.split(".")[0] ?? "";
    return field !== "id" && engineFields[type]?.[field] === undefined;
  };
  const left = members.filter((member) => !golden.has(`${type}.${member}`));
  const refused = left.filter(isRefused);
  const others = left.filter((member) => !isRefused(member));
  const open = others.filter((member) => !own.has(`${type}.${member}`));
  return {
    type,
    members: members.length,
    golden: members.length - left.length,
    own: others.length - open.length,
    refused: refused.length,
    open,
  };
}

/** The page that says, for each type, how its fields and arguments are held to Dagger's answers. */
export function coveragePage(): string {
  const [golden, own] = [shownBy(goldenQueries()), shownBy(schemaQueries())];
  const types = Object.values(coreCatalogue().schema.getTypeMap()).filter(
    (type) => isObjectType(getNamedType(type)) && !type.name.startsWith("__"),
  );
  const rows = types.map((type) => rowOf(type.name, golden, own)).sort((a, b) => (a.type < b.type ? -1 : 1));
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const total: Row = {
    type: "**all**",
    members: sum((row) => row.members),
    golden: sum((row) => row.golden),
    own: sum((row) => row.own),
    refused: sum((row) => row.refused),
    open: [],
  };
  const line = (row: Row, open: number) =>
    `| ${row.type} | ${row.members} | ${row.golden} | ${row.own} | ${row.refused} | ${open} |`;
  const open = rows.filter((row) => row.open.length > 0);
  return [
    "# Which fields and arguments are held to Dagger's answers",
    "",
    "Written by `npm run coverage:api`; do not edit. A field or an argument is shown by a case recorded from Dagger's engine",
    "(`tests/conformance/golden`), or else by a test of our own with an answer of Dagger's schema or source (`tests/unit/engine/protocol`, `tests/integration/api`), or it is",
    "refused as not supported ([why](conformance.md#fields-of-the-api)). What is open is supported and shown by neither: by its use in other tests at best.",
    "",
    "| Type | Fields and arguments | Recorded | Own | Refused | Open |",
    "|---|---|---|---|---|---|",
    line(
      total,
      sum((row) => row.open.length),
    ),
    ...rows.map((row) => line(row, row.open.length)),
    "",
    "## Open",
    "",
    ...(open.length === 0 ? ["Nothing."] : open.map((row) => `- ${row.type}: ${row.open.join(", ")}`)),
    "",
  ].join("\n");
}

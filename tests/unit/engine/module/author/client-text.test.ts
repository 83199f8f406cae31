import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreCatalogue } from "../../../../../engine/src/api/catalogue.ts";
import { typeName } from "../../../../../engine/src/api/names.ts";
import { clientText } from "../../../../../engine/src/module/author/client-text.ts";
import { readSdkWords } from "../../../../../engine/src/module/author/sdk-words.ts";

const api = join(dirname(createRequire(import.meta.url).resolve("@dagger.io/dagger")), "api");
const declared = readFileSync(join(api, "client.gen.d.ts"), "utf8");
const words = readSdkWords(declared);

const client = suite("the client that is generated for a module");

const made = (hidden: readonly string[]): string =>
  clientText(
    coreCatalogue().schema,
    {
      comment: (key) => words.comments[key] ?? [],
      memberValue: (name, member) => words.values[`${name}.${typeName(member)}`],
    },
    hidden,
  );

/** Without the file's own comment, GraphQL's own types, and where the library lies. */
const comparable = (text: string): string =>
  text
    .replace(/^\/\*\*[\s\S]*?\*\/\n/, "")
    .replaceAll(/export type __\w+ = \{\n(?: .*\n)*\};\n/g, "")
    .replace(/from "[^"]*"/, "")
    .replace('import("graphql-request").GraphQLClient', "any")
    .replace(/\/\/# sourceMappingURL.*/, "");

client("declares for the core, with all comments, what Dagger's own generator declares", () => {
  const { outputText } = ts.transpileDeclaration(made([]), {});
  assert.is(comparable(outputText), comparable(declared));
});

client("runs as Dagger's own client does", () => {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, useDefineForClassFields: true };
  const printer = ts.createPrinter({ removeComments: true });
  const printed = (text: string): readonly string[] =>
    printer
      .printFile(ts.createSourceFile("client.js", text, ts.ScriptTarget.ES2022))
      .replace(/from "[^"]*"/, "")
      .replaceAll(/,?\s+/g, " ")
      .split("; ");
  const { outputText } = ts.transpileModule(made([]), { compilerOptions: options });
  assert.equal(printed(outputText), printed(readFileSync(join(api, "client.gen.js"), "utf8")));
});

client("knows nothing of the host and of the engine, as a module must not", () => {
  const text = clientText(coreCatalogue().schema, { comment: () => [], memberValue: () => undefined });
  for (const hidden of ["class Host ", "  host = ", "class EngineCache", "  engine = ", ": EngineCacheEntry "]) {
    assert.is(text.includes(hidden), false, hidden);
    assert.is(made([]).includes(hidden.replace(/ $/, "")), true, hidden);
  }
  assert.match(text, "class Container ");
});

client.run();

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { coreCatalogue, extendCatalogue } from "../../api/catalogue.ts";
import { typeName } from "../../api/names.ts";
import { splitArguments } from "../client-code.ts";
import type { FunctionDef, ModuleDef } from "../definition.ts";
import { constructorField, dependencyText } from "../schema-text.ts";
import { clientText } from "./client-text.ts";
import { type ClientWords, optionsName } from "./client-words.ts";
import { LIBRARY_FOLDER } from "./library-folder.ts";
import type { SdkWords } from "./sdk-words.ts";

const INDEX = `export {
  connection,
  connect,
  Context,
  func,
  check,
  generate,
  argument,
  object,
  field,
  enumType,
  entrypoint,
} from "./core.js"

export type { ConnectOpts, CallbackFct } from "./core.js"

export * from "./client.gen.js"
`;
const TELEMETRY = `import { getTracer } from "./core.js"

export { getTracer }
`;

/**
 * The files of a module's `sdk/`: the library, and the client with what the module's dependencies add to the API.
 *
 * @param bundlesDir from `buildBundles`
 */
export function sdkFolder(bundlesDir: string, dependencies: readonly ModuleDef[]): ReadonlyMap<string, string> {
  const library = (name: string): string => readFileSync(join(bundlesDir, LIBRARY_FOLDER, name), "utf8");
  const words = JSON.parse(library("words.json")) as SdkWords;
  const { schema } =
    dependencies.length === 0 ? coreCatalogue() : extendCatalogue(coreCatalogue(), dependencyText(dependencies));
  return new Map([
    ["client.gen.ts", clientText(schema, wordsOf(words, dependencies))],
    ["core.d.ts", library("core.d.ts")],
    ["core.js", library("core.js")],
    ["index.ts", INDEX],
    ["telemetry.ts", TELEMETRY],
  ]);
}

function wordsOf(words: SdkWords, dependencies: readonly ModuleDef[]): ClientWords {
  const comments = new Map(Object.entries(words.comments));
  const values = new Map(Object.entries(words.values));
  for (const module of dependencies) addWords(module, comments, values);
  return {
    comment: (key) => comments.get(key) ?? [],
    memberValue: (enumName, member) => values.get(`${enumName}.${typeName(member)}`),
  };
}

function addWords(module: ModuleDef, comments: Map<string, readonly string[]>, values: Map<string, string>): void {
  const note = (key: string, lines: readonly string[]): void => {
    if (lines.length > 0) comments.set(key, lines);
  };
  for (const def of module.enums) {
    note(def.name, linesOf(def.description));
    for (const member of def.members) {
      note(`${def.name}.${typeName(member.name)}`, linesOf(member.description));
      values.set(`${def.name}.${typeName(member.name)}`, member.value);
    }
  }
  for (const def of [...module.objects, ...module.interfaces]) {
    note(def.name, linesOf(def.description));
    for (const one of def.functions) noteFunction(def.name, one, note);
  }
  for (const def of module.objects) {
    for (const field of def.fields) note(`${def.name}.${field.name}`, linesOf(field.description, field.deprecated));
  }
  const { main } = module;
  if (main === undefined) return;
  const described = {
    name: constructorField(main),
    description: main.description,
    args: main.constructor_?.args ?? [],
  };
  noteFunction("Query", described, note);
}

function noteFunction(
  owner: string,
  { name, description, args, deprecated }: Pick<FunctionDef, "name" | "description" | "args" | "deprecated">,
  note: (key: string, lines: readonly string[]) => void,
): void {
  const placed = new Set(splitArguments(args).placed.map((argument) => argument.name));
  const parameters = args.flatMap((argument) => {
    const [first, ...rest] = linesOf(argument.description, argument.deprecated);
    if (first === undefined) return [];
    return [`@param ${placed.has(argument.name) ? "" : "opts."}${argument.name} ${first}`, ...rest];
  });
  note(`${owner}.${name}`, [...linesOf(description), ...parameters, ...linesOf("", deprecated)]);
  const options = optionsName(owner, name);
  for (const argument of args) note(`${options}.${argument.name}`, linesOf(argument.description, argument.deprecated));
}

function linesOf(description: string, deprecated?: string): readonly string[] {
  const text = description.trim();
  return [...(text === "" ? [] : text.split("\n")), ...(deprecated === undefined ? [] : [`@deprecated ${deprecated}`])];
}

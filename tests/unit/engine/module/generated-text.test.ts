import { buildASTSchema, isObjectType, parse, print } from "graphql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { declareDependencies, exportDependencies } from "../../../../engine/src/module/client-code.ts";
import type { ArgumentDef, FunctionDef, ModuleDef, TypeRef } from "../../../../engine/src/module/definition.ts";
import { moduleTypesText, rootText, shapesOf } from "../../../../engine/src/module/schema-text.ts";

const generated = suite("generated text");

const text: TypeRef = { kind: "string", optional: false };
const directory: TypeRef = { kind: "object", name: "Directory", optional: false };

function argument(name: string, type: TypeRef, more: Partial<ArgumentDef> = {}): ArgumentDef {
  return { originalName: name, name, description: "", type, ignore: [], ...more };
}

function called(name: string, args: readonly ArgumentDef[], returns: TypeRef): FunctionDef {
  const marks = { isCheck: false, isGenerator: false, isUp: false };
  return { originalName: name, name, description: "", args, returns, cache: { policy: "default" }, ...marks };
}

const main: ModuleDef["objects"][number] = {
  originalName: "Postal",
  name: "Postal",
  description: "",
  constructor_: called("", [argument("sender", text, { defaultValue: '"postal"' })], {
    kind: "object",
    name: "Postal",
    optional: false,
  }),
  functions: [
    called("greet", [argument("name", text), argument("times", { kind: "integer", optional: true })], text),
    called("count", [argument("dirs", { kind: "list", element: directory, optional: false })], {
      kind: "integer",
      optional: false,
    }),
    called("fine", [], { kind: "void", optional: true }),
    called("kind", [], { kind: "enum", name: "PostalKind", optional: false }),
  ],
  fields: [{ originalName: "note", name: "note", description: "", type: { ...text, optional: true } }],
};

const postal: ModuleDef = {
  name: "postal",
  description: "",
  main,
  objects: [main],
  enums: [
    {
      originalName: "Kind",
      name: "PostalKind",
      description: "",
      members: [{ originalName: "Plain", name: "PLAIN", value: "plain", description: "" }],
    },
  ],
  interfaces: [],
};

generated("gives by place what stands before the first argument that may be missing, as Dagger's client does", () => {
  const mixed = called(
    "mixed",
    [argument("a", text), argument("b", { ...text, optional: true }), argument("c", text)],
    text,
  );
  const object = { originalName: "Postal", name: "Postal", description: "", functions: [mixed], fields: [] };
  const module: ModuleDef = {
    name: "postal",
    description: "",
    main: object,
    objects: [object],
    enums: [],
    interfaces: [],
  };
  assert.match(
    declareDependencies([module]),
    "mixed: (a: string, opts?: { b?: string; c: string }) => Promise<string>;",
  );
});

generated("of the schema says what is required, and which objects ids stand for", () => {
  const types = moduleTypesText(postal);
  assert.match(types, "greet(name: String!, times: Int): String!");
  assert.match(types, 'count(dirs: [ID!]! @expectedType(name: "Directory")): Int!');
  assert.match(types, "fine: Void\n");
  assert.match(types, "note: String\n");
  assert.match(types, 'enum PostalKind {\nPLAIN @enumValue(value: "plain")\n}');
});

/** What a schema says of the field `sort` of an object with that one function. */
function fieldOfSchema(sort: FunctionDef) {
  const object = { ...main, functions: [sort] };
  const core = `directive @cache(policy: Policy, ttl: String) on FIELD_DEFINITION enum Policy { Never PerSession }
    directive @check on FIELD_DEFINITION directive @defaultPath(path: String!) on ARGUMENT_DEFINITION
    directive @ignorePatterns(patterns: [String!]!) on ARGUMENT_DEFINITION enum NetworkProtocol { TCP UDP }
    directive @enumValue(value: String!) on ENUM_VALUE directive @expectedType(name: String!) on ARGUMENT_DEFINITION
    interface Node { id: ID! } scalar Void type Query { version: String! }`;
  const text = moduleTypesText({ ...postal, objects: [object], main: object });
  const type = buildASTSchema(parse(`${core}\n${text}`)).getType("Postal");
  const field = isObjectType(type) ? type.getFields()["sort"] : undefined;
  if (field === undefined) throw new Error("no field");
  return field;
}

generated("of the schema says what the code says of functions and arguments", () => {
  const sort = {
    ...called("sort", [argument("by", text, { description: 'The "key" \\ of it.\nAnd more.' })], text),
    description: " Sorts all. ",
    deprecated: "use order",
    isCheck: true,
    cache: { policy: "default" as const, ttlSeconds: 90 },
  };
  const { description, deprecationReason, args, astNode } = fieldOfSchema(sort);
  assert.is(description, "\nSorts all.\n");
  assert.is(deprecationReason, "use order");
  assert.is(args[0]?.description, '\nThe "key" \\ of it.\nAnd more.\n');
  assert.equal(astNode?.directives?.map(print), ["@check", '@cache(ttl: "1m30s")', '@deprecated(reason: "use order")']);
});

generated("of the schema has the defaults, and no argument is asked for that has one", () => {
  const kind: TypeRef = { kind: "enum", name: "PostalKind", optional: false };
  const core: TypeRef = { kind: "enum", name: "NetworkProtocol", optional: false };
  const integer: TypeRef = { kind: "integer", optional: false };
  const { args } = fieldOfSchema(
    called(
      "sort",
      [
        argument("by", text, { defaultValue: '"a \\"b\\""' }),
        argument("none", { ...text, optional: true }, { defaultValue: "null" }),
        argument("kind", kind, { defaultValue: '"Plain"' }),
        argument("core", core, { defaultValue: '"UDP"' }),
        argument("times", integer, { defaultValue: "-3" }),
        argument("large", integer, { defaultValue: "4294967296" }),
        argument("from", directory, { defaultPath: "/", ignore: ["*.md"] }),
      ],
      text,
    ),
  );
  assert.equal(
    args.map(({ name, type, defaultValue }) => [name, String(type), defaultValue]),
    [
      ["by", "String!", 'a "b"'],
      ["none", "String", null],
      ["kind", "PostalKind!", "PLAIN"],
      ["core", "NetworkProtocol!", "UDP"],
      ["times", "Int!", -3],
      ["large", "Int", undefined],
      ["from", "ID", undefined],
    ],
  );
  const directives = [
    '@expectedType(name: "Directory")',
    '@defaultPath(path: "/")',
    '@ignorePatterns(patterns: ["*.md"])',
  ];
  assert.equal(args.at(-1)?.astNode?.directives?.map(print), directives);
});

generated("of the schema is GraphQL", () => {
  const core = `directive @expectedType(name: String!) on ARGUMENT_DEFINITION
    directive @enumValue(value: String!) on ENUM_VALUE
    interface Node { id: ID! } scalar Void type Query { version: String! }`;
  const schema = buildASTSchema(parse(`${core}\n${moduleTypesText(postal)}\n${rootText(shapesOf(main))}`));
  assert.ok(schema.getType("Postal"));
});

generated("of the client puts required arguments by place and others into an options object", () => {
  const declared = declareDependencies([postal]);
  assert.match(declared, "greet: (name: string, opts?: { times?: number }) => Promise<string>;");
  assert.match(declared, "count: (dirs: Directory[]) => Promise<number>;");
  assert.match(declared, "export interface Client { postal: (opts?: { sender?: string }) => Postal; }");
  assert.match(declared, 'export declare enum PostalKind { Plain = "plain" }');
});

generated("of the package exports each type of a dependency by its name", () => {
  const code = exportDependencies([postal], "/sdk/index.js");
  assert.match(code, 'export * from "/sdk/index.js";');
  assert.match(code, 'export const PostalKind = types["PostalKind"];');
  assert.match(code, 'export const Postal = types["Postal"];');
});

generated.run();

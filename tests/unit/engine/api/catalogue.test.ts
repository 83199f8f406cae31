import {
  type GraphQLArgument,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  parse,
  print,
} from "graphql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Catalogue, coreCatalogue, extendCatalogue, fieldOf } from "../../../../engine/src/api/catalogue.ts";
import { CORE_SCHEMA, coreFieldNames, coreTypeTexts } from "../../../../engine/src/api/core-texts.ts";

const catalogue = suite("types of a catalogue");

/** All that there is to a type; of a type that it names, the name and the kind. */
function shown(type: GraphQLNamedType | undefined): unknown {
  if (isEnumType(type)) return { enum: type.name, values: type.getValues().map(({ name, value }) => [name, value]) };
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return String(type?.constructor.name);
  return {
    name: type.name,
    implements: isInputObjectType(type) ? [] : type.getInterfaces().map(String),
    fields: Object.values(type.getFields()).map((field) => {
      const text = field.astNode == null ? field.name : print(field.astNode);
      const args =
        "args" in field
          ? field.args.map((arg: GraphQLArgument) => `${arg.name} ${arg.type} ${namedKind(arg.type)}`)
          : [];
      return [text, String(field.type), namedKind(field.type), ...args].join("\n");
    }),
  };
}

function namedKind(type: unknown): string {
  const inner = (type as { ofType?: unknown }).ofType;
  return inner === undefined ? (type as object).constructor.name : namedKind(inner);
}

/** The same types, of which none was built. */
function anew(text: string): Catalogue {
  return text === "" ? new Catalogue([]) : extendCatalogue(coreCatalogue(), text);
}

function compareAll(text: string): void {
  const whole = anew(text).schema.getTypeMap();
  const alone = anew(text);
  for (const name of Object.keys(whole)) assert.equal(shown(alone.type(name)), shown(whole[name]), name);
}

catalogue("are the same one by one as in the whole schema", () => {
  compareAll("");
});

catalogue("of the core have each its own piece of text", () => {
  const defined = parse(CORE_SCHEMA).definitions.filter(isTypeDefinitionNode);
  const pieces = [...coreTypeTexts().values()].map(({ text }) => text);
  assert.equal(pieces.map(textOf), defined.map(print));
});

function textOf(piece: string): string {
  return print(parse(piece));
}

catalogue("of modules are the same one by one as in the whole schema", () => {
  compareAll(`enum Colour { RED BLUE }
interface Duck { id: ID! quack(loud: Boolean): String! }
type Other implements Node { id: ID! }
type Mine implements Node { id: ID! other: Other! colour(of: Colour = RED): [Colour!] duck: Duck container(at: ID! @expectedType(name: "Mine")): Container! }
extend type Query { mine(name: String): Mine! version: Int }
extend type Query { other: [Other!]! }`);
});

catalogue("of a module take the place of the core's", () => {
  const text = "type Workspace implements Node { id: ID! mine: Port! } type Port { a: Workspace }";
  compareAll(text);
  assert.is(String(fieldOf(anew(text), "Workspace", "mine")?.type), "Port!");
  assert.is(fieldOf(anew(text), "Workspace", "directory"), undefined);
});

catalogue("are none for a name that nobody has given", () => {
  assert.is(coreCatalogue().type("Nothing"), undefined);
  assert.is(fieldOf(coreCatalogue(), "Nothing", "id"), undefined);
});

catalogue("have the names of their fields without being built", () => {
  for (const [name, type] of Object.entries(coreCatalogue().schema.getTypeMap())) {
    if (!isObjectType(type) || name.startsWith("__")) continue;
    assert.equal(coreFieldNames(name), Object.keys(type.getFields()), name);
  }
});

catalogue.run();

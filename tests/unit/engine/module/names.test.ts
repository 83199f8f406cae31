import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  enumMemberName,
  fieldName,
  kebabName,
  namespacedTypeName,
  typeName,
} from "../../../../engine/src/api/names.ts";

const names = suite("names");

// Source name, name in the schema, name on the command line: as the real engine v0.21.8 answered.
const functions: readonly (readonly [string, string, string])[] = [
  ["plain", "plain", "plain"],
  ["camelCase", "camelCase", "camel-case"],
  ["snake_case", "snakeCase", "snake-case"],
  ["PascalCase", "pascalCase", "pascal-case"],
  ["toHTML", "toHtml", "to-html"],
  ["HTTPStatus", "httpstatus", "httpstatus"],
  ["b64", "b64", "b-64"],
  ["log4Shell", "log4Shell", "log-4-shell"],
  ["v2Beta3", "v2Beta3", "v-2-beta-3"],
  ["sha256Sum", "sha256Sum", "sha-256-sum"],
  ["aB", "aB", "a-b"],
  ["userID", "userId", "user-id"],
  ["baseURL", "baseUrl", "base-url"],
  ["ID", "id", "id"],
];

names("of functions and arguments are those of the real engine", () => {
  for (const [original, schema, commandLine] of functions) {
    assert.is(fieldName(original), schema);
    assert.is(kebabName(schema), commandLine);
  }
});

names("of flags are the same for every spelling a user may type", () => {
  for (const spelling of ["someArgument", "SomeArgument", "some_argument", "some-argument"]) {
    assert.is(kebabName(spelling), "some-argument");
  }
  assert.is(kebabName("JSONData"), "json-data");
  assert.is(kebabName("numbers2and55"), "numbers-2-and-55");
});

names("of enum members are screaming snake case", () => {
  const members = ["lower", "UPPER", "TwoWords", "Snake_Case", "HTTPServer", "v2", "Last1", "EarlyAdopters", "GA"];
  assert.equal(members.map(enumMemberName), [
    "LOWER",
    "UPPER",
    "TWO_WORDS",
    "SNAKE_CASE",
    "HTTP_SERVER",
    "V_2",
    "LAST_1",
    "EARLY_ADOPTERS",
    "GA",
  ]);
});

names("of types carry the module's name in front", () => {
  assert.is(namespacedTypeName("HTTPClient", "names"), "NamesHttpclient");
  assert.is(namespacedTypeName("Recipe", "types"), "TypesRecipe");
  assert.is(namespacedTypeName("Types", "types"), "Types");
});

names("of types that begin with the module's name keep it once, unless it is only a part of a word", () => {
  assert.is(namespacedTypeName("PostMan", "post"), "PostMan");
  assert.is(namespacedTypeName("Postman", "post"), "PostPostman");
});

names("of modules become the name of their main class", () => {
  assert.is(typeName("root-source"), "RootSource");
  assert.is(namespacedTypeName("RootSource", "root-source"), "RootSource");
  assert.is(namespacedTypeName("Part", "root-source"), "RootSourcePart");
});

names.run();

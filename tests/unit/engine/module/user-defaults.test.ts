import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainValue } from "../../../../engine/src/module/default-value.ts";
import { readUserDefaults } from "../../../../engine/src/module/user-defaults.ts";
import { argument, fn, moduleOf, object, type } from "../cli/fake-engine.ts";

const defaults = suite<{ dir: string }>("lines of a .env file", { dir: "" });

defaults.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), "slipway-dotenv-"));
});
defaults.after.each((context) => rmSync(context.dir, { recursive: true, force: true }));

const module = moduleOf("my-tools", [
  object("MyTools", [fn("sayHello", "string", [argument("firstName", "string?")])], {
    constructor_: fn("", "MyTools", [argument("registry", "string"), argument("baseImage", "string")]),
  }),
  object("MyToolsPart", [fn("size", "string", [argument("unit", "string?")])]),
]);

const CONSTRUCTOR = {};
const SAY_HELLO = { owner: "MyTools", function: "sayHello" };
const SIZE = { owner: "MyToolsPart", function: "size" };

/** What they are, the text of the file beside dagger.json, whose argument, and what it has. */
const cases: readonly (readonly [string, string, object, string, string | undefined])[] = [
  ["in capitals", "REGISTRY=r", CONSTRUCTOR, "registry", "r"],
  ["as in the source", "baseImage=b", CONSTRUCTOR, "baseImage", "b"],
  ["with words of an argument together", "BASEIMAGE=b", CONSTRUCTOR, "baseImage", "b"],
  ["with words of an argument apart", "BASE_IMAGE=b", CONSTRUCTOR, "baseImage", undefined],
  ["with the function in front", "SAYHELLO_FIRSTNAME=Ann", SAY_HELLO, "firstName", "Ann"],
  ["with words of the function apart", "SAY_HELLO_FIRSTNAME=Ann", SAY_HELLO, "firstName", "Ann"],
  ["with all words apart", "SAY_HELLO_FIRST_NAME=Ann", SAY_HELLO, "firstName", undefined],
  ["with the object in front", "PART_SIZE_UNIT=cm", SIZE, "unit", "cm"],
  ["with the module in front, where it is not the caller's", "MYTOOLS_REGISTRY=r", CONSTRUCTOR, "registry", undefined],
  ["in quotes", 'SAYHELLO_FIRSTNAME="with space"', SAY_HELLO, "firstName", "with space"],
  ["with what looks like a comment", "# comment\n\nREGISTRY=x # tail", CONSTRUCTOR, "registry", "x # tail"],
  ["that use another", "HOST=h\nREGISTRY=${HOST}:5000", CONSTRUCTOR, "registry", "h:5000"],
  ["that use a variable", "REGISTRY=${GIVEN}:5000", CONSTRUCTOR, "registry", "given:5000"],
];

for (const [what, text, of, name, expected] of cases) {
  defaults(`${expected === undefined ? "are not read" : "are read"} ${what}`, ({ dir }) => {
    writeFileSync(join(dir, ".env"), text);
    const { find } = readUserDefaults(module, { envDirs: [dir], callerDir: "/" }, { GIVEN: "given" });
    assert.is(find(of, name)?.text, expected);
  });
}

defaults(
  "of the caller's folder have the module's name in front, or its own, and go before those of the module",
  ({ dir }) => {
    const caller = join(dir, "caller");
    mkdirSync(join(caller, "below"), { recursive: true });
    writeFileSync(join(dir, ".env"), "REGISTRY=inner\nSAYHELLO_FIRSTNAME=inner\n");
    writeFileSync(join(caller, ".env"), "MY_TOOLS_REGISTRY=outer\nTHEIRNAME_BASEIMAGE=own\nBASEIMAGE=plain\n");
    const places = { envDirs: [dir], callerDir: join(caller, "below") };
    const { find } = readUserDefaults({ ...module, originalName: "their-name" }, places, {});
    const found = [find({}, "registry"), find({}, "baseImage"), find(SAY_HELLO, "firstName")];
    assert.equal(
      found.map((one) => [one?.text, one?.baseDir]),
      [
        ["outer", caller],
        ["own", caller],
        ["inner", dir],
      ],
    );
  },
);

defaults("are none for a module that a function has loaded, nor in a folder of that name", ({ dir }) => {
  writeFileSync(join(dir, ".env"), "MYTOOLS_REGISTRY=r\n");
  assert.is(readUserDefaults(module, { envDirs: undefined, callerDir: dir }, {}).find({}, "registry"), undefined);
  mkdirSync(join(dir, "below", ".env"), { recursive: true });
  const below = join(dir, "below");
  assert.is(readUserDefaults(module, { envDirs: [below], callerDir: below }, {}).find({}, "registry"), undefined);
});

defaults("give values of plain types, and lists of them at each comma", () => {
  assert.is(plainValue(" a,b", type("string")), " a,b");
  assert.is(plainValue("-5", type("int")), -5);
  assert.is(plainValue("2.5", type("float?")), 2.5);
  assert.is(plainValue("true", type("bool")), true);
  assert.equal(plainValue('"a, b",c', type("[string]")), ['"a', ' b"', "c"]);
  assert.equal(plainValue("1, 2", type("[int]?")), [1, 2]);
  const refused = /^parse as integer: strconv\.Atoi: parsing "five": invalid syntax$/;
  assert.throws(() => plainValue("five", type("int")), refused);
});

defaults.run();

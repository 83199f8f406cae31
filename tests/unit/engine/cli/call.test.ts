import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "./fake-console.ts";
import { argument, FakeEngine, FakeHandle, fn, moduleOf, object, type } from "./fake-engine.ts";

const call = suite("call");

const stages = {
  originalName: "Stage",
  name: "TypesStage",
  description: "",
  members: ["Canary", "EarlyAdopters", "GA"].map((originalName) => ({
    originalName,
    name: { Canary: "CANARY", EarlyAdopters: "EARLY_ADOPTERS", GA: "GA" }[originalName] ?? "",
    value: originalName,
    description: "",
  })),
};

const types = moduleOf(
  "types",
  [
    object(
      "Types",
      [
        fn("text", "string", [argument("value", "string")]),
        fn("int", "int", [argument("value", "int")]),
        fn("float", "float", [argument("value", "float")]),
        fn("not", "bool", [argument("value", "bool")]),
        fn("texts", "[string]", [argument("values", "[string]")]),
        fn("doubles", "[int]", [argument("values", "[int]")]),
        fn("trues", "int", [argument("values", "[bool]")]),
        fn("stage", "enum TypesStage", [argument("stage", "enum TypesStage")]),
        fn("stages", "[enum TypesStage]", [argument("stages", "[enum TypesStage]")]),
        fn("someName", "string", [argument("someArgument", "string"), argument("sha256Sum", "string?")]),
        fn("recipe", "TypesRecipe", [argument("title", "string")]),
        fn("recipes", "[TypesRecipe]"),
        fn("list", "[string]", [argument("dir", "Directory", { ignore: ["**/node_modules"] })]),
        fn("many", "[string]", [argument("dirs", "[Directory]")]),
        fn("secret", "string", [argument("token", "Secret")]),
        fn("ask", "string", [argument("service", "Service"), argument("port", "int")]),
        fn("needsPart", "string", [argument("part", "TypesRecipe")]),
        fn("container", "Container"),
        fn("nothing", "void"),
        fn("json", "JSON"),
        fn("platform", "Platform", [argument("platform", "Platform")]),
      ],
      {
        constructor_: fn("", "Types", [
          argument("greeting", "string", { defaultValue: '"Hello"' }),
          argument("marks", "int?"),
        ]),
      },
    ),
    object("TypesRecipe", [fn("withStep", "TypesRecipe", [argument("text", "string")]), fn("log", "string")], {
      fields: [{ originalName: "title", name: "title", description: "", type: type("string") }],
    }),
  ],
  { enums: [stages] },
);

const echo = (name: string) => (args: Readonly<Record<string, unknown>>) => args[name];
const recipe = (made: string) => new FakeHandle("TypesRecipe", made);

function engine(): FakeEngine {
  return new FakeEngine(types, {
    "Types.text": echo("value"),
    "Types.int": echo("value"),
    "Types.float": echo("value"),
    "Types.not": (args) => args["value"] !== true,
    "Types.texts": echo("values"),
    "Types.doubles": (args) => (args["values"] as number[]).map((value) => value * 2),
    "Types.trues": (args) => (args["values"] as boolean[]).filter(Boolean).length,
    "Types.stage": echo("stage"),
    "Types.stages": echo("stages"),
    "Types.someName": (args) => `${String(args["someArgument"])} ${String(args["sha256Sum"] ?? "-")}`,
    "Types.recipe": (args) => recipe(String(args["title"])),
    "Types.recipes": () => [recipe("bread"), recipe("soup")],
    "Types.list": (args) => [(args["dir"] as FakeHandle).made],
    "Types.many": (args) => (args["dirs"] as FakeHandle[]).map((dir) => dir.made),
    "Types.secret": (args) => (args["token"] as FakeHandle).made,
    "Types.ask": () => "",
    "Types.container": () => new FakeHandle("Container", "c"),
    "Types.nothing": () => null,
    "Types.json": () => '{"a":1}',
    "Types.platform": echo("platform"),
    "Container.withExec": (args) => new FakeHandle("Container", (args["args"] as string[]).join(" ")),
    "Container.stdout": (_, on) => `ran ${on.made}\n`,
    "TypesRecipe.withStep": (args, on) => recipe(`${on.made} > ${String(args["text"])}`),
    "TypesRecipe.log": (_, on) => on.made,
    "TypesRecipe.title": (_, on) => on.made,
    "Query.defaultPlatform": () => "linux/amd64",
    "Query.start": () => null,
  });
}

/** Words of the command line → what standard output gets. */
const printed: readonly (readonly [string, readonly string[], string])[] = [
  ["a text as it is", ["text", "--value", "plain"], "plain"],
  ["a value behind an equals sign", ["text", "--value=plain"], "plain"],
  ["an empty text", ["text", "--value", ""], ""],
  ["a value that looks like a flag", ["text", "--value", "--x"], "--x"],
  ["a flag in lower camel case", ["some-name", "--someArgument", "x"], "x -"],
  ["a flag in upper camel case", ["some-name", "--SomeArgument", "x"], "x -"],
  ["a flag in snake case", ["some-name", "--some_argument", "x"], "x -"],
  ["a flag with digits as in the source", ["some-name", "--some-argument", "x", "--sha256Sum", "y"], "x y"],
  ["a flag with digits in kebab case", ["some-name", "--some-argument", "x", "--sha-256-sum", "y"], "x y"],
  ["the last of two", ["text", "--value", "a", "--value", "b"], "b"],
  ["a large integer, like Go's floats", ["int", "--value", "4294967296"], "4.294967296e+09"],
  ["a large integer as JSON", ["--json", "int", "--value", "4294967296"], "4294967296\n"],
  ["a negative integer", ["int", "--value", "-5"], "-5"],
  ["a float with an exponent", ["float", "--value", "1e3"], "1000"],
  ["a switch", ["not", "--value"], "false"],
  ["a switch that is set to false", ["not", "--value=false"], "true"],
  ["a list with commas", ["texts", "--values", "a,b,c"], "a\nb\nc\n"],
  ["a list by repetition", ["texts", "--values", "a", "--values", "b"], "a\nb\n"],
  ["a list with a comma in quotes", ["texts", "--values", '"a,b",c'], "a,b\nc\n"],
  ["an empty list as JSON", ["--json", "texts", "--values="], "[]\n"],
  ["a list of integers", ["doubles", "--values", "1,2,-3"], "2\n4\n-6\n"],
  ["a list of truth values", ["trues", "--values", "true,false,1"], "2"],
  ["an enum in any case", ["stage", "--stage", "early_adopters"], "EARLY_ADOPTERS"],
  ["a list of enums", ["stages", "--stages", "canary,GA"], "CANARY\nGA\n"],
  [
    "a chain",
    ["recipe", "--title", "cake", "with-step", "--text", "mix", "with-step", "--text", "bake", "log"],
    "cake > mix > bake",
  ],
  ["a field of an object", ["recipe", "--title", "cake", "title"], "cake"],
  ["a field over a list", ["recipes", "title"], "bread\nsoup\n"],
  [
    "a field over a list as JSON",
    ["--json", "recipes", "title"],
    '[\n    {\n        "title": "bread"\n    },\n    {\n        "title": "soup"\n    }\n]\n',
  ],
  [
    "an object over a list",
    ["recipes", "with-step", "--text", "x"],
    "- TypesRecipe@xxh3:a6c00d4343445032\n- TypesRecipe@xxh3:a6c00d4343445032\n",
  ],
  ["an object", ["recipe", "--title", "cake"], "TypesRecipe@xxh3:a6c00d4343445032\n"],
  ["an object as JSON stays what it is", ["-j", "recipe", "--title", "cake"], "TypesRecipe@xxh3:a6c00d4343445032\n"],
  ["a list of objects", ["recipes"], "- TypesRecipe@xxh3:a6c00d4343445032\n- TypesRecipe@xxh3:a6c00d4343445032\n"],
  ["a chain into the core", ["container", "with-exec", "--args", "echo,hi", "stdout"], "ran echo hi\n"],
  ["a text of JSON as it is", ["json"], '{"a":1}'],
  ["a text of JSON as JSON is quoted", ["--json", "json"], '"{\\"a\\":1}"\n'],
  ["a flag for JSON behind the function", ["texts", "--values", "a", "--json"], '[\n    "a"\n]\n'],
  ["nothing for a void result", ["nothing"], ""],
  ["the root without a function", [], "Query\n"],
  ["a function behind two dashes", ["--", "nothing"], ""],
  ["two dashes behind a function", ["nothing", "--"], ""],
  ["the engine's own platform", ["platform", "--platform", "current"], "linux/amd64"],
  ["a directory by its address", ["list", "--dir", "./sub"], "./sub\n"],
  ["several directories", ["many", "--dirs", "sub,product/app"], "sub\nproduct/app\n"],
  ["a secret by its address", ["secret", "--token", "env://TOKEN"], "env://TOKEN"],
];

for (const [what, words, stdout] of printed) {
  call(`prints ${what}`, async () => {
    const ran = await runCommand(engine(), ["call", ...words]);
    assert.equal({ exit: ran.exit, stdout: ran.stdout }, { exit: 0, stdout }, ran.stderr);
  });
}

call("without a function says where they are listed, beside what Dagger prints", async () => {
  const { exit, stderr } = await runCommand(engine(), ["call"]);
  assert.is(exit, 0);
  assert.ok(stderr.includes("no function is named: slipway call --help lists them\n"), stderr);
});

const MEMBERS = "CANARY,EARLY_ADOPTERS,GA";

/** Words of the command line → error, and the command whose help the hint names. */
const refused: readonly (readonly [readonly string[], string, string])[] = [
  [
    ["int", "--value", "1.5"],
    'invalid argument "1.5" for "--value" flag: strconv.ParseInt: parsing "1.5": invalid syntax',
    "call int",
  ],
  [["not", "--value", "false"], 'unknown command "false" for "slipway call not"', "call not"],
  [
    ["not", "--value=yes"],
    'invalid argument "yes" for "--value" flag: strconv.ParseBool: parsing "yes": invalid syntax',
    "call not",
  ],
  [
    ["texts", "--values", 'a"b'],
    'invalid argument "a\\"b" for "--values" flag: parse error on line 1, column 2: bare " in non-quoted-field',
    "call texts",
  ],
  [
    ["stage", "--stage", "early-adopters"],
    `invalid argument "early-adopters" for "--stage" flag: value should be one of ${MEMBERS}`,
    "call stage",
  ],
  [
    ["stages", "--stages", "canary,beta"],
    `invalid argument "canary,beta" for "--stages" flag: value should be one of ${MEMBERS}`,
    "call stages",
  ],
  [["text", "--value", "x", "--nope"], "unknown flag: --nope", "call text"],
  [["text", "--value", "x", "--nope=1"], "unknown flag: --nope", "call text"],
  [["text", "--valu", "x"], "unknown flag: --valu", "call text"],
  [["text", "--value", "x", "-z", "1"], "unknown shorthand flag: 'z' in -z", "call text"],
  [["text"], 'required flag(s) "value" not set', "call text"],
  [["ask"], 'required flag(s) "port", "service" not set', "call ask"],
  [["text", "--value"], "flag needs an argument: --value", "call text"],
  [["text", "--value", "x", "extra"], 'unknown command "extra" for "slipway call text"', "call text"],
  [["nothing", "--", "extra"], 'unknown command "extra" for "slipway call nothing"', "call nothing"],
  [["nothere"], 'unknown command "nothere" for "slipway call"', "call"],
  [["someName"], 'unknown command "someName" for "slipway call"', "call"],
  [["--value", "x", "text"], "unknown flag: --value", "call"],
  [["text", "--value", "x", "--greeting", "Hi"], "unknown flag: --greeting", "call text"],
  [["recipe", "--title", "c", "nothere"], 'unknown command "nothere" for "slipway call recipe"', "call recipe"],
  [["needs-part"], 'unknown command "needs-part" for "slipway call"', "call"],
  [["list", "--dir", ""], 'failed to get value for argument "dir": resource cannot have empty address', "call list"],
];

/** What follows the real command line's words. */
const MEANT: Readonly<Record<string, string>> = { "text --valu x": "--value", someName: "some-name" };

for (const [words, message, path] of refused) {
  call(`refuses ${words.join(" ")}`, async () => {
    const ran = await runCommand(engine(), ["call", ...words]);
    const meant = MEANT[words.join(" ")];
    const advice = meant === undefined ? "" : `\nDid you mean this?\n\t${meant}\n`;
    assert.equal(
      { exit: ran.exit, stdout: ran.stdout, stderr: ran.stderr },
      { exit: 1, stdout: "", stderr: `Error: ${message}\nRun 'slipway ${path} --help' for usage.\n${advice}` },
    );
  });
}

call("hands the patterns of an argument on to the directory that is given for it", async () => {
  const fake = engine();
  await runCommand(fake, ["call", "list", "--dir", "sub"]);
  assert.ok(fake.taken.includes('Address.directory({"exclude":["**/node_modules"]})'), fake.taken.join("\n"));
});

call("flags before the function are those of the constructor", async () => {
  const fake = engine();
  await runCommand(fake, ["call", "--greeting", "Hi", "--marks", "3", "nothing"]);
  assert.equal(fake.constructed, { greeting: "Hi", marks: 3 });
});

call("warns of a secret without a scheme and does not repeat its text", async () => {
  const ran = await runCommand(engine(), ["call", "secret", "--token", "hunter2"]);
  assert.is(ran.stdout, "env://hunter2");
  assert.match(ran.stderr, /without a scheme/);
  assert.not.match(ran.stderr, /hunter2/);
});

call("an object that is null is an error when the chain ends in it", async () => {
  const fake = new FakeEngine(types, { "Types.recipe": () => null });
  const ran = await runCommand(fake, ["call", "recipe", "--title", "x"]);
  assert.equal([ran.exit, ran.stdout], [1, ""]);
});

call("a failed exec gives its own exit code and shows both outputs", async () => {
  const exec = Object.assign(new Error("exit code: 7"), {
    extensions: { _type: "EXEC_ERROR", exitCode: 7, stdout: "to stdout", stderr: "to stderr", cmd: [] },
  });
  const fake = new FakeEngine(types, {
    "Types.nothing": () => {
      throw exec;
    },
  });
  const ran = await runCommand(fake, ["call", "nothing"]);
  assert.is(ran.exit, 7);
  assert.is(ran.stderr, "Error: exit code: 7\nStdout:\nto stdout\nStderr:\nto stderr\n");
  assert.is(fake.closed, 1);
});

call("outside of any module there is no function", async () => {
  const ran = await runCommand(new FakeEngine(undefined), ["call", "none"]);
  assert.is(ran.exit, 1);
  assert.is(ran.stderr, 'Error: unknown command "none" for "slipway call"\nRun \'slipway call --help\' for usage.\n');
});

call.run();

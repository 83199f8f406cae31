import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "./fake-console.ts";
import { argument, FakeEngine, fn, moduleOf, object, type } from "./fake-engine.ts";

const help = suite("help");

const volume = {
  originalName: "Volume",
  name: "HelpVolume",
  description: "How loud.",
  members: [
    { originalName: "Quiet", name: "QUIET", value: "QUIET", description: "" },
    { originalName: "Loud", name: "LOUD", value: "LOUD", description: "" },
  ],
};

const described = (name: string, typeText: string, description: string, defaultValue?: string) =>
  argument(name, typeText, { description, ...(defaultValue === undefined ? {} : { defaultValue }) });

const module = moduleOf(
  "help",
  [
    object(
      "Help",
      [
        fn("undocumented", "string", [argument("a", "string"), argument("b", "int?")]),
        fn("oneLine", "string", [], { description: "One line only." }),
        fn("paragraphs", "string", [], {
          description:
            "First sentence. Second sentence.\n\nAnother paragraph, which the list does not show.\n\n - a list\n - of things\n",
        }),
        fn("twoLines", "string", [], { description: "A line that\ngoes on below." }),
        fn(
          "everything",
          "string",
          [
            described("text", "string", "a text"),
            described("count", "int", "an integer"),
            described("ratio", "float", "a float"),
            described("on", "bool", "a switch"),
            described("texts", "[string]", "several texts"),
            described("dir", "Directory", "a directory"),
            described("volume", "enum HelpVolume", "an enum"),
            described("maybe", "string?", "may be left out"),
          ],
          { description: "Every kind of argument." },
        ),
        fn("defaults", "string", [
          described("text", "string", "a text", '"x y"'),
          described("empty", "string", "an empty text", '""'),
          described("count", "int", "an integer", "3"),
          described("off", "bool", "a switch", "false"),
          described("on", "bool", "a switch that is on", "true"),
          described("texts", "[string]", "several texts", '["a","b"]'),
          described("volume", "enum HelpVolume", "an enum", '"Loud"'),
        ]),
        fn("log4Shell", "string", [argument("v1", "string"), argument("v2Beta3", "string", { defaultValue: '"d"' })]),
        fn("odd", "string", [argument("value", "enum HelpOdd")]),
        fn("part", "HelpPart", [argument("name", "string", { defaultValue: '"p"' })], { description: "A part." }),
        fn("parts", "[HelpPart]", [], { description: "Several parts." }),
        fn("image", "Container", [], { description: "A container." }),
        fn("needsPart", "string", [argument("part", "HelpPart")]),
      ],
      {
        constructor_: fn("", "Help", [
          described("source", "Directory?", "the sources"),
          described("registry", "string", "the registry to push to", '"localhost"'),
        ]),
        fields: [
          { originalName: "source", name: "source", description: "where the sources are", type: type("Directory") },
        ],
      },
    ),
    object("HelpPart", [
      fn("describe", "string", [], { description: "Describes the part." }),
      fn("self", "HelpPart", [], { description: "The same part again, to chain on." }),
    ]),
  ],
  {
    enums: [
      volume,
      {
        originalName: "Odd",
        name: "HelpOdd",
        description: "",
        members: ["UPPER", "LOWER", "TWO_WORDS", "V_2", "HTTP_SERVER", "SNAKE_CASE", "LAST_1"].map((name) => ({
          originalName: name,
          name,
          value: name,
          description: "",
        })),
      },
    ],
  },
);

const trimEnds = (text: string) => text.replace(/[ \t]+$/gm, "");

/** Words behind `call` → what the help contains, as recorded from the real command line. */
const pages: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ["--help"],
    [
      "Call one or more functions, interconnected into a pipeline\n\nUSAGE\n  slipway call [options] <function>\n",
      "FUNCTIONS\n  defaults       -\n  everything     Every kind of argument.\n  image          A container.\n",
      "  paragraphs     First sentence. Second sentence.\n  part           A part.\n  parts          Several parts.\n  source         where the sources are\n  two-lines      A line that\n  undocumented   -\n",
      'ARGUMENTS\n      --registry string\n                           the registry to push to\n                            (default "localhost")\n      --source Directory\n                           the sources',
      "OPTIONS\n",
      "INHERITED OPTIONS\n",
    ],
  ],
  [["one-line", "--help"], ["One line only.\n\nUSAGE\n  slipway call one-line\n"]],
  [
    ["paragraphs", "--help"],
    [
      "First sentence. Second sentence.\n\nAnother paragraph, which the list does not show.\n\n - a list\n - of things\n\nUSAGE\n  slipway call paragraphs\n",
    ],
  ],
  [
    ["everything", "--help"],
    [
      "USAGE\n  slipway call everything [arguments]\n",
      "ARGUMENTS\n      --count int           an integer\n                             [required]\n      --dir Directory       a directory\n                             [required]\n      --on                  a switch\n                             [required]\n      --ratio float         a float\n                             [required]\n      --text string         a text\n                             [required]\n      --texts strings       several texts\n                             [required]\n      --volume LOUD,QUIET   an enum\n                             [required]\n      --maybe string\n                            may be left out",
    ],
  ],
  [
    ["defaults", "--help"],
    [
      'ARGUMENTS\n      --count int\n                            an integer\n                             (default 3)\n      --empty string\n                            an empty text\n\n      --off\n                            a switch\n\n      --on\n                            a switch that is on\n                             (default true)\n      --text string\n                            a text\n                             (default "x y")\n      --texts strings\n                            several texts\n\n      --volume LOUD,QUIET\n                            an enum\n                             (default LOUD)',
    ],
  ],
  [
    ["log-4-shell", "--help"],
    [
      '-\n\nUSAGE\n  slipway call log-4-shell [arguments]\n\nARGUMENTS\n      --v-1 string          [required]\n      --v-2-beta-3 string    (default "d")',
    ],
  ],
  [
    ["odd", "--help"],
    ["ARGUMENTS\n      --value HTTP_SERVER,LAST_1,LOWER,SNAKE_CASE,TWO_WORDS,UPPER,V_2\n                [required]"],
  ],
  [
    ["part", "--help"],
    [
      "A part.\n\nUSAGE\n  slipway call part [arguments] <function>\n",
      "FUNCTIONS\n  describe      Describes the part.\n  self          The same part again, to chain on.\n",
      'ARGUMENTS\n      --name string    (default "p")',
    ],
  ],
  [["parts", "--help"], ["Several parts.\n\nUSAGE\n  slipway call parts <function>\n"]],
  [
    ["image", "--help"],
    ["A container.\n\nUSAGE\n  slipway call image <function>\n", "  with-exec     What withExec does.\n"],
  ],
  [["image", "with-exec", "-h"], ["ARGUMENTS\n      --args strings   Command to run [required]\n"]],
];

for (const [words, parts] of pages) {
  help(`of call ${words.join(" ")}`, async () => {
    const ran = await runCommand(new FakeEngine(module), ["call", ...words]);
    assert.is(ran.exit, 0, ran.stderr);
    for (const part of parts) assert.ok(trimEnds(ran.stdout).includes(part), `lacks\n${part}\nin\n${ran.stdout}`);
  });
}

help("of a function that cannot be called is that of what stands before, below an error", async () => {
  const ran = await runCommand(new FakeEngine(module), ["call", "needs-part", "--help"]);
  assert.is(ran.exit, 1);
  assert.ok(ran.stdout.startsWith("\nCall one or more functions, interconnected into a pipeline\n"), ran.stdout);
  assert.is(ran.stderr, 'Error: unknown command "needs-part" for "slipway call"\n');
});

help("behind two dashes --help is a word like others", async () => {
  const ran = await runCommand(new FakeEngine(module), ["call", "one-line", "--", "--help"]);
  assert.match(ran.stderr, 'unknown command "--help" for "slipway call one-line"');
});

help("functions are listed with the first line of their description", async () => {
  const ran = await runCommand(new FakeEngine(module), ["functions"]);
  assert.is(
    ran.stdout,
    [
      "Name           Description",
      "defaults       -",
      "everything     Every kind of argument.",
      "image          A container.",
      "log-4-shell    -",
      "odd            -",
      "one-line       One line only.",
      "paragraphs     First sentence. Second sentence.",
      "part           A part.",
      "parts          Several parts.",
      "source         where the sources are",
      "two-lines      A line that",
      "undocumented   -",
      "",
      "Skipped 1 function(s) with unsupported types: needs-part",
      "",
    ].join("\n"),
  );
});

help("functions of what a chain returns", async () => {
  const ran = await runCommand(new FakeEngine(module), ["functions", "part", "self"]);
  assert.is(
    ran.stdout,
    "Name       Description\ndescribe   Describes the part.\nself       The same part again, to chain on.\n",
  );
});

const withoutFunctions: readonly (readonly [string, string])[] = [
  ["one-line", 'function "one-line" returns type "STRING_KIND" with no further functions available'],
  ["nothere", 'no function "nothere" in type "Query"'],
];
for (const [name, message] of withoutFunctions) {
  help(`functions ${name} is an error`, async () => {
    const ran = await runCommand(new FakeEngine(module), ["functions", name]);
    assert.equal([ran.exit, ran.stdout, ran.stderr], [1, "", `Error: ${message}\n`]);
  });
}

help("functions without a module says so and succeeds", async () => {
  const ran = await runCommand(new FakeEngine(undefined), ["functions"]);
  assert.equal([ran.exit, ran.stdout, ran.stderr], [0, "", "No functions found.\n"]);
});

help.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { matchEntries } from "../../../../engine/src/cli/commands/entry-tree.ts";
import { runCommand } from "./fake-console.ts";
import { argument, type FakeAnswers, FakeEngine, FakeHandle, fn, moduleOf, object } from "./fake-engine.ts";

const check = suite("check");
const isCheck = { isCheck: true };

const checks = moduleOf("checks", [
  object("Checks", [
    fn("lint", "void", [], { ...isCheck, description: "Returns nothing." }),
    fn("unitTests", "void", [], { ...isCheck, description: "Fails.\n\nAt length." }),
    fn("lazyFail", "Container", [], isCheck),
    fn("optional", "string", [argument("name", "string", { defaultValue: '"x"' })], isCheck),
    fn("needsArgument", "void", [argument("name", "string")], isCheck),
    fn("style", "ChecksStyle"),
    fn("language", "ChecksLanguage", [argument("name", "string")]),
    fn("gen", "Changeset", [], { isGenerator: true, description: "Writes." }),
    fn("plain", "string"),
  ]),
  object("ChecksStyle", [
    fn("format", "void", [], isCheck),
    fn("spelling", "void", [], isCheck),
    fn("again", "ChecksStyle"),
  ]),
  object("ChecksLanguage", [fn("compiles", "void", [], isCheck)]),
]);

const failing = (code: number) => () => {
  throw Object.assign(new Error(`exit code: ${code}`), {
    extensions: { _type: "EXEC_ERROR", exitCode: code, stdout: "out", stderr: "" },
  });
};

function engine(more: FakeAnswers = {}): FakeEngine {
  const nothing = () => null;
  return new FakeEngine(checks, {
    "Checks.lint": nothing,
    "Checks.unitTests": failing(3),
    "Checks.lazyFail": () => new FakeHandle("Container", "lazy"),
    "Checks.optional": () => "a text",
    "Checks.style": () => new FakeHandle("ChecksStyle", "style"),
    "Checks.gen": () => new FakeHandle("Changeset", "gen"),
    "ChecksStyle.format": nothing,
    "ChecksStyle.spelling": nothing,
    "Container.sync": failing(5),
    "Changeset.isEmpty": () => true,
    ...more,
  });
}

check("-l lists what can be called without arguments, sorted, with those of objects below", async () => {
  const ran = await runCommand(engine(), ["check", "-l"]);
  assert.is(
    ran.stdout,
    [
      "Name                    Description",
      "checks:lazy-fail        -",
      "checks:lint             Returns nothing.",
      "checks:optional         -",
      "checks:style:format     -",
      "checks:style:spelling   -",
      "checks:unit-tests       Fails.",
      "",
      "Generators",
      "Name         Description",
      "checks:gen   Writes.",
      "",
    ].join("\n"),
  );
});

check("-l with a pattern that matches nothing is an empty table", async () => {
  const ran = await runCommand(engine(), ["check", "-l", "nothere"]);
  assert.equal([ran.exit, ran.stdout], [0, "Name   Description\n"]);
});

check("patterns: whole names, names without the module, beginnings, globs", () => {
  const names = ["m:lint", "m:lazy-fail", "m:lazy-pass", "m:style:format", "m:style:spelling"];
  const userDefaults = () => ({ find: () => undefined, unread: () => [] });
  const module = { def: moduleOf("m", []), isEntry: true, userDefaults };
  const entries = names.map((name) => ({ module, name, description: "", path: [] }));
  const cases: readonly (readonly [string[], string[]])[] = [
    [[], names],
    [["lint"], ["m:lint"]],
    [["m:lint"], ["m:lint"]],
    [["lazy*"], ["m:lazy-fail", "m:lazy-pass"]],
    [["l*"], ["m:lint", "m:lazy-fail", "m:lazy-pass"]],
    [["style"], ["m:style:format", "m:style:spelling"]],
    [["style:*"], ["m:style:format", "m:style:spelling"]],
    [["style:spelling"], ["m:style:spelling"]],
    [["st*"], ["m:style:format", "m:style:spelling"]],
    [["lin"], []],
    [["spelling"], []],
    [["li.t"], []],
    [
      ["lint", "style:format"],
      ["m:lint", "m:style:format"],
    ],
  ];
  for (const [patterns, expected] of cases) {
    assert.equal(
      matchEntries(entries, patterns).map((entry) => entry.name),
      expected,
      patterns.join(" "),
    );
  }
});

check("what passes prints nothing", async () => {
  const ran = await runCommand(engine(), ["check", "-s", "lint", "optional", "style"]);
  assert.equal([ran.exit, ran.stdout, ran.stderr], [0, "", ""]);
});

check("a failure is exit code 1, whatever the command's own", async () => {
  const ran = await runCommand(engine(), ["check", "-s", "lint", "unit-tests"]);
  assert.equal([ran.exit, ran.stdout, ran.stderr], [1, "", "Error: exit code: 3 (checks:unit-tests)\n"]);
});

check("a returned container is run", async () => {
  const ran = await runCommand(engine(), ["check", "-s", "lazy-fail"]);
  assert.equal([ran.exit, ran.stderr], [1, "Error: exit code: 5 (checks:lazy-fail)\n"]);
});

check("several failures are all named", async () => {
  const ran = await runCommand(engine(), ["check", "-s"]);
  assert.equal(
    [ran.exit, ran.stderr],
    [1, "Error: exit code: 5 (checks:lazy-fail)\nexit code: 3 (checks:unit-tests)\n"],
  );
});

check("--failfast does not wait for the others", async () => {
  const hanging = () => new Promise(() => {});
  const ran = await runCommand(engine({ "Checks.lint": hanging }), ["check", "-s", "--failfast", "lint", "unit-tests"]);
  assert.equal([ran.exit, ran.stderr], [1, "Error: exit code: 3 (checks:unit-tests)\n"]);
});

check("a pattern that matches nothing passes, but is named", async () => {
  const fake = engine();
  const ran = await runCommand(fake, ["check", "-s", "nothere"]);
  assert.equal([ran.exit, ran.stdout, ran.stderr], [0, "", 'no check matches "nothere"\n']);
  assert.equal(fake.taken, []);
});

check("a pattern that matches nothing is followed by the checks that may have been meant", async () => {
  const near = async (...words: string[]): Promise<string> => (await runCommand(engine(), words)).stderr;
  assert.is(await near("check", "-s", "lnit"), 'no check matches "lnit"\n\nDid you mean this?\n\tlint\n');
  assert.is(
    await near("check", "-s", "unittests"),
    'no check matches "unittests"\n\nDid you mean this?\n\tunit-tests\n',
  );
  assert.is(await near("generate", "-s", "gem"), 'no generator matches "gem"\n\nDid you mean this?\n\tgen\n');
  assert.is(
    await near("functions", "-s", "styel", "x"),
    'Error: no function "styel" in type "Query"\n\nDid you mean this?\n\tstyle\n',
  );
});

check("a generator that would change something fails, unless it is left out", async () => {
  const changing = { "Changeset.isEmpty": () => false };
  const ran = await runCommand(engine(changing), ["check", "-s", "gen"]);
  assert.equal(
    [ran.exit, ran.stderr],
    [
      1,
      "Error: generate function checks:gen produced changes; run 'slipway generate checks:gen' to apply (checks:gen)\n",
    ],
  );
  const without = await runCommand(engine(changing), ["check", "-s", "--no-generate", "gen"]);
  assert.is(without.exit, 0);
});

check("generate applies changes with -y and asks for a terminal without", async () => {
  const exported: unknown[] = [];
  const changing: FakeAnswers = {
    "Changeset.isEmpty": () => false,
    "Changeset.addedPaths": () => ["new.txt"],
    "Changeset.modifiedPaths": () => [],
    "Changeset.removedPaths": () => ["old.txt"],
    "Changeset.export": (args) => exported.push(args),
  };
  const asked = await runCommand(engine(changing), ["generate", "--progress=plain"]);
  assert.is(asked.exit, 1);
  assert.match(asked.stderr, "+ new.txt\n- old.txt\n");
  assert.match(asked.stderr, "Error: the changes were not applied, because there is no terminal to ask");
  assert.equal(exported, []);
  const applied = await runCommand(engine(changing), ["generate", "-y", "-s"]);
  assert.equal([applied.exit, exported], [0, [{ path: "." }]]);
});

check.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandFlags, readCommand } from "../../../../engine/src/cli/command-flags.ts";
import type { CommandOptions } from "../../../../engine/src/cli/command-options.ts";
import { COMMANDS } from "../../../../engine/src/cli/commands.ts";
import { commonFlags } from "../../../../engine/src/cli/global-flags.ts";

const flags = suite("the flags of a command");

/** Each command with all its flags, and what they change of the options. */
const WRITTEN: Readonly<Record<string, readonly [words: string, changes: Partial<CommandOptions>]>> = {
  check: [
    "-l --failfast --no-generate --generate",
    { list: true, failFast: true, withGenerators: false, withChecks: false },
  ],
  generate: ["--list", { list: true }],
  up: ["-l", { list: true }],
  query: [
    "--doc a.graphql --var a=1 --var b=2 --var-json {}",
    { document: "a.graphql", variables: ["a=1", "b=2"], variablesJson: "{}" },
  ],
  init: [
    "--dry-run --blueprint ../b --name n --sdk typescript --source src --license MIT --with-self-calls --include a,,b --include c",
    {
      dryRun: true,
      blueprint: "../b",
      name: "n",
      sdk: "typescript",
      source: "src",
      licence: "MIT",
      selfCalls: true,
      include: ["a", "b", "c"],
    },
  ],
  develop: [
    "--sdk typescript --source src --license= --with-self-calls --without-self-calls -r --compat",
    {
      sdk: "typescript",
      source: "src",
      licence: "",
      selfCalls: true,
      noSelfCalls: true,
      recursive: true,
      compat: "skip",
    },
  ],
  install: ["-n dep --compat v0.21.8", { name: "dep", compat: "v0.21.8" }],
  uninstall: ["--compat skip", { compat: "skip" }],
  update: ["--compat skip", { compat: "skip" }],
  toolchain: ["-n tool --compat skip", { name: "tool", compat: "skip" }],
  store: ["--keep 8g", { keep: "8g" }],
  trace: ["--last --with 3 -o page.html", { last: true, with: "3", output: "page.html" }],
  session: ["--label a --version b", {}],
};

for (const [name, [words, changes]] of Object.entries(WRITTEN)) {
  flags(`${name} each write their own option`, () => {
    const given = words.split(" ");
    const { options } = readCommand(name, given, commonFlags());
    assert.equal(options, { ...commandFlags(name).options, ...changes });
    const known = commandFlags(name).flags.map((flag) => [`--${flag.name}`, `-${flag.shorthand}`]);
    const untried = known.filter((ways) => !given.some((word) => ways.includes(word.replace(/=.*/, ""))));
    assert.equal(untried, []);
  });
}

flags("are tried above for every command that has some", () => {
  const having = COMMANDS.map(({ name }) => name).filter((name) => commandFlags(name).flags.length > 0);
  assert.ok(having.length > 8, String(having));
  assert.equal(
    having.filter((name) => !(name in WRITTEN)),
    [],
  );
});

flags("are as many as a command has: without any, its words stay", () => {
  assert.equal(readCommand("functions", ["a", "b"], commonFlags()).words, ["a", "b"]);
  assert.equal(commandFlags("functions").flags, []);
});

flags("that are mistyped are answered with the nearest one", () => {
  assert.throws(() => readCommand("check", ["--failfats"], commonFlags()), /unknown flag: --failfats/);
});

flags.run();

import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS, findCommand, OWN_FUNCTIONS } from "../../../../engine/src/cli/commands.ts";
import { runMain } from "../../../../engine/src/cli/run-main.ts";
import { fakeConsole } from "./fake-console.ts";

const main = suite("the program");

async function run(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const console = fakeConsole();
  const exit = await runMain(argv, console);
  return { exit, stdout: console.out(), stderr: console.err() };
}

main("an unknown command is refused, with what may have been meant", async () => {
  assert.equal(await run("cal", "none"), {
    exit: 1,
    stdout: "",
    stderr: 'Error: unknown command or file "cal" for "slipway"\n\nDid you mean this?\n\tcall\n\n',
  });
});

main("a function of Slipway that is taken for a command is named with the command that calls it", async () => {
  assert.equal(await run("deploy", "--ring", "canary"), {
    exit: 1,
    stdout: "",
    stderr: 'Error: unknown command or file "deploy" for "slipway"\n\nDid you mean this?\n\tcall deploy\n\n',
  });
  assert.match((await run("publish")).stderr, "(Slipway's own is slipway call publish)");
  const source = readFileSync("ci/src/index.ts", "utf8");
  const functions = [
    ...source.matchAll(/^ {2}(?:async )?(\w+)\($/gm),
    ...source.matchAll(/^ {2}(?:async )?(\w+)\(workspace/gm),
  ];
  const names = functions.map(([, name]) => name);
  assert.equal(
    OWN_FUNCTIONS.filter((name) => !names.includes(name)),
    [],
  );
});

main("nothing is suggested where nothing is near", async () => {
  assert.equal(await run("frobnicate"), {
    exit: 1,
    stdout: "",
    stderr: 'Error: unknown command or file "frobnicate" for "slipway"\n',
  });
});

main("commands that only the real engine has are refused with what to do instead", async () => {
  for (const name of ["publish", "config", "login", "shell", "watch"]) {
    const ran = await run(name);
    assert.is(ran.exit, 1);
    assert.match(ran.stderr, `Error: the embedded engine has no command "${name}"`);
    assert.match(ran.stderr, `dagger ${name}`);
  }
});

main("an unknown progress format stops every command", async () => {
  const ran = await run("call", "--progress=fancy", "line");
  assert.equal([ran.exit, ran.stdout], [1, ""]);
  assert.match(ran.stderr, 'unknown progress type "fancy"');
});

main("--web is refused with what there is instead", async () => {
  assert.equal(await run("call", "--web", "line"), {
    exit: 1,
    stdout: "",
    stderr:
      'invalid argument "true" for "-w, --web" flag: the embedded engine has no --web (--trace FILE.html writes a page that you can open)\n',
  });
});

main("a page about a run is refused where nothing runs", async () => {
  for (const name of ["help", "version", "store"]) {
    assert.equal(await run(name, "--trace=run.html"), {
      exit: 1,
      stdout: "",
      stderr: `Error: --trace: ${name} runs nothing that could be shown\n`,
    });
  }
});

main("a global flag before the command takes its value along", async () => {
  const ran = await run("--workdir", "call", "cal");
  assert.match(ran.stderr, 'unknown command or file "cal"');
});

main("help names the commands, and that of a command its flags", async () => {
  for (const argv of [[], ["help"], ["--help"], ["-h"]]) {
    const ran = await run(...argv);
    assert.is(ran.exit, 0);
    assert.match(ran.stdout, "  check         Run the checks of a module\n");
  }
  for (const argv of [
    ["check", "--help"],
    ["help", "check"],
    ["checks", "-h"],
  ]) {
    assert.match((await run(...argv)).stdout, "  -l, --list          List what would run, and run nothing\n");
  }
});

main("init says what it does to a repository, and help with which commands a stranger begins", async () => {
  const long =
    /^Show what is in this repository, and write what is missing: slipway\.yaml, .*\n\nWith --sdk, --blueprint, --name or a path, it creates a Dagger module instead, .*\n/s;
  assert.match((await run("init", "--help")).stdout, long);
  assert.match(
    (await run("help")).stdout,
    '\nIn a repository of your own: slipway init, then slipway call test. slipway doctor says what is missing.\n\nUse "slipway [command] --help"',
  );
});

main("without a terminal nothing has colours", async () => {
  assert.not.ok((await run("help")).stdout.includes("\u001b"));
});

main("the version names both programs", async () => {
  for (const argv of [["version"], ["--version"]]) {
    assert.match(
      (await run(...argv)).stdout.split("\n")[0] ?? "",
      /^slipway v\S+ \(speaks dagger v0\.21\.8\) linux\/\S+$/,
    );
  }
  assert.is((await run("--version")).stdout.split("\n").length, 2);
});

main(
  "the command version tells engine, module, Node and store as well, each in a line that begins with its name",
  async () => {
    const console = fakeConsole({ cwd: process.cwd(), env: { SLIPWAY_STORE: "/nowhere/store" } });
    assert.is(await runMain(["version"], console), 0);
    const [, ...lines] = console.out().trimEnd().split("\n");
    assert.equal(
      lines.map((line) => /^\w+ {2,}(?=\S)/.exec(line)?.[0].trim()),
      ["engine", "module", "node", "store"],
    );
    assert.match(lines[0] ?? "", /^engine {2}embedded, build source, \/.*\/engine\/src\/module$/);
    assert.is(lines[1], `module  slipway, for Dagger v0.21.8, ${process.cwd()}/dagger.json`);
    assert.is(lines[2], `node    ${process.version}, ${process.execPath}`);
    assert.match(lines[3] ?? "", "store   /nowhere/store, empty");
    const other = fakeConsole({ cwd: "/" });
    await runMain(["version", "-M"], other);
    assert.match(other.out(), "\nmodule  none here (dagger.json)\n");
  },
);

/** What is typed, and all that stands on standard error. */
const MISTYPED: readonly (readonly [readonly string[], string])[] = [
  [["deplyo"], 'Error: unknown command or file "deplyo" for "slipway"\n\nDid you mean this?\n\tcall deploy\n\n'],
  [["help", "stroe"], 'Error: unknown command or file "stroe" for "slipway"\n\nDid you mean this?\n\tstore\n\n'],
  [["--ofline"], "Error: unknown flag: --ofline\nRun 'slipway --help' for usage.\n\nDid you mean this?\n\t--offline\n"],
  [["--verion"], "Error: unknown flag: --verion\nRun 'slipway --help' for usage.\n\nDid you mean this?\n\t--version\n"],
  [
    ["store", "--kep", "1g"],
    "Error: unknown flag: --kep\nRun 'slipway store --help' for usage.\n\nDid you mean this?\n\t--keep\n",
  ],
  [
    ["store", "prun"],
    'Error: unknown command "prun" for "slipway store"\nRun \'slipway store --help\' for usage.\n\nDid you mean this?\n\tprune\n',
  ],
  [
    ["toolchain", "instal", "x"],
    'Error: unknown command "instal" for "slipway toolchain"\nRun \'slipway toolchain --help\' for usage.\n\nDid you mean this?\n\tinstall\n',
  ],
  [
    ["call", "--progress=lgos"],
    'unknown progress type "lgos": use auto, plain, tty, dots, logs, report\n\nDid you mean this?\n\tlogs\n',
  ],
  [
    ["completion", "tcsh"],
    "Error: there is no completion for \"tcsh\", only for bash, zsh, fish\nRun 'slipway completion --help' for usage.\n",
  ],
  [["completion"], "Error: name a shell: one of bash, zsh, fish\nRun 'slipway completion --help' for usage.\n"],
];

for (const [argv, stderr] of MISTYPED) {
  main(`the nearest right word follows the error of: ${argv.join(" ")}`, async () => {
    assert.equal(await run(...argv), { exit: 1, stdout: "", stderr });
  });
}

/** Whose own help lists functions: only the engine knows them. */
const isOfModule = (name: string) => name === "call" || name === "core";

main("the help of each command has examples, of commands, flags and functions that there are", async () => {
  const functions = readFileSync("ci/src/index.ts", "utf8");
  for (const { name, hidden, examples } of COMMANDS) {
    assert.ok(hidden || examples.length > 0, name);
    for (const { line, about } of examples) {
      const [verb = "", ...words] = line.split(" ");
      assert.is(findCommand(verb)?.name, name, line);
      for (const argv of [["help", name], ...(isOfModule(name) ? [] : [[name, "--help"]])])
        assert.match((await run(...argv)).stdout, `\n  # ${about}\n  slipway ${line}\n`);
      if (name !== "call") continue;
      assert.match(functions, new RegExp(`^  (?:async )?${words[0]}\\(`, "m"), line);
    }
  }
});

main("run without a command says how it is used", async () => {
  const ran = await run("run");
  assert.equal([ran.exit, ran.stdout], [1, ""]);
  assert.match(ran.stderr, "slipway run COMMAND");
});

main.run();

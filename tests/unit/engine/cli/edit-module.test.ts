import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runMain } from "../../../../engine/src/cli/run-main.ts";
import { fakeConsole } from "./fake-console.ts";

interface Place {
  dir: string;
}

const edit = suite<Place>("a command that writes dagger.json");

edit.before.each((place) => {
  place.dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-edit-")));
  mkdirSync(join(place.dir, ".git"));
  write(place.dir, "saw/dagger.json", JSON.stringify({ name: "saw", sdk: "typescript" }));
  write(place.dir, "axe/dagger.json", JSON.stringify({ name: "axe", sdk: "typescript" }));
});

edit.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

function write(dir: string, path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

async function run(cwd: string, ...words: string[]): Promise<readonly [number, string, string]> {
  const console = fakeConsole({ cwd });
  const exit = await runMain(words, console);
  return [exit, console.out(), console.err()];
}

const configOf = (dir: string): string => readFileSync(join(dir, "dagger.json"), "utf8");

edit("init names the module after its folder and writes the blueprint's own name and way", async ({ dir }) => {
  assert.equal(await run(dir, "init", "--blueprint=./saw", "--name", "shop"), [
    0,
    `Initialized module shop in ${dir} with blueprint ./saw\n`,
    "",
  ]);
  assert.is(
    configOf(dir),
    `{
  "name": "shop",
  "engineVersion": "v0.21.8",
  "blueprint": {
    "name": "saw",
    "source": "saw"
  }
}
`,
  );
  assert.equal(await run(dir, "init", "--blueprint", "axe", "deep/app"), [
    0,
    `Initialized module app in ${dir}/deep/app with blueprint axe\n`,
    "",
  ]);
  assert.match(configOf(join(dir, "deep/app")), '"source": "../../axe"');
});

edit("init leaves a module that is there alone, and says so when it was to be another", async ({ dir }) => {
  write(dir, "dagger.json", "{}");
  assert.equal(await run(dir, "init", "."), [0, "", ""]);
  assert.equal(await run(dir, "init", "--blueprint=saw"), [1, "", "Error: module already exists\n"]);
  assert.is(configOf(dir), "{}");
});

edit("init refuses what is no blueprint, and writes nothing", async ({ dir }) => {
  write(dir, "empty/file", "");
  const app = join(dir, "app");
  mkdirSync(join(app, ".git"), { recursive: true });
  const cases = [
    [["--blueprint=nope"], 'local path "nope" does not exist'],
    [["--blueprint=../empty"], `there is no dagger.json in ${dir}/empty`],
    [
      ["--blueprint=../saw"],
      `local module dependency context directory "${dir}" is not in parent context directory "${app}"`,
    ],
    [["--sdk=go", "--blueprint=../saw"], "cannot specify both --sdk and --blueprint; use one or the other"],
  ] as const;
  for (const [words, problem] of cases) {
    assert.equal(await run(app, "init", ...words), [1, "", `Error: ${problem}\n`]);
  }
  assert.equal(await run(app, "init", "--dry-run", "--sdk=typescript"), [
    1,
    "",
    "Error: --dry-run is only for init of a repository: with --sdk, --blueprint, --name or a path, init creates a module\n",
  ]);
  assert.is(existsSync(join(app, "dagger.json")), false);
});

edit("toolchain install adds it in order of names, also from a folder below, and keeps all else", async ({ dir }) => {
  write(dir, "dagger.json", JSON.stringify({ include: ["a<b"], own: 1, engineVersion: "v0.20.0", name: "app" }));
  mkdirSync(join(dir, "deep"));
  assert.equal(await run(dir, "toolchain", "install", "saw"), [0, "toolchain installed\n", ""]);
  assert.equal(await run(join(dir, "deep"), "toolchain", "install", "--name=hatchet", "../axe/"), [
    0,
    "toolchain installed\n",
    "",
  ]);
  assert.is(
    configOf(dir),
    `{
  "name": "app",
  "engineVersion": "v0.21.8",
  "toolchains": [
    {
      "name": "hatchet",
      "source": "axe"
    },
    {
      "name": "saw",
      "source": "saw"
    }
  ],
  "include": [
    "a\\u003cb"
  ],
  "own": 1
}
`,
  );
});

edit("toolchain install gives one place one name, keeps its settings, and refuses a name twice", async ({ dir }) => {
  const customizations = [{ argument: "version", default: "2" }];
  write(
    dir,
    "dagger.json",
    JSON.stringify({ name: "app", toolchains: [{ name: "saw", source: "saw", customizations }] }),
  );
  await run(dir, "toolchain", "install", "./saw");
  assert.equal(JSON.parse(configOf(dir)).toolchains, [{ name: "saw", source: "saw", customizations }]);
  assert.equal(await run(dir, "toolchain", "install", "-n", "saw", "axe"), [
    1,
    "",
    'Error: failed to install toolchain: duplicate toolchain name "saw"\n',
  ]);
  await run(dir, "toolchain", "install", "-n", "other", "saw");
  assert.equal(JSON.parse(configOf(dir)).toolchains, [{ name: "other", source: "saw" }]);
});

edit("toolchain uninstall takes it by name or by place, and is content when there is none", async ({ dir }) => {
  for (const [words, left] of [
    [["saw"], "axe"],
    [["./axe/"], "saw"],
    [["nope"], "axe saw"],
  ] as const) {
    write(
      dir,
      "dagger.json",
      JSON.stringify({
        name: "app",
        toolchains: [
          { name: "axe", source: "axe" },
          { name: "saw", source: "./saw" },
        ],
      }),
    );
    const said = words[0] === "nope" ? 'there is no toolchain "nope" in dagger.json\n' : "";
    assert.equal(await run(dir, "toolchain", "uninstall", ...words), [0, "toolchain uninstalled\n", said]);
    const { toolchains } = JSON.parse(configOf(dir)) as { toolchains: readonly { name: string }[] };
    assert.is(toolchains.map(({ name }) => name).join(" "), left);
  }
  const toolchains = [{ name: "axe", source: "axe" }];
  write(dir, "dagger.json", JSON.stringify({ name: "app", engineVersion: "v0.19.4", toolchains }));
  await run(dir, "toolchain", "uninstall", "axe");
  assert.is(configOf(dir), '{\n  "name": "app",\n  "engineVersion": "v0.21.8"\n}\n');
});

edit("toolchain without a module, a word or a verb is refused", async ({ dir }) => {
  assert.equal(await run(dir, "toolchain", "install", "saw"), [1, "", "Error: module must be fully initialized\n"]);
  const usage = (what: string) => `Run 'slipway toolchain${what} --help' for usage.\n`;
  assert.equal(await run(dir, "toolchain", "install"), [
    1,
    "",
    `Error: accepts 1 arg(s), received 0\n${usage(" install")}`,
  ]);
  assert.equal(await run(dir, "toolchain", "frob"), [
    1,
    "",
    `Error: unknown command "frob" for "slipway toolchain"\n${usage("")}`,
  ]);
});

/** What `init --name app` wrote, and what was changed in it. */
const app = (more: object = {}): string =>
  `${JSON.stringify({ name: "app", engineVersion: "v0.21.8", ...more }, null, 2)}\n`;

edit("install adds a folder under its own name or another, sorted, one name for one place", async ({ dir }) => {
  write(dir, "app/dagger.json", app());
  const from = join(dir, "app");
  const install = async (...words: string[]) => await run(from, "install", ...words);
  assert.equal(await install("../saw"), [0, 'Installed module dependency "saw"\n', ""]);
  assert.equal(await install("../axe/", "-n", "hatchet"), [0, 'Installed module dependency "hatchet"\n', ""]);
  const both = [
    { name: "hatchet", source: "../axe" },
    { name: "saw", source: "../saw" },
  ];
  assert.is(configOf(from), app({ dependencies: both }));
  assert.equal(await install("../saw", "--name=blade"), [0, 'Installed module dependency "blade"\n', ""]);
  assert.is(configOf(from), app({ dependencies: [{ name: "blade", source: "../saw" }, both[0]] }));
  assert.equal(await install("../axe", "--name=blade"), [
    1,
    "",
    'Error: failed to install dependency: duplicate dependency name "blade"\n',
  ]);
});

edit("install finds the module by -m, and paths start from where the person is", async ({ dir }) => {
  write(dir, "app/dagger.json", app());
  assert.equal(await run(dir, "install", "-m", "app", "saw"), [0, 'Installed module dependency "saw"\n', ""]);
  assert.is(configOf(join(dir, "app")), app({ dependencies: [{ name: "saw", source: "../saw" }] }));
  assert.equal(await run(dir, "use", "-m=./app", "saw"), [0, 'Installed module dependency "saw"\n', ""]);
  assert.equal(await run(dir, "install", "-m=github.com/x/y", "saw"), [
    1,
    "",
    `Error: failed to check if module already exists: module source "github.com/x/y" kind must be "local", got "git"
hint: module source came from --mod="github.com/x/y"; if you intended local, pass \`--mod .\`\n`,
  ]);
});

edit("install, uninstall and update refuse what they cannot do, and write nothing", async ({ dir }) => {
  const usage = (name: string) => `Run 'slipway ${name} --help' for usage.\n`;
  for (const [words, problem] of [
    [["install", "../saw"], "module must be fully initialized"],
    [["uninstall", "saw"], "module must be fully initialized"],
    [["update"], "module must be fully initialized"],
    [["install"], `accepts 1 arg(s), received 0\n${usage("install").trimEnd()}`],
    [["uninstall", "a", "b"], `accepts 1 arg(s), received 2\n${usage("uninstall").trimEnd()}`],
  ] as const) {
    assert.equal(await run(dir, ...words), [1, "", `Error: ${problem}\n`]);
  }
  write(dir, "dagger.json", app({ dependencies: [{ name: "saw", source: "saw" }] }));
  write(dir, "empty/file", "");
  for (const [words, problem] of [
    [["install", "nope"], 'local path "nope" does not exist'],
    [["install", "empty"], `there is no dagger.json in ${dir}/empty`],
    [["install", "axe", "-n", "saw"], 'failed to install dependency: duplicate dependency name "saw"'],
    [["update", "saw"], "failed to update dependencies: updating local dependencies is not supported"],
    [
      ["update", "gone"],
      'failed to update dependencies: dependency "gone" was requested to be updated, but it is not found in the dependencies list',
    ],
    [
      ["install", "axe", "--compat=v0.99.0"],
      "failed to install dependency: module requires dagger v0.99.0, but you have v0.21.8",
    ],
  ] as const) {
    assert.equal(await run(dir, ...words), [1, "", `Error: ${problem}\n`]);
  }
  assert.is(configOf(dir), app({ dependencies: [{ name: "saw", source: "saw" }] }));
});

edit("a dagger.json that is not JSON is told in the words of Dagger's engine, and stays", async ({ dir }) => {
  for (const [text, problem] of [
    ["{", "unexpected end of JSON input"],
    ["[]", "json: cannot unmarshal array into Go value"],
  ] as const) {
    for (const words of [
      ["install", "saw"],
      ["uninstall", "saw"],
      ["update"],
      ["develop"],
      ["toolchain", "install", "saw"],
    ]) {
      write(dir, "dagger.json", text);
      const [exit, out, err] = await run(dir, ...words);
      assert.equal([exit, out], [1, ""]);
      assert.match(err, `Error: failed to decode module config: ${problem}`);
      assert.is(configOf(dir), text);
    }
  }
});

edit("develop of a module in a git repository is refused", async ({ dir }) => {
  const [exit, , err] = await run(dir, "develop", "-m", "github.com/x/y");
  assert.is(exit, 1);
  assert.match(
    err,
    'Error: failed to get local context directory path: module source "github.com/x/y" kind must be "local", got "git"',
  );
});

edit("uninstall takes a dependency by name or source and leaves the others in their order", async ({ dir }) => {
  const [saw, axe] = [
    { name: "saw", source: "saw" },
    { name: "axe", source: "axe" },
  ];
  for (const [word, left] of [
    ["saw", [axe]],
    ["./axe", [saw]],
  ] as const) {
    write(dir, "dagger.json", app({ dependencies: [saw, axe] }));
    assert.equal(await run(dir, "uninstall", word), [0, "", ""]);
    assert.is(configOf(dir), app({ dependencies: left }));
  }
});

edit("uninstall of a name that is not there changes nothing, and says which one was perhaps meant", async ({ dir }) => {
  const text = app({ dependencies: [{ name: "saw", source: "saw" }] });
  for (const [word, hint] of [
    ["nope", ""],
    ["saww", "\nDid you mean this?\n\tsaw\n"],
  ] as const) {
    write(dir, "dagger.json", text);
    const said = `there is no dependency "${word}" in dagger.json\n${hint}`;
    assert.equal(await run(dir, "uninstall", word), [0, "", said]);
    assert.is(configOf(dir), text);
  }
});

edit("a change writes older spellings in today's, and says for which engine the module is", async ({ dir }) => {
  const old = { name: "app", exclude: ["dist", "!dist/keep"], include: ["x"], dependencies: ["./saw/"] };
  for (const [version, isOld] of [
    [undefined, true],
    ["v0.12.0", true],
    ["0.19.3", true],
    ["v0.19.4", false],
    ["latest", false],
  ] as const) {
    write(dir, "dagger.json", JSON.stringify({ ...old, engineVersion: version }));
    await run(dir, "update");
    assert.is(
      configOf(dir),
      app({
        include: ["x", "!dist", "dist/keep"],
        dependencies: [{ name: "saw", source: "saw" }],
        ...(isOld ? { disableDefaultFunctionCaching: true } : {}),
      }),
    );
  }
  write(dir, "dagger.json", JSON.stringify({ name: "app", engineVersion: "v0.20.1" }));
  await run(dir, "update", "--compat=skip");
  assert.is(configOf(dir), app({ engineVersion: "v0.20.1" }));
  await run(dir, "update", "--compat=0.20.3");
  assert.is(configOf(dir), app({ engineVersion: "v0.20.3" }));
});

edit("init and develop of another SDK name the command of Dagger's own engine", async ({ dir }) => {
  const other = `the embedded engine runs modules of the TypeScript SDK only, not of "go"`;
  const [exit, out, err] = await run(dir, "init", "--sdk=go", "app");
  assert.equal([exit, out], [1, ""]);
  assert.match(err, `Error: failed to generate code: ${other}`);
  assert.match(err, "dagger init --sdk=go");
  assert.is(existsSync(join(dir, "app")), false);
  write(dir, "dagger.json", app());
  const [code, , problem] = await run(dir, "develop", "--sdk=go");
  assert.is(code, 1);
  assert.match(problem, "dagger develop --sdk=go");
  assert.equal(await run(dir, "develop"), [
    1,
    "",
    "Error: dagger develop on a module without an SDK or clients requires either --sdk or --source\n",
  ]);
});

edit.run();

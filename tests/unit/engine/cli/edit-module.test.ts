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
  assert.is(existsSync(join(app, "dagger.json")), false);
});

edit("toolchain install adds it in order of names, also from a folder below, and keeps all else", async ({ dir }) => {
  write(dir, "dagger.json", JSON.stringify({ source: "ci", sdk: { source: "typescript" }, name: "app", own: 1 }));
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
  "sdk": {
    "source": "typescript"
  },
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
  "source": "ci",
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
    'Error: duplicate toolchain name "saw"\n',
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
    assert.equal(await run(dir, "toolchain", "uninstall", ...words), [0, "toolchain uninstalled\n", ""]);
    const { toolchains } = JSON.parse(configOf(dir)) as { toolchains: readonly { name: string }[] };
    assert.is(toolchains.map(({ name }) => name).join(" "), left);
  }
  write(dir, "dagger.json", JSON.stringify({ name: "app", toolchains: [{ name: "axe", source: "axe" }] }));
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

edit.run();

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../cluster/command.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeFiles } from "../../support/write-files.ts";

const TSC = resolve(import.meta.dirname, "../../../node_modules/typescript/bin/tsc");
const NOTE = "no LICENSE file found; generating one for you, feel free to change or remove (Apache-2.0)\n";

interface Place {
  dir: string;
}

const author = suite<Place>("the commands by which a module is written");

author.before.each((place) => {
  place.dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-author-")));
  execFileSync("git", ["init", "--quiet", place.dir]);
});

author.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

/** What a run of a command leaves to see; it has to succeed. */
async function run(cwd: string, ...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { exitCode, stdout, stderr } = await runSlipway(cwd, words);
  assert.is(exitCode, 0, stderr);
  return { stdout, stderr };
}

const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

/** Paths of all files but git's, sorted. */
function filesIn(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => !/^(.*\/)?\.git(\/|$)/.test(path) && statSync(join(dir, path)).isFile())
    .sort();
}

/** What the compiler has to say about a module; nothing when an editor would show nothing. */
async function typeFaults(dir: string): Promise<string> {
  const { stdout } = await runCommand([TSC, "--noEmit", "--pretty", "false", "-p", dir], {});
  return stdout;
}

author("init makes a module that runs, and whose types an editor knows", async ({ dir }) => {
  assert.equal(await run(dir, "init", "--sdk=typescript", "my-mod"), {
    stdout: `Initialized module my-mod in ${dir}/my-mod\n`,
    stderr: NOTE,
  });
  const module = join(dir, "my-mod");
  assert.equal(filesIn(module), [
    ".gitattributes",
    ".gitignore",
    "LICENSE",
    "dagger.json",
    "package.json",
    "sdk/client.gen.ts",
    "sdk/core.d.ts",
    "sdk/core.js",
    "sdk/index.ts",
    "sdk/telemetry.ts",
    "src/index.ts",
    "tsconfig.json",
    "yarn.lock",
  ]);
  assert.is(
    read(module, "dagger.json"),
    '{\n  "name": "my-mod",\n  "engineVersion": "v0.21.8",\n  "sdk": {\n    "source": "typescript"\n  }\n}\n',
  );
  assert.is(await typeFaults(module), "");
  const listed = await run(module, "functions");
  assert.match(listed.stdout, /container-echo .*\ngrep-dir /);
  assert.is((await run(module, "call", "container-echo", "--string-arg", "hi", "stdout")).stdout, "hi\n");
  writeFiles(module, { "words/a.txt": "one\ntwo\n" });
  const found = await run(module, "call", "grep-dir", "--directory-arg", "words", "--pattern", "tw");
  assert.is(found.stdout, "./a.txt:two\n");
  const again = await runSlipway(module, ["init", "--sdk=typescript"]);
  assert.equal([again.exitCode, again.stdout, again.stderr], [1, "", "Error: module already exists\n"]);
});

author(
  "init beside other files puts the code into .dagger, and leaves the repository's licence and files alone",
  async ({ dir }) => {
    const own = { "LICENSE.md": "mine", "package.json": '{"name":"shop"}', ".gitignore": "dist" };
    writeFiles(dir, own);
    assert.equal(await run(dir, "init", "--sdk", "typescript", "--name=shop"), {
      stdout: `Initialized module shop in ${dir}\n`,
      stderr: "",
    });
    for (const [path, text] of Object.entries(own)) assert.is(read(dir, path), text);
    assert.is(JSON.parse(read(dir, "dagger.json")).source, ".dagger");
    assert.equal(
      filesIn(dir).filter((path) => !path.startsWith(".dagger/")),
      [".gitignore", "LICENSE.md", "dagger.json", "package.json"],
    );
    assert.match(read(dir, ".dagger/src/index.ts"), "export class Shop {");
  },
);

author(
  "init takes a folder for the code, none outside of the module, and no licence when none is wanted",
  async ({ dir }) => {
    await run(dir, "init", "--sdk=typescript", "--source=mod/ci", "--license=", "mod");
    assert.is(JSON.parse(read(dir, "mod/dagger.json")).source, "ci");
    assert.is(filesIn(join(dir, "mod")).includes("LICENSE"), false);
    assert.is(filesIn(join(dir, "mod")).includes("ci/src/index.ts"), true);
    const outside = await runSlipway(dir, ["init", "--sdk=typescript", "--source=.", "other"]);
    assert.equal(
      [outside.exitCode, outside.stderr],
      [1, 'Error: failed to generate code: local module source subpath ".." escapes source root "other"\n'],
    );
    assert.is(
      filesIn(dir).some((path) => path.startsWith("other")),
      false,
    );
  },
);

const SAW = `import { argument, func, object } from "@dagger.io/dagger"

export enum Grain { Along = "along", CROSS_CUT = "cross" }

@object()
export class Board {
  @func() length: number
  constructor(length: number) { this.length = length }
}

/** Cuts wood. */
@object()
export class Saw {
  @func() teeth: number
  constructor(teeth: number = 12) { this.teeth = teeth }
  /**
   * Cut a board.
   * @param into how many pieces
   */
  @func() cut(board: number, into: number = 2, grain: Grain = Grain.Along): Board[] {
    return Array.from({ length: into }, () => new Board(grain === Grain.Along ? board : board / into))
  }
}
`;
const SAW_FILES = {
  "saw/dagger.json": JSON.stringify({ name: "saw", engineVersion: "v0.21.8", sdk: "typescript" }),
  "saw/src/index.ts": SAW,
};

author(
  "install, update and uninstall keep dagger.json and the client together, and the dependency can be called",
  async ({ dir }) => {
    writeFiles(dir, SAW_FILES);
    await run(dir, "init", "--sdk=typescript", "app");
    const app = join(dir, "app");
    assert.is((await run(app, "install", "../saw")).stdout, 'Installed module dependency "saw"\n');
    const dependencies = [{ name: "saw", source: "../saw" }];
    assert.equal(JSON.parse(read(app, "dagger.json")).dependencies, dependencies);
    const code = (cut: string) => `import { dag, func, object, SawGrain } from "@dagger.io/dagger"
@object() export class App {
  @func() async lengths(): Promise<number[]> {
    const boards = await dag.saw({ teeth: 4 }).cut(${cut}, { into: 3, grain: SawGrain.CrossCut })
    return await Promise.all(boards.map((board) => board.length()))
  }
}
`;
    writeFiles(app, { "src/index.ts": code('"six"') });
    assert.match(await typeFaults(app), /Argument of type 'string' is not assignable to parameter of type 'number'/);
    writeFiles(app, { "src/index.ts": code("6") });
    assert.is(await typeFaults(app), "");
    assert.is((await run(app, "call", "lengths")).stdout, "2\n2\n2\n");
    const client = read(app, "sdk/client.gen.ts");
    assert.match(client, /Cut a board\.\n \*\/|\* Cut a board\./);
    assert.match(client, "@param opts.into how many pieces");
    assert.equal((await run(app, "update")).stdout, "");
    assert.is(read(app, "sdk/client.gen.ts"), client);
    assert.equal((await run(app, "uninstall", "saw")).stdout, "");
    assert.is(JSON.parse(read(app, "dagger.json")).dependencies, undefined);
    assert.match(await typeFaults(app), /Property 'saw' does not exist on type 'Client'/);
  },
);

author(
  "develop makes again what is missing, completes what is there, and changes nothing the second time",
  async ({ dir }) => {
    writeFiles(dir, {
      ...SAW_FILES,
      "app/dagger.json": JSON.stringify({
        name: "app",
        engineVersion: "v0.12.0",
        sdk: "typescript",
        source: "dagger/",
        dependencies: ["../saw"],
      }),
      "app/dagger/src/deep/more.ts": 'import { object } from "@dagger.io/dagger"\n@object() export class App {}\n',
      "app/dagger/package.json": '{\n  "name": "own",\n  "dependencies": { "typescript": "5.5.4" }\n}\n',
      "app/dagger/.gitignore": "mine",
    });
    const app = join(dir, "app");
    assert.equal(await run(app, "develop"), { stdout: "", stderr: "" });
    assert.equal(JSON.parse(read(app, "dagger.json")), {
      name: "app",
      engineVersion: "v0.21.8",
      sdk: { source: "typescript" },
      dependencies: [{ name: "saw", source: "../saw" }],
      source: "dagger",
      disableDefaultFunctionCaching: true,
    });
    assert.is(
      read(app, "dagger/package.json"),
      '{\n  "name": "own",\n  "dependencies": { "typescript": "5.5.4" }\n,"type":"module"}\n',
    );
    assert.is(read(app, "dagger/.gitignore"), "mine\n/sdk\n/**/node_modules/**\n/**/.pnpm-store/**\n");
    assert.is(filesIn(app).includes("dagger/src/index.ts"), false);
    assert.is(filesIn(app).includes("LICENSE"), false);
    assert.is(await typeFaults(join(app, "dagger")), "");
    const times = () => filesIn(dir).map((path) => [path, statSync(join(dir, path)).mtimeMs]);
    const before = times();
    await run(app, "develop");
    assert.equal(times(), before);
    assert.is(filesIn(dir).includes("saw/sdk/index.ts"), false);
    await run(app, "develop", "--recursive");
    assert.is(filesIn(dir).includes("saw/sdk/index.ts"), true);
    assert.is(await typeFaults(join(dir, "saw")), "");
  },
);

author(
  "develop takes away what an older engine put into sdk/, and nothing from a folder of one's own",
  async ({ dir }) => {
    const module = JSON.stringify({ name: "app", engineVersion: "v0.12.0", sdk: "typescript" });
    writeFiles(dir, {
      "app/dagger.json": module,
      "app/package.json": '{"dagger":{"runtime":"bun"}}',
      "app/sdk/src/api/client.gen.ts": "const x: number = 'old'",
      "app/sdk/src/index.ts": "",
      "app/sdk/LICENSE": "",
      "app/src/index.ts": 'import { object } from "@dagger.io/dagger"\n@object() export class App {}\n',
      "own/dagger.json": module,
      "own/sdk/mine.ts": "export const mine = 1",
    });
    await run(join(dir, "app"), "develop");
    assert.equal(filesIn(join(dir, "app/sdk")), ["client.gen.ts", "core.d.ts", "core.js", "index.ts", "telemetry.ts"]);
    assert.is(await typeFaults(join(dir, "app")), "");
    assert.is(filesIn(join(dir, "app")).includes("yarn.lock"), false);
    await run(join(dir, "own"), "develop");
    assert.is(read(dir, "own/sdk/mine.ts"), "export const mine = 1");
  },
);

author(
  "a dependency on Slipway is installed without a network, and the module of its page has no type faults",
  async ({ dir }) => {
    const page = readFileSync(join(import.meta.dirname, "../../../docs/own-module.md"), "utf8");
    const code = /```ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? "";
    writeFiles(dir, { "src/index.ts": code });
    await run(dir, "init", "--sdk=typescript", "--name=shop", "--source=.");
    await run(dir, "install", "github.com/slipway/slipway@v0.1.0");
    assert.equal(JSON.parse(read(dir, "dagger.json")).dependencies, [
      { name: "slipway", source: "github.com/slipway/slipway@v0.1.0" },
    ]);
    assert.is(await typeFaults(dir), "");
  },
);

author("init refuses a name that no class can have, and writes nothing", async ({ dir }) => {
  const { exitCode, stderr } = await runSlipway(dir, ["init", "--sdk=typescript", "--license=", "2fast"]);
  assert.equal(
    [exitCode, stderr],
    [
      1,
      'Error: failed to generate code: module name "2fast" cannot be the name of a class, which begins with a letter from a to z: give another one by --name\n',
    ],
  );
  assert.equal(filesIn(dir), []);
});

author("develop gives a module without code an SDK, once", async ({ dir }) => {
  writeFiles(dir, { "app/dagger.json": '{"name":"app","engineVersion":"v0.21.8"}', "app/main.go": "" });
  const app = join(dir, "app");
  assert.is((await run(dir, "develop", "-m", "app", "--sdk=typescript")).stderr, NOTE);
  assert.equal(JSON.parse(read(app, "dagger.json")), {
    name: "app",
    engineVersion: "v0.21.8",
    sdk: { source: "typescript" },
    source: ".dagger",
  });
  assert.is(filesIn(app).includes(".dagger/src/index.ts"), true);
  for (const [words, problem] of [
    [["--sdk=python"], 'cannot update module SDK that has already been set to "typescript"'],
    [["--source=ci"], 'cannot update module source path that has already been set to ".dagger"'],
    [
      ["--with-self-calls", "--without-self-calls"],
      "cannot use --with-self-calls and --without-self-calls at the same time",
    ],
  ] as const) {
    const { exitCode, stderr } = await runSlipway(app, ["develop", ...words]);
    assert.equal([exitCode, stderr], [1, `Error: ${problem}\n`]);
  }
});

author.run();

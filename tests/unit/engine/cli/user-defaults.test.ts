import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "./fake-console.ts";
import { argument, FakeEngine, fn, moduleOf, object } from "./fake-engine.ts";

const defaults = suite<{ dir: string }>("user defaults", { dir: "" });

defaults.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), "slipway-dotenv-"));
});
defaults.after.each((context) => rmSync(context.dir, { recursive: true, force: true }));

const built = (name: string) => argument(name, "string", { defaultValue: '"built-in"' });
const module = moduleOf("dotenv", [
  object(
    "Dotenv",
    [
      fn("show", "string", [
        argument("name", "string"),
        argument("count", "int", { defaultValue: "1" }),
        argument("tags", "[string]?"),
      ]),
      fn("sayHello", "string", [argument("firstName", "string?")]),
      fn("dir", "string", [argument("source", "Directory")]),
      fn("part", "DotenvPart"),
    ],
    { constructor_: fn("", "Dotenv", [built("registry"), built("baseImage")]) },
  ),
  object("DotenvPart", [fn("size", "string", [argument("unit", "string?")])]),
]);

function engineIn(dir: string): FakeEngine {
  const json = (args: Readonly<Record<string, unknown>>) => JSON.stringify(args);
  return new FakeEngine(
    module,
    {
      "Dotenv.show": json,
      "Dotenv.sayHello": json,
    },
    dir,
  );
}

defaults(
  "are left to the engine: what a file gives is required no longer, and what a flag gives is passed",
  async ({ dir }) => {
    writeFileSync(join(dir, ".env"), "SHOW_NAME=from-env\nSHOW_COUNT=5\nREGISTRY=mine\n");
    const engine = engineIn(dir);
    const ran = await runCommand(engine, ["call", "show", "--count", "7"], { cwd: dir });
    assert.equal([ran.exit, ran.stdout], [0, '{"count":7}'], ran.stderr);
    assert.equal(engine.constructed, {});
    const without = await runCommand(engineIn(dir), ["call", "dir"], { cwd: dir });
    assert.match(without.stderr, 'required flag(s) "source" not set');
  },
);

defaults("under a name that is not read are told, with the name that is", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "BASE_IMAGE=a\nSAY_HELLO_FIRST_NAME=b\nBASEIMAGES=c\nSHOW_NAME=d\n");
  mkdirSync(join(dir, "ci"));
  writeFileSync(join(dir, "ci", ".env"), "dotenv_part_size_unit=e\nDOTENV_Base_Image=f\nDOTENV_OTHER=g\n");
  const ran = await runCommand(engineIn(dir), ["call", "say-hello"], { cwd: join(dir, "ci") });
  const told = ran.stderr.split("\n").filter((line) => line.includes("is not read"));
  assert.equal(told, [
    `${dir}/ci/.env: DOTENV_Base_Image is not read; write DOTENV_BASEIMAGE`,
    `${dir}/.env: BASE_IMAGE is not read; write BASEIMAGE`,
    `${dir}/.env: SAY_HELLO_FIRST_NAME is not read; write SAYHELLO_FIRSTNAME`,
  ]);
});

defaults("are shown in the help, and what they give is not required", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "SHOW_NAME=from-env\nSHOW_COUNT=5\nSHOW_TAGS=a,b\nREGISTRY=mine\n");
  const help = async (...words: readonly string[]) =>
    (await runCommand(engineIn(dir), ["call", ...words, "--help"], { cwd: dir })).stdout;
  assert.match(
    await help("show"),
    /ARGUMENTS\n {6}--count int +\(default 5\)\n {6}--name string +\(default "from-env"\)\n {6}--tags strings\s*\n/,
  );
  assert.match(await help(), /--registry string +\(default "mine"\)\n/);
  assert.match(await help("dir"), /--source Directory +\[required\]\n/);
});

defaults("a line that is no assignment is refused", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "REGISTRY\n");
  const ran = await runCommand(engineIn(dir), ["call", "say-hello"], { cwd: dir });
  assert.equal([ran.exit, ran.stderr], [1, `Error: ${dir}/.env: line 1 is not NAME=value\n`]);
});

defaults.run();

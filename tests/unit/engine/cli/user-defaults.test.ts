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
      "Dotenv.dir": (args) => (args["source"] as { made: string }).made.replace(dir, "<dir>"),
      "Dotenv.part": () => ({ type: "DotenvPart", made: "part" }),
      "DotenvPart.size": json,
    },
    dir,
  );
}

/** `.env` beside dagger.json, words behind `call`, standard output. */
const cases: readonly (readonly [string, string, readonly string[], string])[] = [
  ["a function argument in capitals", "SHOW_NAME=from-env\n", ["show"], '{"name":"from-env"}'],
  ["a flag wins", "SHOW_NAME=from-env\n", ["show", "--name", "flag"], '{"name":"flag"}'],
  [
    "an integer and a list",
    "SHOW_NAME=n\nSHOW_COUNT=5\nSHOW_TAGS=a,b\n",
    ["show"],
    '{"name":"n","count":5,"tags":["a","b"]}',
  ],
  ["names of two words have no inner underscore", "SAYHELLO_FIRSTNAME=Ann\n", ["say-hello"], '{"firstName":"Ann"}'],
  ["with inner underscores they are not seen", "SAY_HELLO_FIRST_NAME=Ann\n", ["say-hello"], "{}"],
  ["quotes are taken off", 'SAYHELLO_FIRSTNAME="with space"\n', ["say-hello"], '{"firstName":"with space"}'],
  [
    "a comment at the end of a line is none",
    "# comment\n\nSAYHELLO_FIRSTNAME=x # tail\n",
    ["say-hello"],
    '{"firstName":"x # tail"}',
  ],
  ["a value uses another", "HOST=h\nSAYHELLO_FIRSTNAME=${HOST}:5000\n", ["say-hello"], '{"firstName":"h:5000"}'],
  [
    "a value uses a variable of the host",
    "SAYHELLO_FIRSTNAME=${GOLDEN_HOST}:5000\n",
    ["say-hello"],
    '{"firstName":"hosted:5000"}',
  ],
  ["a folder is relative to the file", "DIR_SOURCE=ci/src\n", ["dir"], "<dir>/ci/src"],
  ["of another object its name stands in front", "PART_SIZE_UNIT=cm\n", ["part", "size"], '{"unit":"cm"}'],
];

for (const [what, text, words, stdout] of cases) {
  defaults(what, async ({ dir }) => {
    writeFileSync(join(dir, ".env"), text);
    const ran = await runCommand(engineIn(dir), ["call", ...words], { cwd: dir, env: { GOLDEN_HOST: "hosted" } });
    assert.equal([ran.exit, ran.stdout], [0, stdout], ran.stderr);
  });
}

defaults("of the constructor are used and told", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "REGISTRY=from-env\nbaseImage=b\n");
  const engine = engineIn(dir);
  const ran = await runCommand(engine, ["call", "say-hello"], { cwd: dir });
  assert.equal(engine.constructed, { registry: "from-env", baseImage: "b" });
  assert.match(ran.stderr, 'user default: dotenv(registry="from-env")\n');
});

defaults("under a name that is not read are told, with the name that is", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "BASE_IMAGE=a\nSAY_HELLO_FIRST_NAME=b\nBASEIMAGES=c\nSHOW_NAME=d\n");
  mkdirSync(join(dir, "ci"));
  writeFileSync(join(dir, "ci", ".env"), "dotenv_part_size_unit=e\nDOTENV_Base_Image=f\nDOTENV_OTHER=g\n");
  const ran = await runCommand(engineIn(dir), ["call", "say-hello"], { cwd: join(dir, "ci") });
  const told = ran.stderr.split("\n").filter((line) => line.includes("is not read"));
  assert.equal(told, [
    `${dir}/.env: BASE_IMAGE is not read; write BASEIMAGE`,
    `${dir}/.env: SAY_HELLO_FIRST_NAME is not read; write SAYHELLO_FIRSTNAME`,
    `${dir}/ci/.env: DOTENV_Base_Image is not read; write DOTENV_BASEIMAGE`,
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

defaults("a file nearer to the caller needs the module's name in front", async ({ dir }) => {
  mkdirSync(join(dir, "ci"));
  writeFileSync(join(dir, "ci", ".env"), "REGISTRY=ignored\nDOTENV_BASEIMAGE=below\n");
  const engine = engineIn(dir);
  await runCommand(engine, ["call", "say-hello"], { cwd: join(dir, "ci") });
  assert.equal(engine.constructed, { baseImage: "below" });
});

defaults("a bad value names function, argument, file and reason", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "SHOW_NAME=n\nSHOW_COUNT=five\n");
  const ran = await runCommand(engineIn(dir), ["call", "show"], { cwd: dir });
  assert.is(ran.exit, 1);
  assert.match(
    ran.stderr,
    `Error: user default of dotenv.show: argument "count" is "five" in ${dir}/.env: parse as integer: strconv.ParseInt: parsing "five": invalid syntax\n`,
  );
});

defaults("a line that is no assignment is refused", async ({ dir }) => {
  writeFileSync(join(dir, ".env"), "REGISTRY\n");
  const ran = await runCommand(engineIn(dir), ["call", "say-hello"], { cwd: dir });
  assert.equal([ran.exit, ran.stderr], [1, `Error: ${dir}/.env: line 1 is not NAME=value\n`]);
});

defaults.run();

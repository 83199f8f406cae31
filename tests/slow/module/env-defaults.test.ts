import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type TestCommand, withModule, writeModule } from "../../support/served-module.ts";

const DEFAULTS = `
import { argument, check, dag, Directory, func, object, Secret } from "@dagger.io/dagger";
@object()
export class Part {
  @func() size: number;
  constructor(size: number) { this.size = size; }
  @func() show(mark: string = "-"): string { return this.size + mark; }
}
@object()
export class Defaults {
  private greeting: string;
  constructor(greeting: string = "hello") { this.greeting = greeting; }
  @func() async message(name: string = "world"): Promise<string> {
    return await dag.foobar().exclaim(this.greeting + ", " + name);
  }
  @func() capitalize(text: string): string { return text.toUpperCase(); }
  @func() perhaps(word: string | null = "usual"): string { return String(word); }
  @func() part(size: number = 3): Part { return new Part(size); }
  @func() joined(words: string[] = [], counts: number[] = []): string { return words.join("+") + " " + counts.join("+"); }
  @func({ cache: "never" }) async length(token: Secret): Promise<number> { return (await token.plaintext()).length; }
  @func({ cache: "never" }) async ofDependency(): Promise<string> { return await dag.foobar().length(); }
  @func() async entries(@argument({ ignore: ["*.log"] }) dir: Directory): Promise<string> { return (await dir.entries()).join(); }
  /** Loads a module of that code, which has a check. */
  @func({ cache: "never" }) async loaded(module: Directory): Promise<string> {
    const run = module.asModule().check("said").run();
    return await run.error().message();
  }
  @func() @check() async fine(word: string = "no"): Promise<void> { throw new Error(this.greeting + " " + word); }
}
`;

const FOOBAR = `
import { func, object, Secret } from "@dagger.io/dagger";
@object()
export class Foobar {
  private count: number;
  constructor(exclaimCount: number = 1) { this.count = exclaimCount; }
  @func() exclaim(text: string, end: string = "!"): string { return text + end.repeat(this.count); }
  @func({ cache: "never" }) async length(token?: Secret): Promise<string> { return String((await token?.plaintext())?.length); }
}
`;

const TOLD = `
import { check, func, object } from "@dagger.io/dagger";
@object()
export class Told {
  private greeting: string;
  constructor(greeting: string = "nobody") { this.greeting = greeting; }
  @func() @check() async said(): Promise<void> { throw new Error(this.greeting); }
}
`;

const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-env-defaults-")));
const moduleDir = join(dir, "defaults");

const defaults = suite("defaults of .env files");

defaults.before(() => {
  writeModule(join(moduleDir, "foobar"), "foobar", FOOBAR);
  writeModule(moduleDir, "defaults", DEFAULTS, { "data/a.txt": "", "data/b.log": "" }, ["foobar"]);
  writeModule(join(dir, "told"), "told", TOLD, { ".env": "GREETING=theirs\nTOLD_GREETING=theirs\n" });
});
defaults.after.each(() => {
  for (const folder of [moduleDir, join(moduleDir, "foobar")]) rmSync(join(folder, ".env"), { force: true });
});
defaults.after(() => rmSync(dir, { recursive: true, force: true }));

/** Opens a session in the module's folder, with that text beside its dagger.json. */
async function withEnv<T>(text: string, use: (command: TestCommand) => Promise<T>, env = {}): Promise<T> {
  writeFileSync(join(moduleDir, ".env"), text);
  return await withModule({ storeDir: join(dir, "store"), moduleDir, env }, use);
}

async function answerTo({ query }: TestCommand, text: string): Promise<unknown> {
  const { data, errors } = await query(text);
  return errors === undefined ? JSON.parse(JSON.stringify(data)) : errors[0]?.message;
}

function notes({ events }: TestCommand): readonly string[] {
  return events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
}

defaults("reach a query, where what is given goes before them", async () => {
  await withEnv("GREETING=salut\nMESSAGE_NAME=monde\nCAPITALIZE_TEXT=small\nPERHAPS_WORD=given\n", async (command) => {
    assert.equal(await answerTo(command, `{ message other: message(name: "x") capitalize }`), {
      message: "salut, monde!",
      other: "salut, x!",
      capitalize: "SMALL",
    });
    assert.equal(await answerTo(command, "{ perhaps nothing: perhaps(word: null) }"), {
      perhaps: "given",
      nothing: "null",
    });
    const shown = `{ currentTypeDefs { asObject { name functions { name args { name defaultValue } } } } }`;
    const { currentTypeDefs } = (await answerTo(command, shown)) as {
      currentTypeDefs: { asObject?: { name: string } }[];
    };
    const own = currentTypeDefs.find(({ asObject }) => asObject?.name === "Defaults");
    assert.match(JSON.stringify(own), String.raw`"defaultValue":"\"monde\""`);
    assert.equal(
      notes(command)
        .filter((line) => line.startsWith("user default"))
        .sort(),
      [
        'user default: defaults(greeting="salut")',
        'user default: defaults.capitalize(text="small")',
        'user default: defaults.message(name="monde")',
        'user default: defaults.perhaps(word="given")',
      ],
    );
  });
});

defaults("reach the module that another one calls, by its own file and by its name in the caller's", async () => {
  const message = "{ message }";
  await withEnv("", async (command) => assert.equal(await answerTo(command, message), { message: "hello, world!" }));
  writeFileSync(join(moduleDir, "foobar", ".env"), "EXCLAIMCOUNT=3\n");
  await withEnv("FOOBAR_EXCLAIM_END=?\n", async (command) => {
    assert.equal(await answerTo(command, message), { message: "hello, world???" });
  });
});

defaults("reach functions of other objects, in lists and with two words in front", async () => {
  const text = "PART_SIZE=9\nPART_SHOW_MARK=x\nJOINED_WORDS=a, b\nJOINED_COUNTS=1, 2\nENTRIES_DIR=data\n";
  await withEnv(text, async (command) => {
    assert.equal(await answerTo(command, "{ part { show } joined entries }"), {
      part: { show: "9x" },
      joined: "a+ b 1+2",
      entries: "a.txt",
    });
  });
});

defaults("name a secret of this machine, also for a module that another one calls", async () => {
  const env = { OWN: "12345", THEIRS: "1234567" };
  const text = "LENGTH_TOKEN=env:OWN\nFOOBAR_LENGTH_TOKEN=env:THEIRS\n";
  await withEnv(
    text,
    async (command) => {
      assert.equal(await answerTo(command, "{ length ofDependency }"), { length: 5, ofDependency: "7" });
    },
    env,
  );
});

defaults("that may be the secret itself are not shown", async () => {
  await withEnv("LENGTH_TOKEN=topsecret\n", async (command) => {
    assert.is(await answerTo(command, "{ length }"), 'secret env var not found: "top..."');
    assert.match(notes(command).join("\n"), "user default: defaults.length(token=*****)");
    assert.not.match(notes(command).join("\n"), "topsecret");
  });
});

defaults("that are no value of their type are refused with the line that has them", async () => {
  await withEnv("PART_SIZE=five\nENTRIES_DIR=nowhere\n", async (command) => {
    const file = join(moduleDir, ".env");
    assert.is(
      await answerTo(command, "{ part { show } }"),
      `user defaults defaults.part(size=...): parse as integer: strconv.Atoi: parsing "five": invalid syntax (PART_SIZE in ${file})`,
    );
    assert.match(
      String(await answerTo(command, "{ entries }")),
      /^user defaults defaults\.entries\(dir=\.\.\.\): resolve object \("Directory"\): .*nowhere.* \(ENTRIES_DIR in /,
    );
  });
});

defaults(
  "are of the person: a module that a function loads gets none, and one of a directory only the caller's",
  async () => {
    await withEnv("TOLD_GREETING=mine\n", async (command) => {
      const told = command.directory(join(dir, "told"));
      assert.is(await command.call(["loaded", { module: told }]), "nobody");
      const said = `asModule { check(name: "said") { run { error { message } } } }`;
      const id = await told.id();
      assert.equal(await answerTo(command, `{ node(id: "${id}") { ... on Directory { ${said} } } }`), {
        node: { asModule: { check: { run: { error: { message: "mine" } } } } },
      });
    });
  },
);

defaults.run();

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { complete } from "../../../../../engine/src/cli/completion/complete.ts";
import { keepModule } from "../../../../../engine/src/cli/completion/keep.ts";
import type { OpenOptions } from "../../../../../engine/src/cli/engine.ts";
import { NO_TERMINAL } from "../../../../../engine/src/cli/lent-terminal.ts";
import type { ModuleDef } from "../../../../../engine/src/module/definition.ts";
import { readServedSources } from "../../../../../engine/src/module/served-sources.ts";
import { keepRun } from "../../../../../engine/src/trace/kept-runs.ts";
import { readObjects } from "../../../../reference/read-objects.ts";
import { writeFiles } from "../../../../support/write-files.ts";
import { start, traceOf } from "../../trace/runs.ts";
import { argument, FakeEngine, fn, moduleOf, object } from "../fake-engine.ts";

interface Place {
  dir: string;
  env: NodeJS.ProcessEnv;
}

const completion = suite<Place>("completion");

const CODE = `@object()
export class Shop {
  /** Sells. */
  @func()
  async sell(what: string): Promise<string> { return helper(what) }

  @func({ cache: "never" })
  @check()
  weighBread(): string { return "" }

  private hide(): void {}
}

class Other {
  @func()
  nothing(): void {}
}
`;

const module = moduleOf(
  "shop",
  [
    object(
      "Shop",
      [
        fn(
          "sell",
          "string",
          [argument("what", "string"), argument("size", "enum ShopSize"), argument("gift", "bool")],
          {
            description: "Sells.\n\nMore.",
          },
        ),
        fn("weighBread", "string", [], { isCheck: true, description: "Weighs." }),
        fn("stock", "ShopStock", [argument("list", "File"), argument("key", "Secret")]),
        fn("check", "string", [argument("name", "string"), argument("ring", "string")]),
        fn("image", "Container", [argument("source", "Directory")]),
        fn("metrics", "string", [argument("ring", "string"), argument("format", "string?")]),
      ],
      { constructor_: fn("", "Shop", [argument("town", "string?"), argument("till", "Service?")]) },
    ),
    object("ShopStock", [fn("count", "int", [])]),
  ],
  {
    enums: [
      {
        originalName: "Size",
        name: "ShopSize",
        description: "",
        members: ["SMALL", "LARGE"].map((name) => ({ originalName: name, name, value: name, description: "" })),
      },
    ],
  },
);

completion.before.each(async (place) => {
  place.dir = mkdtempSync(join(tmpdir(), "completion-"));
  place.env = { SLIPWAY_STORE: `${place.dir}-store`, SLIPWAY_OWN_MODULE: "off", BAKER: "hush", BREAD_KEY: "hush" };
  mkdirSync(join(place.dir, ".git"));
  writeFiles(place.dir, {
    "dagger.json":
      '{"name":"shop","sdk":{"source":"typescript"},"source":"ci","dependencies":[{"name":"mill","source":"mill"}]}',
    "mill/dagger.json": '{"name":"mill","sdk":{"source":"typescript"}}',
    "ci/src/index.ts": CODE,
    "slipway.yaml":
      "rings: {first: {}, last: {after: first}}\nservices:\n  oven:\n    port: 1\nchecks: {taste: {run: [a]}}\n",
  });
});

completion.after.each(({ dir }) => {
  for (const path of [dir, `${dir}-store`]) rmSync(path, { recursive: true, force: true });
});

async function keep({ dir, env }: Place, of: ModuleDef = module): Promise<void> {
  const engine = new FakeEngine(of);
  const options: OpenOptions = {
    moduleRef: undefined,
    noModule: false,
    searchDir: dir,
    callerDir: dir,
    report: () => {},
    terminal: NO_TERMINAL,
    interrupted: new Promise(() => {}),
  };
  keepModule(await engine.open(options), readServedSources(dir, false), env);
}

/** `mode kept|word word`, for a line whose last word is completed. */
async function ask({ dir, env }: Place, line: string, cwd = dir): Promise<string> {
  const { mode, kept, words } = await complete(line.split(" "), { env, cwd });
  return `${mode} ${kept}|${words.map(({ name }) => name).join(" ")}`;
}

const KNOWN: readonly (readonly [string, string])[] = [
  ["sto", "words |store"],
  ["call ", "words |check image metrics sell stock weigh-bread"],
  ["call se", "words |sell"],
  ["call --t", "words |--town --till --trace"],
  ["call --till t", "prefix |tcp://"],
  ["call --town Kiel s", "words |sell stock"],
  ["call --town=Kiel s", "words |sell stock"],
  [
    "call sell --",
    "words |--what --size --gift --json --output --mod --no-mod --auto-apply --debug --interactive --interactive-command --offline --progress --quiet --silent --trace --verbose --help",
  ],
  ["call sell --what --size --s", "words |--size --silent"],
  ["call sell --size ", "words |LARGE SMALL"],
  ["call sell --size s", "words |small"],
  ["call sell --size=S", "words --size=|SMALL"],
  ["call sell --gift ", "words |"],
  ["call sell --gift=", "words --gift=|true false"],
  ["call sell --what x --wh", "words |"],
  ["call stock c", "words |count"],
  ["call stock --list ", "files |"],
  ["call stock --key ", "prefix |env: file: cmd:"],
  ["call stock --key env:B", "words env:|BAKER BREAD_KEY"],
  ["call stock --key=env://B", "words --key=env://|BAKER BREAD_KEY"],
  ["call stock --key file:", "files file:|"],
  ["call check --name t", "words |taste"],
  ["call check --ring ", "words |first last"],
  ["call check --ring=l", "words --ring=|last"],
  ["call metrics --format ", "words |table openmetrics json"],
  ["call metrics --format=o", "words --format=|openmetrics"],
  ["call metrics --ring f", "words |first"],
  ["call image --source ", "folders |"],
  ["call image with-ex", "words |with-exec with-exposed-port"],
  ["call image with-exec --ar", "words |--args"],
  ["call nothing ", "words |"],
  ["call -- --", "words |"],
  ["call -o ", "files |"],
  ["call -m ", "folders |"],
  ["functions st", "words |stock"],
  ["functions stock ", "words |count"],
  ["check ", "words |weigh-bread"],
  ["check weigh-bread ", "words |"],
  ["-s check ", "words |weigh-bread"],
  ["--progress l", "words |logs"],
  ["--progress=l", "words --progress=|logs"],
  ["update ", "words |mill"],
  ["toolchain ", "words |install list uninstall update"],
  ["toolchain install ", "folders |"],
  ["completion ", "words |bash zsh fish"],
  ["completion bash ", "words |"],
  ["help ver", "words |version"],
  ["store --k", "words |--keep"],
  ["store p", "words |pack prune"],
  ["init --sdk ", "words |typescript"],
  ["develop --compat=", "words --compat=|latest skip"],
  ["install --compat l", "words |latest"],
  ["trace ", "words |"],
  ["nonsense ", "words |"],
  ["__complete ", "words |"],
];

for (const [line, answer] of KNOWN) {
  completion(`of ${JSON.stringify(line)} is ${JSON.stringify(answer)}`, async (place) => {
    await keep(place);
    assert.is(await ask(place, line), answer);
  });
}

completion("says what each word is about, in one line", async (place) => {
  await keep(place);
  const { words } = await complete(["call", "weigh"], { env: place.env, cwd: place.dir });
  assert.equal(words, [{ name: "weigh-bread", about: "Weighs." }]);
  const rings = await complete(["call", "check", "--ring", "l"], { env: place.env, cwd: place.dir });
  assert.equal(rings.words, [{ name: "last", about: "ring, after first" }]);
});

completion("of --format of metrics has the formats that the function's help names", async ({ dir, env }) => {
  const [main] = readObjects("ci/src/index.ts");
  const args = main?.functions.find(({ name }) => name === "metrics")?.args ?? [];
  const help = args.find(({ name }) => name === "format")?.description ?? "";
  const named = [...help.matchAll(/`(\w+)` ([^,.]+)/g)].map(([, name = "", about = ""]) => ({ name, about }));
  assert.is(named.length, 3);
  await keep({ dir, env });
  const { words } = await complete(["call", "metrics", "--format", ""], { env, cwd: dir });
  assert.equal(words, named);
});

completion("of trace and its --with has the numbers of the kept runs", async (place) => {
  const store = place.env["SLIPWAY_STORE"] ?? "";
  for (const day of ["27", "28"])
    keepRun(store, { ...traceOf([[1, start("a", "Shop.test")]]), startedAt: `2026-11-${day}T11:17:00.000Z` });
  assert.is(await ask(place, "trace "), "words |1 2");
  assert.is(await ask(place, "trace 1 --with "), "words |1 2");
  assert.is(await ask(place, "trace 1 --with=2"), "words --with=|2");
});

completion("before anything was loaded has the functions that stand in the text", async (place) => {
  assert.is(await ask(place, "call "), "words |sell weigh-bread");
});

completion(
  "of a function that was added or taken away since follows the text, and knows the rest as it was",
  async (place) => {
    await keep(place);
    writeFileSync(join(place.dir, "ci/src/index.ts"), CODE.replace("weighBread()", "bakeBread()"));
    assert.is(await ask(place, "call "), "words |bake-bread sell");
    assert.is(await ask(place, "call sell --wh"), "words |--what");
    writeFileSync(join(place.dir, "ci/src/index.ts"), CODE);
    assert.is(await ask(place, "call "), "words |check image metrics sell stock weigh-bread");
  },
);

completion("works below the top, and for a module that -m names", async (place) => {
  await keep(place);
  mkdirSync(join(place.dir, "deep/er"), { recursive: true });
  const deep = join(place.dir, "deep/er");
  assert.is(await ask(place, "call check --ring f", deep), "words |first");
  assert.is(await ask(place, "-m ../.. call se", deep), "words |sell");
  assert.is(await ask(place, "call -m ../.. se", deep), "words |sell");
  assert.is(await ask(place, "call -m /nowhere se", deep), "words |");
});

completion("finds release files, with what is in them", async (place) => {
  const release = { id: `r-${"0".repeat(32)}`, commit: "1".repeat(40), commitTime: "2026-01-02T03:04:05Z" };
  writeFiles(place.dir, {
    "a.json": JSON.stringify(release),
    "b.json": "{}",
    "c.json": '"r-',
    "out/d.json": JSON.stringify(release),
  });
  const withRelease = moduleOf("shop", [object("Shop", [fn("deploy", "string", [argument("release", "File")])])]);
  await keep(place, withRelease);
  assert.is(await ask(place, "call deploy --release "), "files |a.json");
  assert.is(await ask(place, "call deploy --release out/"), "files |out/d.json");
  assert.is(await ask(place, `call deploy --release ${place.dir}/out/`), `files |${place.dir}/out/d.json`);
  const { words } = await complete(["call", "deploy", "--release", "a"], { env: place.env, cwd: place.dir });
  assert.is(words[0]?.about, "release r-00000000 of commit 1111111111, 2026-01-02T03:04:05Z");
});

completion(
  "of the name of a check has those that come with Slipway, where there is something for them",
  async (place) => {
    await keep(place);
    const offered = async (settings: string) => {
      writeFileSync(join(place.dir, "slipway.yaml"), settings);
      return await ask(place, "call check --name ");
    };
    assert.is(await offered("checks: {taste: {}}\nrings: {first: {}}"), "words |taste manifests");
    assert.is(await offered("rings: {first: {}}\nproviders: {github: {}}"), "words |manifests workflows-current");
    assert.is(await offered("checks: {manifests: {}}\nrings: {first: {}}\nproviders: {}"), "words |manifests");
    assert.is(await offered("checks: {taste: {}}\nrings: {}"), "words |taste");
    assert.is(await ask(place, "call check --ring "), "words |");
  },
);

completion("has no word that a shell or a terminal could take for something else", async (place) => {
  await keep(place);
  writeFileSync(
    join(place.dir, "slipway.yaml"),
    'rings: {good: {after: "\\u001b[31m$(id)"}, "$(id)": {}, "a b": {}, "-rf": {}, "x;y": {}, "n\\nl": {}, "`id`": {}, "~": {}}',
  );
  const { words } = await complete(["call", "check", "--ring", ""], { env: place.env, cwd: place.dir });
  assert.equal(words, [{ name: "good", about: "ring, after  [31m$(id)" }]);
});

completion("of files that are wrong is none, and no error", async (place) => {
  await keep(place);
  for (const text of ["rings: [", "- 1", "rings: 5", "rings: [a]", "a: &a [*a, *a]\nrings: *a", "", "\0"]) {
    writeFileSync(join(place.dir, "slipway.yaml"), text);
    assert.is(await ask(place, "call check --ring "), "words |", text);
  }
  writeFileSync(join(place.dir, "slipway.yaml"), "rings: {first: {}}");
  assert.is(await ask(place, "call check --ring "), "words |first");
  const store = join(`${place.dir}-store`, "completion");
  for (const name of readdirSync(store)) writeFileSync(join(store, name), "{}");
  assert.is(await ask(place, "call "), "words |sell weigh-bread");
  writeFileSync(join(place.dir, "dagger.json"), "{");
  assert.is(await ask(place, "call "), "words |");
  rmSync(store, { recursive: true });
  writeFileSync(store, "a file");
  assert.is(await ask(place, "core with-nothing"), "words |");
});

completion("of code that is new is by what was used last, also when that was known before", async (place) => {
  const write = (code: string): void => writeFiles(place.dir, { "ci/src/index.ts": code });
  await keep(place);
  write(`${CODE}// another\n`);
  await keep(place, moduleOf("shop", [object("Shop", [fn("sell", "string", [])])]));
  assert.is(await ask(place, "check "), "words |");
  write(CODE);
  await keep(place);
  write(`${CODE}// new\n`);
  assert.is(await ask(place, "check "), "words |weigh-bread");
});

completion.run();

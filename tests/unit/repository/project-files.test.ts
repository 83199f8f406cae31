import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { images } from "../../../ci/src/tool-images.ts";

const files = suite("files that contributors and their programs read");

const read = (path: string): string => readFileSync(path, "utf8");

files("name one version of Node: that of the checks, and new enough", () => {
  const major = read(".nvmrc").trim();
  assert.is(images.node, `node:${major}-bookworm`);
  assert.match(read(".devcontainer/Dockerfile"), `\nFROM ${images.node}\n`);
  const oldest = /^>=(\d+)/.exec(JSON.parse(read("package.json")).engines.node)?.[1];
  assert.ok(Number(major) >= Number(oldest), major);
});

files("give the container of developers all packages that ./slipway would install there", () => {
  const lists = [...read("slipway").matchAll(/^needed(?:_for_tests)?="([^"$]+)"/gm)].map((match) => match[1] ?? "");
  assert.is(lists.length, 2);
  const wanted = lists.flatMap((list) => list.trim().split(/\s+/)).map((pair) => pair.split(":")[1] ?? "");
  const there = new Set(read(".devcontainer/Dockerfile").split(/[\s\\]+/));
  assert.ok(wanted.length > 10);
  assert.equal(
    wanted.filter((name) => !there.has(name)),
    [],
  );
});

files("describe that container by the schema of its specification", () => {
  const isValid = new Ajv2019({ strict: false, logger: false }).compile(
    JSON.parse(read("tests/data/schemas/dev-container.json")),
  );
  const container: object = JSON.parse(read(".devcontainer/devcontainer.json"));
  assert.ok(isValid(container), JSON.stringify(isValid.errors));
  assert.not.ok(isValid({ ...container, previleged: true }));
});

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly { readonly type: string; readonly id?: string }[];
}

files("ask in each form for something, by names that are there once", () => {
  const folder = ".github/ISSUE_TEMPLATE";
  const forms = readdirSync(folder).filter((name) => name !== "config.yml");
  assert.ok(forms.length > 1);
  for (const name of forms) {
    const { body } = parse(read(join(folder, name))) as Form;
    const ids = body.flatMap(({ type, id }) => (type === "markdown" ? [] : [id ?? ""]));
    assert.ok(ids.length > 0 && !ids.includes(""), name);
    assert.is(new Set(ids).size, ids.length, name);
  }
});

/** Owners by path, in the order of the file. */
function readOwners(): Map<string, string[]> {
  const lines = read(".github/CODEOWNERS").split("\n");
  const rules = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(/\s+/));
  return new Map(rules.map(([path = "", ...owners]) => [path, owners]));
}

files("give owners to paths that are there, each a team", () => {
  const owners = readOwners();
  for (const [path, teams] of owners) {
    assert.ok(teams.length > 0 && teams.every((team) => /^@slipway\/[a-z]+$/.test(team)), path);
  }
  // Not all of the repository is there where the check runs; the list of approvers is made by whoever asks for approvals.
  const sometimesAway = ["*", "/.slipway/", "/SECURITY.md", "/tests/integration/isolation/"];
  const lost = [...owners.keys()].filter((path) => !sometimesAway.includes(path) && !existsSync(path.slice(1)));
  assert.equal(lost, []);
});

files("let nobody alone change a ring for everybody who owns the first one", () => {
  const owners = readOwners();
  const [canary = [], production = []] = ["canary", "production"].map((ring) => owners.get(`/manifests/${ring}/`));
  assert.ok(canary.length > 0 && production.length > 0);
  assert.equal(
    production.filter((team) => canary.includes(team)),
    [],
  );
  for (const ring of readdirSync("manifests").filter((name) => existsSync(`manifests/${name}/kustomization.yaml`))) {
    assert.ok(ring === "base" || owners.has(`/manifests/${ring}/`), ring);
  }
});

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
}

files("have Renovate find every image and every action that is pinned in the pipeline", () => {
  const { customManagers } = JSON.parse(read(".github/renovate.json")) as { customManagers: readonly Manager[] };
  const found = customManagers.map(({ managerFilePatterns, matchStrings }) =>
    managerFilePatterns.flatMap((path) =>
      matchStrings.flatMap((pattern) => [...read(path).matchAll(new RegExp(pattern, "g"))].map(({ groups }) => groups)),
    ),
  );
  const [ofImages = [], ofActions = []] = found;
  assert.equal(
    ofImages.map((one) => `${one?.["depName"]}:${one?.["currentValue"]}`).sort(),
    Object.values(images).sort(),
  );
  const pinned = read("ci/src/providers/github.ts").match(/@[0-9a-f]{40}/g) ?? [];
  assert.ok(pinned.length > 0);
  assert.equal(
    ofActions.map((one) => `@${one?.["currentDigest"]}`),
    pinned,
  );
});

files.run();

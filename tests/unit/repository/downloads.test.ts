/** docs/downloads.md says what is loaded from a network and by what it is known: that it is all, and that it is so. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type RecipeFile, type RecipeStep, readRecipes } from "../../../engine/src/image/recipe.ts";

const downloads = suite("what is loaded from a network");

/** What only a file needs that asks a network. Containers' own traffic, and what a run is sent to, is none of ours. */
const ASKS =
  /from "node:https?"|from "undici"|\["curl"|\["npm"|"npm", "pack"|exec mmdebstrap|\bapt-get |asPerson|AS_PERSON/;

/** Files that match and ask nothing: the engine's own server, and what starts git and makes connections for all who ask. */
const ASKS_NOTHING = [
  "engine/src/protocol/http-request.ts",
  "engine/src/protocol/server.ts",
  "engine/src/store/git-run.ts",
  "engine/src/image/connections.ts",
  "engine/src/image/registry/judge.ts",
];

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

function named(): string[] {
  const rows = readFileSync("docs/downloads.md", "utf8").matchAll(/^\| .* \| `([\w/.-]+)` \|$/gm);
  return [...new Set([...rows].map(([, file = ""]) => file))].sort();
}

downloads("every file that asks a network is in the table, and asks it", () => {
  const asking = [...filesBelow("engine/src", ".ts"), "slipway"].filter((file) =>
    ASKS.test(readFileSync(file, "utf8")),
  );
  assert.equal(asking.filter((file) => !ASKS_NOTHING.includes(file)).sort(), named());
  for (const file of ASKS_NOTHING) assert.ok(asking.includes(file), `${file} is excepted and needs not be`);
});

/** Steps that load something, and those that run without a network or not at all. */
const PINNED = { npm: "integrity", maven: "artifacts", archive: "sha256" } as const;
const SIGNED = ["debian", "apt"];
const LOADS_NOTHING = ["file", "folder", "link", "user", "remove", "run", "script"];

function recipes(): RecipeFile[] {
  const files = filesBelow("engine/src/image/recipes", ".json");
  return readRecipes(Object.fromEntries(files.map((file) => [file, JSON.parse(readFileSync(file, "utf8"))])));
}

downloads("every step of a recipe has a digest, is signed by Debian, or loads nothing", () => {
  const steps: RecipeStep[] = recipes().flatMap(({ layers }) => Object.values(layers).flat());
  const kinds = new Set<string>(steps.map(({ kind }) => kind));
  assert.equal([...kinds].sort(), [...Object.keys(PINNED), ...SIGNED, ...LOADS_NOTHING].sort());
});

const wrong: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "an npm package without its digest": { kind: "npm", package: "a", version: "1.0.0", into: "/a" },
  "an npm package by SHA-1": { kind: "npm", package: "a", version: "1.0.0", into: "/a", integrity: "sha1-Zm9v" },
  "an npm package by a range": {
    kind: "npm",
    package: "a",
    version: "^1.0.0",
    into: "/a",
    integrity: `sha512-${"A".repeat(86)}==`,
  },
  "a jar without its digest": { kind: "maven", into: "/a", artifacts: [{ at: "a:b:1" }] },
  "an archive without its digest": { kind: "archive", from: "maven:a:b:1@zip", files: {} },
  "an archive of any address": { kind: "archive", from: "https://a.example/b.zip", sha256: "0".repeat(64), files: {} },
  "an archive with a digest that is cut": {
    kind: "archive",
    from: "maven:a:b:1@zip",
    sha256: "0".repeat(63),
    files: {},
  },
};

for (const [what, step] of Object.entries(wrong)) {
  downloads(`${what} is no recipe`, () => {
    const image = { names: ["a:1"], platforms: ["linux/amd64"], layers: ["one"], summary: "a", config: {} };
    assert.throws(
      () => readRecipes({ "a.json": { layers: { one: [step] }, images: [image] } }),
      /^recipes are not valid:\n {2}a\.json: layers\.one\.0\./,
    );
  });
}

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: true;
}

/** The packages that a lock file says to load, with the places where they go. */
function readLocked(lock: string): [path: string, entry: Locked][] {
  const { packages } = JSON.parse(readFileSync(lock, "utf8")) as { readonly packages: Record<string, Locked> };
  const loaded = Object.entries(packages).filter(([path, { link }]) => path.includes("node_modules/") && !link);
  assert.ok(loaded.length > 0);
  return loaded;
}

const locks = [
  "package-lock.json",
  "ci/package-lock.json",
  "engine/runtime/package-lock.json",
  "tests/providers/tools/package-lock.json",
  "tests/e2e/repositories/monorepo/services/web/package-lock.json",
];

for (const lock of locks) {
  downloads(`every package in ${lock} has a digest`, () => {
    assert.equal(
      readLocked(lock)
        .filter(([, { integrity = "" }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity))
        .map(([path]) => path),
      [],
    );
  });

  // npm asks the registry for each that has none, and does not take it from its cache.
  downloads(`every package in ${lock} has an address`, () => {
    assert.equal(
      readLocked(lock)
        .filter(([, { resolved = "" }]) => !resolved.startsWith("https://registry.npmjs.org/"))
        .map(([path]) => path),
      [],
    );
  });
}

downloads("the SDK's packages of OpenTelemetry are there once each", () => {
  const names = readLocked("package-lock.json")
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length))
    .filter((name) => name.startsWith("@opentelemetry/"));
  assert.equal(names.length, new Set(names).size);
});

downloads("the module's lock file is that of its package.json", () => {
  const wanted = JSON.parse(readFileSync("ci/package.json", "utf8")).dependencies;
  assert.equal(JSON.parse(readFileSync("ci/package-lock.json", "utf8")).packages[""].dependencies, wanted);
});

downloads.run();

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** docs/architecture.md, "Arrows": who may import whom. A folder may always import itself. */
const engineArrows: Record<string, readonly string[]> = {
  cli: ["module", "protocol", "api", "store", "run", "image"],
  module: ["api", "store", "run", "image"],
  protocol: ["api"],
  api: ["store", "run", "image"],
  run: ["store"],
  image: ["store"],
  store: [],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

/** All imports in the TypeScript files below `folder`; those of local files as paths from the root. */
function listImports(folder: string): Import[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.m?ts$/.test(path) && !path.includes("node_modules") && !path.startsWith("dist"))
    .map((path) => join(folder, path))
    .flatMap((from) => readImports(readFileSync(from, "utf8")).map((to) => ({ from, to: resolve(from, to) })));
}

function readImports(text: string): string[] {
  const statements = /^(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? "");
}

function resolve(from: string, to: string): string {
  return to.startsWith(".") ? normalize(join(dirname(from), to)) : to;
}

function engineRoom(path: string): string | undefined {
  return /^engine\/src\/([a-z]+)\//.exec(path)?.[1];
}

const arrows = suite("arrows");

arrows("reads every form of import", () => {
  const text = [
    'import "a";',
    'import b from "b";',
    'import {\n  type C,\n  d,\n} from "c";',
    'import type { E } from "e";',
    'export * from "f";',
    'const g = await import("g");',
  ].join("\n");
  assert.equal(readImports(text), ["a", "b", "c", "e", "f", "g"]);
});

arrows("point one way inside the engine", () => {
  const imports = listImports("engine/src");
  assert.ok(imports.length > 50, `only ${imports.length} imports found`);
  const wrong = imports.filter(({ from, to }) => {
    const [source, target] = [engineRoom(from), engineRoom(to)];
    if (source === undefined || target === undefined || source === target) return false;
    return !(engineArrows[source] ?? []).includes(target);
  });
  assert.equal(wrong, []);
});

arrows("name every folder of the engine", () => {
  const folders = readdirSync("engine/src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.equal(
    folders.map(({ name }) => name).filter((name) => !(name in engineArrows)),
    [],
  );
});

arrows("let no part of the house look into another", () => {
  const parts: Record<string, RegExp> = {
    "engine/src": /^(ci|services|tests|bench)\//,
    "ci/src": /^(engine|services|tests|bench)\//,
    services: /^(engine|ci|tests|bench)\//,
  };
  const wrong = Object.entries(parts).flatMap(([folder, others]) =>
    listImports(folder).filter(({ to }) => others.test(to)),
  );
  assert.equal(wrong, []);
});

arrows("keep the module complete in itself: local files, its own packages, of Node only what computes", () => {
  const { dependencies } = JSON.parse(readFileSync("ci/package.json", "utf8"));
  const allowed = ["@dagger.io/dagger", "node:crypto", ...Object.keys(dependencies)];
  const imports = listImports("ci/src");
  assert.ok(imports.length > 10, `only ${imports.length} imports found`);
  assert.equal(
    imports.filter(({ to }) => !to.startsWith("ci/src/") && !allowed.includes(to)),
    [],
  );
});

arrows("keep Dagger out of the pure part of the pipeline", () => {
  assert.equal(
    listImports("ci/src/rollout").filter(({ to }) => to === "@dagger.io/dagger"),
    [],
  );
});

arrows.run();

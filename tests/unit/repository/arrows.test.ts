import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listDrawn, printInto } from "../../arrows/print.ts";
import { findArrows, findCircle, listImports, readImports } from "../../arrows/read-imports.ts";
import { PARTS, type Part, type Room } from "../../arrows/table.ts";

/** Rooms of the pipeline that only compute: what they decide is the same on every engine, and in a test. */
const WITHOUT_DAGGER = ["account", "input", "repository", "rollout", "table"];

function arrowsOf({ rooms }: Part): string[] {
  return Object.entries(rooms).flatMap(([from, { imports }]) => imports.map((to) => `${from} → ${to}`));
}

/** All rooms that can be reached from each room, as `FROM … TO`. */
function listReached(arrows: readonly (readonly [from: string, to: string])[]): string[] {
  const reach = (from: string): string[] =>
    arrows.filter((arrow) => arrow[0] === from).flatMap(([, to]) => [to, ...reach(to)]);
  const rooms = new Set(arrows.map(([from]) => from));
  return [...rooms].flatMap((from) => [...new Set(reach(from))].map((to) => `${from} … ${to}`)).sort();
}

function partOf(rooms: Readonly<Record<string, readonly string[]>>): Part {
  const all = Object.entries(rooms).map(([name, imports]): [string, Room] => [name, { holds: "", imports }]);
  return { title: "", folder: "", rooms: Object.fromEntries(all) };
}

/** What of the module runs in a container of Node. */
const PROGRAMS = "ci/src/attestations/program/";

const arrows = suite("arrows");

arrows("are read from every form of import", () => {
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

for (const part of PARTS) {
  arrows(`of ${part.folder} are those of the table, and the table has no others`, () => {
    const found = findArrows(part);
    assert.ok(found.size > 5, `only ${found.size} arrows found`);
    const allowed = arrowsOf(part);
    const unknown = [...found].filter(([arrow]) => !allowed.includes(arrow));
    assert.equal(unknown, []);
    assert.equal(
      allowed.filter((arrow) => !found.has(arrow)),
      [],
    );
  });

  arrows(`of ${part.folder} never lead back`, () => {
    const table = arrowsOf(part).map((arrow) => arrow.split(" → "));
    assert.is(findCircle(table.map(([from = "", to = ""]) => ({ from, to }))), undefined);
  });

  arrows(`know every room of ${part.folder}`, () => {
    const rooms = readdirSync(part.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || /\.m?ts$/.test(entry.name) || entry.name === "build.mjs")
      .map(({ name }) => name.replace(/\.m?[tj]s$/, ""))
      .sort();
    assert.equal(rooms, Object.keys(part.rooms).sort());
  });
}

for (const { folder } of PARTS) {
  arrows(`between the files of ${folder} never lead back, those of types neither`, () => {
    assert.is(findCircle(listImports(folder)), undefined);
  });
}

arrows("that lead back are found, with the way", () => {
  const imports = [
    { from: "a", to: "b" },
    { from: "b", to: "c" },
    { from: "b", to: "d" },
    { from: "d", to: "b" },
  ];
  assert.equal(findCircle(imports), ["b", "d", "b"]);
  assert.is(findCircle(imports.slice(0, 3)), undefined);
});

arrows("are in docs/architecture.md as the table has them: npm run arrows", () => {
  const page = readFileSync("docs/architecture.md", "utf8");
  assert.is(printInto(page), page);
});

arrows("that are not drawn are those that a longer way says as well", () => {
  const part = partOf({ a: ["b", "c", "d"], b: ["c"], c: ["d"], d: [], e: ["d"] });
  assert.equal(
    listDrawn(part).map(([from, to]) => `${from} → ${to}`),
    ["a → b", "b → c", "c → d", "e → d"],
  );
  for (const one of PARTS) {
    const all = Object.entries(one.rooms).flatMap(([from, { imports }]) => imports.map((to) => [from, to] as const));
    assert.equal(listReached(listDrawn(one)), listReached(all));
  }
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
  const allowed = ["@dagger.io/dagger", "node:crypto", "node:path/posix", ...Object.keys(dependencies)];
  // Files of the function's own container, which are nobody's: in one place.
  const own = ["node:fs/promises", "node:os"].map((to) => `ci/src/checkout/read-bytes.ts ${to}`);
  const imports = listImports("ci/src").filter(({ from }) => !from.startsWith(PROGRAMS));
  assert.ok(imports.length > 10, `only ${imports.length} imports found`);
  assert.equal(
    imports.filter(
      ({ from, to }) => !to.startsWith("ci/src/") && !allowed.includes(to) && !own.includes(`${from} ${to}`),
    ),
    [],
  );
});

arrows("lead from programs that run in a container to nothing but Node, for nothing else is there", () => {
  const imports = listImports("ci/src").filter(({ from }) => from.startsWith(PROGRAMS));
  assert.ok(imports.length > 10, `only ${imports.length} imports found`);
  assert.equal(
    imports.filter(({ to }) => !to.startsWith(PROGRAMS) && !to.startsWith("node:")),
    [],
  );
});

arrows("keep Dagger out of the parts of the pipeline that only compute", () => {
  const computing = listImports("ci/src").filter(({ from }) =>
    WITHOUT_DAGGER.some((room) => from.startsWith(`ci/src/${room}/`) || from === `ci/src/${room}.ts`),
  );
  assert.ok(computing.length > 50, `only ${computing.length} imports found`);
  assert.equal(
    computing.filter(({ to }) => to === "@dagger.io/dagger"),
    [],
  );
});

arrows.run();

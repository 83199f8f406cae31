import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Undecided } from "../../../../ci/src/languages/language.ts";
import { readManifest } from "../../../../ci/src/languages/node/manifest.ts";
import { refuseDevelopment, toStart } from "../../../../ci/src/languages/node/start.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const start = suite("start scripts of Node");

const cases: readonly (readonly [string, readonly string[]])[] = [
  ["node dist/main.js", ["node", "dist/main.js"]],
  ["node --enable-source-maps 'my dist/main.js'", ["node", "--enable-source-maps", "my dist/main.js"]],
  ["NODE_ENV=production node .", ["/usr/bin/env", "NODE_ENV=production", "node", "."]],
  ["cross-env A=b node x", ["/usr/bin/env", "A=b", "node", "x"]],
  ["node a.js && node b.js", ["/bin/sh", "-c", "node a.js && node b.js"]],
  ["node x --port $PORT", ["/bin/sh", "-c", "node x --port $PORT"]],
];
for (const [script, words] of cases) start(`of ${script}`, () => assert.equal(toStart(script), words));

const manifest = { dependencies: { hono: "4" }, devDependencies: { tsx: "4", "@nestjs/cli": "10", "ts-node": "10" } };

for (const [script, missing] of [
  ["tsx src/index.ts", "tsx"],
  ["node --import tsx src/index.ts", "tsx"],
  ["node -r ts-node/register src/index.ts", "ts-node"],
  ["nest start", "@nestjs/cli"],
] as const) {
  start(`refuses ${script}, which needs a package for development`, () => {
    const read = readManifest(outlineOf({ "package.json": JSON.stringify(manifest) }), ".");
    if (read === undefined) throw new Error("no package.json");
    const from = "package.json scripts.start";
    assert.throws(
      () => refuseDevelopment({ value: script, from }, read),
      (error: unknown) =>
        error instanceof Undecided &&
        error.message ===
          [
            `${from} (${script}) needs ${missing}, which is only there for development [undecided]`,
            "  where: package.json devDependencies",
            `  to do: move ${missing} to dependencies, or build to JavaScript and start that by node`,
          ].join("\n"),
    );
    refuseDevelopment({ value: "node dist/main.js", from }, read);
  });
}

start.run();

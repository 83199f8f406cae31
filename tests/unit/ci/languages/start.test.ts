import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toStart } from "../../../../ci/src/languages/shell-words.ts";

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

start.run();

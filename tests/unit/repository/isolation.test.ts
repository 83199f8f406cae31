/** docs/isolation.md names for each attack the test that tries it. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const isolation = suite("docs/isolation.md");
const tests = new Set(
  ["tests/integration", "tests/slow", "tests/unit/engine"]
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }))
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => basename(path)),
);
const namesIn = (text: string) => [...text.matchAll(/`([\w-]+\.test\.ts)`/g)].map(([, name = ""]) => name);

isolation("names a test for each row of its tables, in the row or above the table", () => {
  const sections = readFileSync("docs/isolation.md", "utf8").split(/^## /m).slice(1);
  const without: string[] = [];
  for (const section of sections) {
    const rows = section.split("\n").filter((line) => line.startsWith("| "));
    const above = section.slice(0, section.indexOf("\n|"));
    if (rows.length > 0 && namesIn(above).length === 0)
      without.push(...rows.filter((row) => namesIn(row).length === 0));
  }
  assert.equal(without, []);
});

isolation("names no test that is not there", () => {
  const named = namesIn(readFileSync("docs/isolation.md", "utf8"));
  assert.equal(
    named.filter((name) => !tests.has(name)),
    [],
  );
});

isolation.run();

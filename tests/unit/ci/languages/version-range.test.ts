import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allows } from "../../../../ci/src/languages/version-range.ts";

const ranges = suite("ranges of versions");

const cases: readonly (readonly [range: string, allowed: string, refused: string])[] = [
  [">=18", "24", "17"],
  [">= 20.11.0", "20", "19"],
  ["^20 || ^22", "22", "24"],
  ["^22.3.1", "22", "23"],
  ["22.x", "22", "24"],
  ["22", "22", "20"],
  ["v22.1.0", "22", "24"],
  ["18 - 22", "22", "24"],
  [">18 <=22", "22", "18"],
  ["<22", "20", "22"],
  [">=3.9,<3.12", "3.11", "3.12"],
  ["~=3.10", "3.13", "3.9"],
  ["~=3.10.2", "3.10", "3.11"],
  ["==3.11.*", "3.11", "3.12"],
  ["^3.10", "3.13", "3.9"],
  ["~3.12", "3.12", "3.13"],
  [">=3.8,!=3.9.1", "3.9", "3.7"],
  ["^0.5", "0.5", "0.6"],
];
for (const [range, allowed, refused] of cases) {
  ranges(`${range} allows ${allowed} and not ${refused}`, () => {
    assert.is(allows(range, allowed), true);
    assert.is(allows(range, refused), false);
  });
}

ranges("an empty range and a star allow everything", () => {
  for (const range of ["", "*", "x"]) assert.is(allows(range, "24"), true);
});

ranges("say when they are not understood", () => {
  for (const range of ["lts/*", "latest", ">=abc", "20 || newest"]) assert.is(allows(range, "24"), undefined);
});

ranges.run();

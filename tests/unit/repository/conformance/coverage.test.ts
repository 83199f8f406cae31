import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coveragePage } from "../../../conformance/coverage.ts";

const coverage = suite("docs/api-coverage.md");

coverage("tells what is covered now: npm run coverage:api writes it", () => {
  assert.is(readFileSync("docs/api-coverage.md", "utf8"), coveragePage());
});

coverage.run();

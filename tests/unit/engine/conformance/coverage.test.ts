import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coveragePage } from "../../../conformance/coverage.ts";
import { withFieldSection, wrongRefusals } from "../../../conformance/field-table.ts";

const coverage = suite("the pages about the fields of the API");

coverage("docs/api-coverage.md tells what is covered now: npm run coverage:api writes it", () => {
  assert.is(readFileSync("docs/api-coverage.md", "utf8"), coveragePage());
});

coverage("docs/conformance.md lists the fields that are refused now: npm run coverage:api writes it", () => {
  const page = readFileSync("docs/conformance.md", "utf8");
  assert.is(page, withFieldSection(page));
});

coverage("each refused field has its reason in engine/src/api/refusals.ts, and no other one has", () => {
  assert.equal(wrongRefusals(), { withoutReason: [], stale: [] });
});

coverage.run();

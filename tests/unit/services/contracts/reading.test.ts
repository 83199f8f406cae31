import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listProblems, readingInput } from "../../../../services/contracts/src/reading.ts";

const reading = suite("a reading as clients send it");

const good = { series: "airport/ABE", ts: "2001-01-01T08:20:00Z", value: 12.5 };

for (const value of [0, -60, 12.5, 1_439, 1e12]) {
  reading(`may have the value ${value}`, () => {
    assert.is(readingInput.parse({ ...good, value }).value, value);
  });
}

for (const [name, change] of [
  ["a value that is no number", { value: "12" }],
  ["a value that is not finite", { value: Number.POSITIVE_INFINITY }],
  ["no series", { series: undefined }],
  ["an empty series", { series: "" }],
  ["a time that is none", { ts: "yesterday" }],
  ["a misspelt field", { valeu: 1 }],
] as const) {
  reading(`is refused with ${name}`, () => {
    assert.is(readingInput.safeParse({ ...good, ...change }).success, false);
  });
}

reading("is refused with an attribute that would be lost, and keeps those that every object has", () => {
  const read = (attrs: string) => readingInput.safeParse({ ...good, attrs: JSON.parse(attrs) });
  const lost = read('{ "__proto__": "x", "a": 1 }');
  assert.equal(lost.success ? [] : listProblems(lost.error), [
    { field: "attrs", detail: "must not hold the name __proto__" },
  ]);
  const kept = { constructor: "x", toString: 1, hasOwnProperty: true };
  assert.equal(read(JSON.stringify(kept)).data?.attrs, kept);
});

reading.run();

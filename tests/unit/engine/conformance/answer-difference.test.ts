import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findDifference } from "../../../conformance/answer-difference.ts";

const difference = suite("findDifference");

for (const [expected, actual] of [
  [{ data: { a: [1, "x"] } }, { data: { a: [1, "x"] } }],
  ["<any>", undefined],
  ["id <id>.", "id abc=."],
  [{ digest: "<digest>" }, { digest: "sha256:0123456789abcdef" }],
  [
    ["<unordered>", "a", "b"],
    ["b", "a"],
  ],
]) {
  difference(`finds none between ${JSON.stringify(expected)} and ${JSON.stringify(actual)}`, () => {
    assert.is(findDifference(expected, actual), undefined);
  });
}

for (const [expected, actual, text] of [
  [{ a: { b: 1 } }, { a: { b: 2 } }, "a.b: expected 1, got 2"],
  [{ a: 1 }, {}, "a is missing; expected 1; got {}"],
  [{}, { a: 1 }, "a was not expected: 1"],
  [["a"], ["a", "b"], 'answer: expected ["a"], got ["a","b"]'],
  [["<unordered>", "a"], ["a", "b"], 'answer: ["b"] was not expected'],
  ["<digest>", "sha256:xyz", 'answer: expected "<digest>", got "sha256:xyz"'],
  ["a.c", "abc", 'answer: expected "a.c", got "abc"'],
  [null, undefined, "answer: expected null, got nothing"],
] as const) {
  difference(`says: ${text}`, () => {
    assert.is(findDifference(expected, actual), text);
  });
}

difference.run();

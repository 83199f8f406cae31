import assert from "node:assert/strict";
import { test } from "node:test";
import { findFault } from "../src/handler.js";

test("an order needs an item and a count", () => {
  assert.equal(findFault({ item: "lamp", count: 1 }), undefined);
  assert.equal(findFault({ count: 1 }), "item is missing");
  assert.equal(findFault({ item: "lamp", count: 0 }), "count has to be 1 or more");
});

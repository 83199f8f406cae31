import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readOnce } from "../../../../ci/src/repository/once.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const once = suite("reading each file once");

once("reads a file again only for another outline", () => {
  const asked: string[] = [];
  const read = readOnce((outline, path) => {
    asked.push(path);
    return outline.text(path);
  });
  const [first, second] = [outlineOf({ a: "1", b: "2" }), outlineOf({ a: "3" })];
  assert.equal([read(first, "a"), read(first, "b"), read(first, "a"), read(second, "a")], ["1", "2", "1", "3"]);
  assert.equal(asked, ["a", "b", "a"]);
});

once("tells everybody who asks why a file cannot be read", () => {
  const read = readOnce((outline, path) => outline.text(path));
  const outline = outlineOf({ a: undefined });
  for (const _ of [1, 2]) assert.throws(() => read(outline, "a"), "the text of a was not read");
});

once.run();

import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  valueAt,
  withoutLineComments,
  withoutValue,
  withValue,
} from "../../../../../engine/src/module/author/raw-json.ts";

const edit = suite("an edit of a JSON text");

edit("puts a new key at the end of its object and leaves all else as it is written", () => {
  assert.is(withValue('{\n  "a": 1 ,\n  "b": {}\n}\n', ["b", "c"], [2]), '{\n  "a": 1 ,\n  "b": {"c":[2]}\n}\n');
  assert.is(withValue('{ "a": "x" }', ["a"], "y"), '{ "a": "y" }');
  assert.is(withValue("{}", ["a", "b"], true), '{"a":{"b":true}}');
});

edit("replaces what is no object on its way, and a text that is none", () => {
  assert.is(withValue('{"a": "x"}', ["a", "b"], 1), '{"a": {"b":1}}');
  assert.is(withValue("[1]", ["a"], 1), '{"a":1}');
  assert.is(withValue("", ["a"], 1), '{"a":1}');
});

edit("takes a key out with one comma, wherever it stands", () => {
  assert.is(withoutValue('{"a":1,"b":2,"c":3}', ["b"]), '{"a":1,"c":3}');
  assert.is(withoutValue('{"a":1 , "b":2 }', ["b"]), '{"a":1  }');
  assert.is(withoutValue('{\n  "a": 1,\n  "b": 2\n}', ["a"]), '{\n  "b": 2\n}');
  assert.is(withoutValue('{"x":{\n  "a": 1\n}}', ["x", "a"]), '{"x":{\n}}');
  assert.is(withoutValue('{"a":1}', ["x", "a"]), '{"a":1}');
});

edit("sees a comment behind // as one, and not inside of a text", () => {
  assert.is(withoutLineComments('{ // no\n  "a": "http://x", // y\n}'), '{ \n  "a": "http://x", \n}');
  assert.is(withoutLineComments('{"a": "\\"//"}'), '{"a": "\\"//"}');
});

/**
 * Without the key `"`: V8 from Node 24 on takes a key of one escaped character for a backslash, once it has read an object which has
 * that key in the same place. `JSON.parse('{"\\\\":1}'); JSON.parse('{"\\"":1}')` shows it.
 */
const jsonValue = (maxDepth: number) =>
  fc.jsonValue({ maxDepth }).filter((value) => !JSON.stringify(value).includes('"\\"":'));
const key = fc.constantFrom("a", "b", "a,b", '"c', "}", "// x", "");
const json = fc.dictionary(key, fc.oneof(fc.string(), fc.dictionary(key, jsonValue(1))));
const text = fc
  .tuple(json, fc.constantFrom<number | undefined>(undefined, 2, 4))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent));

edit("of any text does to it what it does to the value", () => {
  fc.assert(
    fc.property(text, key, jsonValue(2), (before, name, value) => {
      const parsed = JSON.parse(before) as Record<string, unknown>;
      const after = withValue(before, [name], value);
      assert.equal(JSON.parse(after), JSON.parse(JSON.stringify({ ...parsed, [name]: value })));
      assert.equal(valueAt(after, [name]), JSON.parse(JSON.stringify(value)));
      const { [name]: _gone, ...rest } = parsed;
      assert.equal(JSON.parse(withoutValue(after, [name])), rest);
    }),
  );
});

edit.run();

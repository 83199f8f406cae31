import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readToml, TomlError } from "../../../../ci/src/input/toml.ts";

const toml = suite("TOML");

/** As plain JSON: the tables have no prototype. */
const read = (text: string): unknown => JSON.parse(JSON.stringify(readToml(text)));

const cases: readonly (readonly [string, string, unknown])[] = [
  ["tables, dotted keys and comments", "# c\n[a.b] # d\nc.d = 1\n[a]\ne = 2\n", { a: { b: { c: { d: 1 } }, e: 2 } }],
  ["lists of tables", "[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 3\n", { a: [{ x: 1 }, { x: 2, b: { y: 3 } }] }],
  [
    "every form of a string",
    `a = "t\\t\\u00e9"\nb = 'c:\\d'\nc = '''\nx'y'''\nd = """\n1 \\\n  2 "q" """`,
    { a: "t\té", b: "c:\\d", c: "x'y", d: '1 2 "q" ' },
  ],
  ["lists over lines, with a comma at the end", "a = [\n 1, # one\n [2, 3],\n]\n", { a: [1, [2, 3]] }],
  ["inline tables", 'a = { b = "c", d.e = [true] }\n', { a: { b: "c", d: { e: [true] } } }],
  ["numbers", "a = 1_000\nb = -2.5e3\nc = 0xff\nd = +7\n", { a: 1000, b: -2500, c: 255, d: 7 }],
  [
    "dates as their text",
    "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00\nc = 07:32:00\n",
    { a: "1979-05-27T07:32:00Z", b: "1979-05-27 07:32:00", c: "07:32:00" },
  ],
  ["keys in quotes", `"a.b" = 1\n'c d' = 2\n[tool."x.y"]\nz = 3\n`, { "a.b": 1, "c d": 2, tool: { "x.y": { z: 3 } } }],
  ["lines that end as on Windows, and a byte order mark", "\uFEFFa = 1\r\n[b]\r\nc = 2\r\n", { a: 1, b: { c: 2 } }],
  ["an empty text", "\n# nothing\n", {}],
];
for (const [name, text, value] of cases) toml(`reads ${name}`, () => assert.equal(read(text), value));

toml("keeps a key that is called like a method of objects", () => {
  assert.is(readToml("constructor = 1\n")["constructor"], 1);
  assert.is(readToml("")["toString"], undefined);
});

const refused: readonly (readonly [string, string])[] = [
  ["a = ", 'line 1: expected a value at ""'],
  ["a = 1 b", 'line 1: expected the end of the line at "b"'],
  ["[x", 'line 1: expected ] at ""'],
  ["\n[[x]", 'line 2: expected ]] at "]"'],
  ['a = "\\q"', 'line 1: expected a known escape instead of \\q at ""'],
  ["a = 1\na = 2", 'line 2: expected one value for a at "2"'],
  ["a = [1 2]", 'line 1: expected , or ] at "2]"'],
  ["a = {b = 1 c = 2}", 'line 1: expected , or } at "c = 2}"'],
  ["a = 1\n[a.b]", 'line 2: expected one definition of a at ""'],
  ["a = maybe", 'line 1: expected a value at ""'],
  ["= 1", 'line 1: expected a key at "= 1"'],
];
for (const [text, message] of refused) {
  toml(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => readToml(text),
      (error: unknown) => error instanceof TomlError && assert.is(error.message, message) === undefined,
    );
  });
}

toml.run();

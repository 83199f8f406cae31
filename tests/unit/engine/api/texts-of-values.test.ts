import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeText } from "../../../../engine/src/api/file-contents.ts";
import { expandWords } from "../../../../engine/src/api/shell-words.ts";
import { dataOf, makeGraph } from "./asked.ts";

const texts = suite("texts of values");

const VARIABLES: Readonly<Record<string, string>> = { A: "one", EMPTY: "", SPACED: "a  b" };
const expand = (word: string) => expandWords(word, (name) => VARIABLES[name]);

for (const [word, value] of [
  ["plain text", "plain text"],
  ["$A and ${A}", "one and one"],
  ["'$A'\"$A\"", "$Aone"],
  ['"a \\" \\$A \\n"', 'a " $A \\n'],
  ["\\$A\\ b", "$A b"],
  ["$SPACED", "a b"],
  ['"$SPACED"', "a  b"],
  ["$SPACED'  '$SPACED", "a b  a b"],
  ["${NONE:-a   b}", "a b"],
  ["hello,   nice '  $A'", "hello, nice   $A"],
  ["a\t 'b' ", "a b"],
  ["$EMPTY x", " x"],
  ["'' x", " x"],
  ["   'x'", "x"],
  ["'x' y # tail 'z'", "x y"],
  ['["ga", "bu", 42]', "[ga, bu, 42]"],
  ['{"name": "John Wick", "age": 58}', "{name: John Wick, age: 58}"],
  ["${NONE:-dflt}${EMPTY:-d2}${EMPTY-d3}", "dfltd2"],
  ["${A:+set}${EMPTY:+set}${EMPTY+set}${NONE+set}", "setset"],
  ['${NONE:-"${A} }"}', "one }"],
  ["${#A}", "3"],
  ["$ 5$", "$ 5$"],
  ["a#b", "a#b"],
] as const) {
  texts(`of environment files: ${JSON.stringify(word)} is ${JSON.stringify(value)}`, () =>
    assert.is(expand(word), value),
  );
}

texts("of environment files name what is not set, and never run commands", () => {
  assert.throws(() => expand("$NONE"), /^NONE: unbound variable$/);
  assert.throws(() => expand("'open"), /without closing quote '/);
  for (const word of ["$(id)", "`id`", '"$(id)"', "${A%x}", "a'b';c", "a$A&b", "~/'a'", '{"a":1,"b":2}', "'a'\nb"]) {
    assert.throws(() => expand(word), /is not supported by the embedded engine yet/, word);
  }
});

texts("of an environment file that is none are told as the assignment that they would be", async () => {
  const query = '{envFile{withVariable(name:"Hello there",value:""){variables{name}}}}';
  assert.equal(await dataOf(makeGraph(), query), { error: 'parse error: "Hello there=": not a bare assignment' });
});

texts("of an environment file may refer to each other, and to themselves by the environment", async () => {
  const graph = makeGraph({ PATH: "/bin", LOOP: "outer" });
  const read = (pairs: string, name: string) =>
    dataOf(graph, `{ envFile { ${pairs} { get(name:"${name}")${" }".repeat(pairs.split("{").length + 2)}`);
  assert.equal(await read('withVariable(name:"PATH",value:"/mine:$PATH")', "PATH"), {
    envFile: { withVariable: { get: "/mine:/bin" } },
  });
  const circle = 'withVariable(name:"A",value:"$LOOP") { withVariable(name:"LOOP",value:"[$A]")';
  assert.equal(await read(circle, "LOOP"), { envFile: { withVariable: { withVariable: { get: "[outer]" } } } });
});

for (const [what, bytes, text] of [
  ["UTF-8", Buffer.from("höß 🙂"), "höß 🙂"],
  ["one byte that is none", Buffer.from([0x63, 0xe9, 0x0a]), "c\ufffd\n"],
  ["a character that is cut off: one mark for each byte", Buffer.from([0x61, 0xe2, 0x82]), "a\ufffd\ufffd"],
  ["a surrogate: no character", Buffer.from([0xed, 0xa0, 0x80]), "\ufffd\ufffd\ufffd"],
  ["an overlong form", Buffer.from([0xc0, 0x80]), "\ufffd\ufffd"],
  ["good and bad mixed", Buffer.from([0xff, 0xc3, 0xb6, 0xff, 0x21]), "\ufffdö\ufffd!"],
] as const) {
  texts(`of files with ${what} are decoded as Go shows them`, () => assert.is(decodeText(bytes), text));
}

const written = async (json: string, field: string) => {
  const data = await dataOf(makeGraph(), `{ json { withContents(contents:${JSON.stringify(json)}) { ${field} } } }`);
  return data as { json?: { withContents: Record<string, unknown> }; error?: string };
};

for (const [json, field, value] of [
  ['{"10":1,"9":2,"a":{}}', "contents(pretty:true)", '{\n  "10": 1,\n  "9": 2,\n  "a": {}\n}'],
  ["[]", "contents(pretty:true)", "[]"],
  ['{"s":"<&>\\u2028"}', "field(path:[]) { contents }", { contents: '{"s":"\\u003c\\u0026\\u003e\\u2028"}' }],
  ['{"a":{"b":1}}', 'field(path:["a"]) { contents }', { contents: '{"b":1}' }],
  ["null", "asString", ""],
] as const) {
  texts(`of JSON values are written as Go writes them: ${json}`, async () => {
    const answered = (await written(json, field)).json?.withContents;
    assert.equal(Object.values(answered ?? {}), [value]);
  });
}

texts("of JSON values that cannot be read say so", async () => {
  assert.is((await written('{"a":', "contents")).error, "invalid JSON: unexpected end of JSON input");
  assert.match((await written("{a}", "contents")).error ?? "", /^invalid JSON: invalid character 'a'/);
});

texts.run();

import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expandWord, expandWords } from "../../../../engine/src/dockerfile/expansion.ts";
import { DockerfileProblem } from "../../../../engine/src/dockerfile/problem.ts";
import { anyText } from "../../../support/any-text.ts";

const expansion = suite("variables of a Dockerfile");

const values: Readonly<Record<string, string>> = {
  empty: "",
  word: "foo",
  path: "/usr/local/bin/foo.tar.gz",
  many: "one two",
  price: "foobarbaz",
};
const expand = (text: string, escapeSign = "\\") => expandWord(text, (name) => values[name], { escapeSign });

const right: [string, string][] = [
  ["plain", "plain"],
  ["$word", "foo"],
  ["$" + "{word}bar", "foobar"],
  ["$wordbar", ""],
  ["$" + "{word}_$word", "foo_foo"],
  ["\\$word", "$word"],
  ["\\$" + "{word}", "$" + "{word}"],
  ["'$word'", "$word"],
  ['"$word"', "foo"],
  ['"\\$word \\" \\x"', '$word " \\x'],
  ['it\\"s', 'it"s'],
  ["$" + "{none:-default}", "default"],
  ["$" + "{empty:-default}", "default"],
  ["$" + "{empty-default}", ""],
  ["$" + "{none-$word}", "foo"],
  ["$" + "{word:-default}", "foo"],
  ["$" + "{word:+set}", "set"],
  ["$" + "{empty:+set}", ""],
  ["$" + "{empty+set}", "set"],
  ["$" + "{none+set}", ""],
  ["$" + "{word:?must be}", "foo"],
  ["$" + "{empty?}", ""],
  ["$" + "{none:-$" + "{word:-x}}", "foo"],
  ["$" + "{path#*/}", "usr/local/bin/foo.tar.gz"],
  ["$" + "{path##*/}", "foo.tar.gz"],
  ["$" + "{path%.*}", "/usr/local/bin/foo.tar"],
  ["$" + "{path%%.*}", "/usr/local/bin/foo"],
  ["$" + "{path%nothing}", "/usr/local/bin/foo.tar.gz"],
  ["$" + "{word/o/0}", "f0o"],
  ["$" + "{word//o/0}", "f00"],
  ["$" + "{price/b*a/-}", "foo-z"],
  ["$" + "{path//\\//-}", "-usr-local-bin-foo.tar.gz"],
  ["$", "$"],
  ["a$ b", "a$ b"],
  ["$1", ""],
  ["cost: $$", "cost: "],
];

for (const [text, result] of right) expansion(`make ${result} of ${text}`, () => assert.is(expand(text), result));

expansion("are escaped by the character that the file says", () => {
  assert.is(expand("`$word", "`"), "$word");
  assert.is(expand("C:\\$word", "`"), "C:\\foo");
});

expansion("of words are cut at blanks, unless they are quoted", () => {
  const words = (text: string) => expandWords(text, (name) => values[name], { escapeSign: "\\" });
  assert.equal(words(" a  $many 'c d' e\\ f"), ["a", "one", "two", "c d", "e f"]);
  assert.equal(words('"$many"'), ["one two"]);
});

const wrong: [string, string][] = [
  ["$" + "{none?}", "none: is not allowed to be unset"],
  ["$" + "{none:?give it}", "none: give it"],
  ["$" + "{empty:?}", "empty: is not allowed to be empty"],
  ["$" + "{word", "unsupported modifier (\ufffd) in substitution"],
  ["$" + "{", "syntax error: missing '}'"],
  ["$" + "{}", "syntax error: bad substitution"],
  ["$" + "{:x}", "syntax error: bad substitution"],
  ["$" + "{word:-x", "syntax error: missing '}'"],
  ["$" + "{word/a", "syntax error: missing '/' in $" + "{}"],
  ["$" + "{word^x}", "unsupported modifier (^) in substitution"],
  ["$" + "{word:#x}", "unsupported modifier (:#) in substitution"],
  ["$" + "{word#\\x}", "invalid pattern (\\x) in substitution: invalid escape '\\x'"],
  ["'open", "unexpected end of statement while looking for matching single-quote"],
  ['"open', "unexpected end of statement while looking for matching double-quote"],
];

for (const [text, message] of wrong) {
  expansion(`are refused in ${text}`, () => {
    try {
      expand(text);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, DockerfileProblem);
      assert.is((error as Error).message, `failed to process ${JSON.stringify(text)}: ${message}`);
    }
  });
}

expansion("leave any text without signs of their own as it is", () => {
  fc.assert(
    fc.property(
      anyText().filter((text) => !/[$'"\\]/.test(text)),
      (text) => expand(text) === text,
    ),
  );
});

expansion("give any quoted value back as it was", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("'")),
      (text) => expand(`'${text}'`) === text,
    ),
  );
});

expansion("cut a value at one end and leave the rest, whatever the pattern", () => {
  const sign = fc.constantFrom("a", "b", "/", ".");
  const value = fc.array(sign).map((signs) => signs.join(""));
  const pattern = fc.array(fc.constantFrom("a", "b", ".", "*", "?"), { minLength: 1 }).map((signs) => signs.join(""));
  fc.assert(
    fc.property(value, pattern, (text, match) => {
      const cut = (form: string) => expandWord(`$\{v${form}${match}}`, () => text, { escapeSign: "\\" });
      assert.ok(text.endsWith(cut("#")) && text.endsWith(cut("##")));
      assert.ok(text.startsWith(cut("%")) && text.startsWith(cut("%%")));
      assert.ok(cut("##").length <= cut("#").length && cut("%%").length <= cut("%").length);
    }),
  );
});

expansion.run();

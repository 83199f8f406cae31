import { suite } from "uvu";
import * as assert from "uvu/assert";
import { elementsAt, readXml, textAt, XmlError } from "../../../../ci/src/input/xml.ts";

const xml = suite("XML");

xml("reads elements, attributes and texts, without prefixes and comments", () => {
  const read = readXml(`\uFEFF<?xml version="1.0"?>
<!-- <a> -->
<m:project xmlns:m="urn:x" a='>' b = "1 &lt; 2&#10;3" b="twice">
  <name> one &amp; two &#x41;&#66; </name>
  <text><![CDATA[a < b]]></text>
  <modules><module>a</module><module>b</module><other/></modules>
</m:project>
`);
  assert.is(read.name, "project");
  assert.equal(
    [...read.attributes],
    [
      ["xmlns:m", "urn:x"],
      ["a", ">"],
      ["b", "1 < 2\n3"],
    ],
  );
  assert.is(textAt(read, "name"), "one & two AB");
  assert.is(textAt(read, "text"), "a < b");
  assert.equal(
    elementsAt(read, "modules/module").map(({ text }) => text),
    ["a", "b"],
  );
  assert.is(textAt(read, "modules/nothing"), undefined);
});

const refused: readonly (readonly [string, string])[] = [
  ["<a>", "line 1: expected </a>"],
  ["<a>\n</b>", "line 2: expected </a>"],
  ["", "line 1: expected one element at the top"],
  ["<a/><b/>", "line 1: expected one element at the top"],
  ["text", "line 1: expected one element at the top"],
  [
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    "line 1: expected no declarations in the document type",
  ],
  [
    '\n<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "line 2: expected no declarations in the document type",
  ],
  ["<a>".repeat(300), "line 1: expected elements nested at most 200 deep"],
  ["<a><![CDATA[x</a>", "line 1: expected a tag or text"],
  ["<a b='1></a>", "line 1: expected a tag or text"],
  ["<a b=c/>", "line 1: expected a tag or text"],
  ["</a>", "line 1: expected no end tag without a start tag"],
];
for (const [text, message] of refused) {
  xml(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => readXml(text),
      (error: unknown) => error instanceof XmlError && assert.is(error.message, message) === undefined,
    );
  });
}

xml("passes over a document type that declares nothing, and fetches nothing for it", () => {
  const read = readXml(`<!DOCTYPE coverage SYSTEM "http://127.0.0.1:1/coverage.dtd">\n<coverage>&unknown;</coverage>`);
  assert.is(read.text, "&unknown;");
});

xml("takes a character that there is not for a damaged one", () => {
  assert.is(readXml("<a>&#x110000;&#99999999999;&#x1F600;</a>").text, "\uFFFD\uFFFD😀");
});

// What grows with the square of the length would not end before the limit of this file.
xml("reads ten megabytes in no more time than they need, however they are spoilt", () => {
  const spaces = " ".repeat(10_000_000);
  const many = "<a b='c'/>".repeat(500_000);
  assert.is(readXml(`<t>${many}</t>`).children.length, 500_000);
  for (const spoilt of [
    `<a${spaces}`,
    `<a b='${spaces}`,
    `<!--${spaces}`,
    `<!DOCTYPE a${spaces}[`,
    `<a b${spaces}=${spaces}<`,
  ])
    assert.throws(
      () => readXml(spoilt),
      (error: unknown) => error instanceof XmlError,
    );
});

xml.run();

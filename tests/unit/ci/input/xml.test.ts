import { suite } from "uvu";
import * as assert from "uvu/assert";
import { elementsAt, readXml, textAt, XmlError } from "../../../../ci/src/input/xml.ts";

const xml = suite("XML");

xml("reads elements and texts, without prefixes, attributes and comments", () => {
  const read = readXml(`\uFEFF<?xml version="1.0"?>
<!-- <a> -->
<m:project xmlns:m="urn:x" a='>'>
  <name> one &amp; two &#x41;&#66; </name>
  <text><![CDATA[a < b]]></text>
  <modules><module>a</module><module>b</module><other/></modules>
</m:project>
`);
  assert.is(read.name, "project");
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
  ["<!DOCTYPE a><a/>", "line 1: expected a tag or text"],
  ["<a b=c/>", "line 1: expected a tag or text"],
  ["</a>", "line 1: expected </>"],
];
for (const [text, message] of refused) {
  xml(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => readXml(text),
      (error: unknown) => error instanceof XmlError && assert.is(error.message, message) === undefined,
    );
  });
}

xml.run();

import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const versions = suite("versions");

const headings = [...readFileSync("CHANGELOG.md", "utf8").matchAll(/^## (.*)$/gm)].map(([, text = ""]) => text);
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** `0.2.0` as what sorts by its numbers. */
const rank = (text: string) =>
  text
    .split(".")
    .map((part) => part.padStart(6, "0"))
    .join(".");

versions("the changelog has a dated heading for each version, the newest first, below what is not released", () => {
  const [first, ...released] = headings;
  assert.is(first, "[Unreleased]");
  assert.ok(released.length > 0);
  const told = released.map((heading) => {
    const [, number = "", date = ""] = /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$/.exec(heading) ?? [];
    assert.not.equal(number, "", `no version and date: ${heading}`);
    return `${date} ${rank(number)}`;
  });
  assert.equal(told, [...told].sort().reverse());
});

versions("the newest one in the changelog is that of the package", () => {
  assert.is(headings[1]?.split("]")[0], `[${version}`);
});

versions.run();

import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findFaults, isUsed } from "../../words/find-faults.ts";
import { PHRASES } from "../../words/phrases.ts";
import { RULES } from "../../words/rules.ts";
import { listTexts, textsOfCode, textsOfPage } from "../../words/texts.ts";

const words = suite("the words of docs/words.md");

const texts = listTexts().filter(({ file }) => file !== "docs/words.md");

for (const rule of RULES) {
  words(`are used in what a person meets: not "${rule.not}" for ${rule.instead}`, () => {
    assert.equal(findFaults(rule, texts), []);
  });
}

words("each have a rule where the page says what is not used, and no other has one", () => {
  const rows = [...readFileSync("docs/words.md", "utf8").matchAll(/^\| ([^|]+) \| .* \| ([^|]*) \|$/gm)].slice(1);
  const told = rows.flatMap(([, word = "", not = ""]) =>
    not.split(/[,/]/).map((one) => `${one.trim()}: ${word.trim()}`),
  );
  const wanted = told.filter((line) => /^[a-z]/.test(line) && !line.startsWith("Not:"));
  assert.ok(wanted.length > 15);
  assert.equal(RULES.map(({ not }) => not).sort(), [...new Set(wanted.map((line) => line.split(":")[0]))].sort());
});

words("have exceptions that are all in use, say more than the word, and are as many as here", () => {
  const exceptions = RULES.flatMap(({ unless = [] }) => unless);
  // In a check a part of the documents is left out.
  const isWhole = existsSync("README.md") && existsSync("docs/decisions");
  if (isWhole)
    assert.equal(
      exceptions.filter(({ phrase }) => !isUsed(phrase, texts)),
      [],
    );
  for (const { not, unless = [] } of RULES)
    assert.equal(
      unless.filter(({ phrase }) => phrase.test(not) || phrase.test(`${not}s`)),
      [],
    );
  assert.is(exceptions.length, 19);
  assert.is(RULES.flatMap(({ foreign = [] }) => foreign).length, 12);
});

words("come in phrases that nobody has to read twice, in what programs print", () => {
  const printed = texts.filter(({ file }) => /\.ts$/.test(file));
  assert.ok(printed.length > 1000);
  const found = PHRASES.flatMap(({ not, instead, found: wanted }) =>
    printed
      .filter(({ text }) => wanted.test(text))
      .map(({ file, text }) => `${file}: "${text.slice(0, 200)}": not "${not}" but "${instead}"`),
  );
  assert.equal(found, []);
});

words("come in phrases that each rule knows by its own example, and the page lists all of them", () => {
  const rows = [...readFileSync("docs/words.md", "utf8").matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)].map(([row]) => row);
  assert.equal(
    rows.slice(1).filter((row) => !row.startsWith("| Not")),
    PHRASES.map(({ not, instead }) => `| ${not} | ${instead} |`),
  );
  for (const { not, instead, found } of PHRASES) {
    assert.match(not, found);
    assert.not.match(instead, found);
  }
});

words("are looked for in prose and in sentences of the code, not in code", () => {
  const page =
    "# A stage\n\nText `stage` of\nstages, [a](stage.md).\n\n```yaml\nstage: fast\n```\n\n| a stage | b |\n\n    stage\n";
  const rule = { not: "stage", instead: "ring", unless: [{ phrase: /a stage of/, because: "x" }] };
  assert.equal(findFaults(rule, textsOfPage("p.md", page)), [
    'p.md: "# A stage": the word is ring',
    'p.md: "Text `…` of stages, [a].": the word is ring',
    'p.md: "| a stage": the word is ring',
  ]);
  const code = 'import "a stage of"; say("stage", "a stage of it", `two stages ${of} here`, { stage: "slow stage" });';
  assert.equal(findFaults(rule, textsOfCode("c.ts", code)), [
    'c.ts: "two stages … here": the word is ring',
    'c.ts: "slow stage": the word is ring',
  ]);
});

words.run();

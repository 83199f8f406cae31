import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tagPatternSchema } from "../../../../ci/src/input/tag-pattern.ts";
import { fillTags } from "../../../../ci/src/service-images/tags.ts";

const commit = { hash: "6bb0d4da956a".padEnd(40, "f"), time: "2026-11-25T23:59:59Z", author: "a@b", changes: [] };

const tags = suite("tags");

tags("say of the commit what their patterns ask for", () => {
  assert.equal(fillTags(["{version}"], commit), ["20261125235959-6bb0d4da956a"]);
  assert.equal(fillTags(["{commit}", "v1.2-{short}_{date}"], commit), [commit.hash, "v1.2-6bb0d4da956a_2026-11-25"]);
});

tags("that move come behind those that only this commit has", () => {
  assert.equal(fillTags(["latest", "{date}", "{short}", "x", "{version}"], commit), [
    "6bb0d4da956a",
    "20261125235959-6bb0d4da956a",
    "latest",
    "2026-11-25",
    "x",
  ]);
});

tags("are each sent once, also when two patterns come to the same", () => {
  assert.equal(fillTags(["2026-11-25", "{date}", "6bb0d4da956a", "{short}"], commit), ["6bb0d4da956a", "2026-11-25"]);
});

const WHICH = "expected one of version, commit, short, date";
const GRAMMAR =
  "expected letters, digits, dots, dashes and underscores, with no dot or dash at the beginning, and {version}, {commit}, {short} or {date}";
const patterns: readonly (readonly [string, string | undefined])[] = [
  ["latest", undefined],
  ["_x", undefined],
  ["1", undefined],
  ["{version}", undefined],
  ["a".repeat(128), undefined],
  [`{commit}${"a".repeat(64)}`, undefined],
  ["a".repeat(129), "expected a tag of at most 128 characters; this one can have 129"],
  [`{commit}${"a".repeat(65)}`, "expected a tag of at most 128 characters; this one can have 129"],
  ["", GRAMMAR],
  ["-{short}", GRAMMAR],
  [".x", GRAMMAR],
  ["a b", GRAMMAR],
  ["a/b", GRAMMAR],
  ["a:b", GRAMMAR],
  ["a@b", GRAMMAR],
  ["ä", GRAMMAR],
  ["a+b", GRAMMAR],
  ["{version", GRAMMAR],
  ["version}", GRAMMAR],
  ["{{short}}", GRAMMAR],
  ["x\n", GRAMMAR],
  ["{}", `expected a part of tags between the braces, not {}; ${WHICH}`],
  ["{Version}", `expected a part of tags between the braces, not {Version}; ${WHICH}; perhaps version was meant`],
  ["{sha}", `expected a part of tags between the braces, not {sha}; ${WHICH}`],
  ["{constructor}", `expected a part of tags between the braces, not {constructor}; ${WHICH}`],
  [
    "{branch}-{short}",
    "expected a pattern without {branch}: a commit is on many branches or on none; a workflow knows which one it was started for, and can write it out",
  ],
];
for (const [pattern, problem] of patterns)
  tags(`${problem === undefined ? "take" : "refuse"} the pattern ${JSON.stringify(pattern.slice(0, 30))}`, () => {
    assert.is(tagPatternSchema.safeParse(pattern).error?.issues[0]?.message, problem);
  });

tags.run();

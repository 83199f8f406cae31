import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expandVariables } from "../../../../engine/src/api/expand.ts";
import { HOST_PLATFORM, normalisePlatform } from "../../../../engine/src/api/platform.ts";
import { formatGoDuration, parseGoDuration } from "../../../../engine/src/go-texts/duration.ts";

const expand = suite("expandVariables");
const env = new Map([
  ["A", "one"],
  ["B_2", "two words"],
]);

for (const [text, expected] of [
  ["$A-${A}", "one-one"],
  ["${B_2}/x", "two words/x"],
  ["$NOPE|${NOPE}|", "||"],
  ["${A:-no} ${NOPE:-dflt}", " "],
  ["\\$A", "\\one"],
  ["${A", "A"],
  ["costs 5$", "costs 5$"],
] as const) {
  expand(`makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
    assert.is(
      expandVariables(text, (name) => env.get(name)),
      expected,
    );
  });
}

const durations = suite("durations as Go writes them");

for (const [text, ms, printed] of [
  ["5s", 5000, "5s"],
  ["90s", 90_000, "1m30s"],
  ["500ms", 500, "500ms"],
  ["1h", 3_600_000, "1h0m0s"],
  ["1h30m0.5s", 5_400_500, "1h30m0.5s"],
  ["0", 0, "0s"],
  ["-2s", -2000, "-2s"],
] as const) {
  durations(`reads ${text}`, () => {
    assert.is(parseGoDuration(text), ms);
    assert.is(formatGoDuration(ms), printed);
  });
}

for (const [text, problem] of [
  ["", 'invalid duration ""'],
  ["soon", 'invalid duration "soon"'],
  ["s", 'invalid duration "s"'],
  ["5", 'missing unit in duration "5"'],
  ["1m5", 'missing unit in duration "1m5"'],
  ["5 s", 'unknown unit " s" in duration "5 s"'],
  ["1d", 'unknown unit "d" in duration "1d"'],
] as const) {
  durations(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseGoDuration(text),
      (error: Error) => error.message === `time: ${problem}`,
    );
  });
}

const platforms = suite("normalisePlatform");

for (const [text, expected] of [
  ["linux/x86_64", "linux/amd64"],
  ["linux/aarch64", "linux/arm64"],
  ["arm64", "linux/arm64"],
  ["linux", HOST_PLATFORM],
  ["linux/arm64/v8", "linux/arm64/v8"],
] as const) {
  platforms(`makes ${expected} of ${text}`, () => {
    assert.is(normalisePlatform(text), expected);
  });
}

platforms("refuses what is none", () => {
  assert.throws(
    () => normalisePlatform("not a platform"),
    (error: Error) => error.message.startsWith('"not a platform" is an invalid OS component of "not a platform"'),
  );
});

expand.run();
durations.run();
platforms.run();

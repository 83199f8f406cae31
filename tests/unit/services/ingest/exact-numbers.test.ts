import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readNumber } from "../../../../services/ingest/src/number-text.ts";
import { createIngest, HEADER, T } from "../../../support/ingest-app.ts";

const numbers = suite("numbers");

/** `undefined` for a number that is taken; the value is looked at beside. */
const problemOf = (text: string, decimal?: "." | ",") => {
  const read = readNumber(text, decimal);
  return read.ok ? undefined : read.problem;
};

for (const [text, value] of [
  ["0", 0],
  ["-0", 0],
  ["1.50", 1.5],
  ["+.5", 0.5],
  ["5.", 5],
  ["1e5", 100_000],
  ["1E-7", 1e-7],
  ["0.1", 0.1],
  ["0.30000000000000004", 0.30000000000000004],
  // As C's %.17g writes 0.1.
  ["0.10000000000000001", 0.1],
  ["9007199254740992", 9_007_199_254_740_992],
  ["9007199254740993000000e-6", undefined],
  ["123456789012345680000", 123_456_789_012_345_680_000],
  ["1.7976931348623157e308", Number.MAX_VALUE],
  ["5e-324", 5e-324],
  ["000123.4500", 123.45],
] as const) {
  numbers(`are taken as they are: ${text}`, () => {
    const read = readNumber(text);
    if (value === undefined) assert.is(read.ok, false);
    else assert.equal(read.ok ? read.value + 0 : read.problem, value);
  });
}

for (const [text, problem] of [
  ["9007199254740993", "has more digits than can be stored: it would be stored as 9007199254740992"],
  ["12345678901234567890", "has more digits than can be stored: it would be stored as 12345678901234567000"],
  ["0.1234567890123456789", "has more digits than can be stored: it would be stored as 0.12345678901234568"],
  ["3.14159265358979323846", "has more digits than can be stored: it would be stored as 3.141592653589793"],
  ["1e400", "is too large to be stored"],
  ["-1e400", "is too large to be stored"],
  ["1e-400", "has more digits than can be stored: it would be stored as 0"],
  ["4e-324", "has more digits than can be stored: it would be stored as 5e-324"],
  ["1,5", "is not a number; for a decimal comma send ?decimal=,"],
  ["1,234.5", "is not a number; leave out the thousands separators"],
  ["1 234", "is not a number; leave out the thousands separators"],
  ["1'234'567.8", "is not a number; leave out the thousands separators"],
  ["1\u00a0234", "is not a number; leave out the thousands separators"],
  ["1_000", "is not a number"],
  ["0x10", "is not a number"],
  ["0b1", "is not a number"],
  ["1e", "is not a number"],
  ["--1", "is not a number"],
  ["NaN", "is not a number"],
  ["Infinity", "is not a number"],
  ["-inf", "is not a number"],
  ["NULL", "is not a number"],
  ["\\N", "is not a number"],
  ["NA", "is not a number"],
  ["#DIV/0!", "is not a number"],
  ["12%", "is not a number"],
  ["€5", "is not a number"],
  ["١٢", "is not a number"],
  ["−5", "is not a number"],
  ["5 kg", "is not a number"],
] as const) {
  numbers(`are refused in words and not changed: ${text}`, () => {
    assert.is(problemOf(text), `${JSON.stringify(text)} ${problem}`);
  });
}

numbers("with a decimal comma are taken where the comma is declared, and then no point is", () => {
  assert.equal(readNumber("-1,5e3", ","), { ok: true, value: -1_500 });
  assert.is(problemOf("1.5", ","), '"1.5" is not a number; ?decimal=, says that a comma stands before the fraction');
  assert.is(problemOf("1.234,5", ","), '"1.234,5" is not a number; leave out the thousands separators');
  assert.is(
    problemOf("9007199254740993,0", ","),
    '"9007199254740993,0" has more digits than can be stored: it would be stored as 9007199254740992',
  );
});

// To calculate with so many digits would not end before the limit of this file.
numbers("that are endless are refused by their length", () => {
  const length = 20_000_000;
  for (const text of ["1".repeat(length), `1${"0".repeat(length)}1`, `0.${"0".repeat(length)}1`]) {
    assert.match(problemOf(text) ?? "", "is longer than 400 characters");
  }
});

numbers("of every double are taken in every usual way of writing them, and come back the same", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(finite, (value) => {
      for (const text of [String(value), value.toPrecision(17), value.toExponential()]) {
        const read = readNumber(text);
        assert.ok(read.ok && read.value === value, text);
      }
    }),
    // In the middle of two texts of 17 digits: printed as one of them, rounded to the other.
    { numRuns: 2_000, examples: [[-4903332607955225 / 4], [4903332607955225 / 4]] },
  );
});

numbers("are taken only when their digits come back from what is stored", () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,24}$/);
  fc.assert(
    fc.property(digits, fc.integer({ min: 0, max: 25 }), (whole, point) => {
      const text = `${whole.slice(0, point) || "0"}.${whole.slice(point) || "0"}`;
      const read = readNumber(text);
      // Exact arithmetic: the stored double, written out in full, rounded to as many digits as were sent.
      const sent = text.replace(".", "").replace(/^0+/, "").replace(/0+$/, "");
      const kept = Number(text)
        .toPrecision(Math.max(1, sent.length))
        .replace(/e.*$/, "")
        .replace(".", "")
        .replace(/^0+/, "")
        .replace(/0+$/, "");
      const isPrinted = read.ok && Number(text) === read.value && String(read.value) === text;
      assert.is(read.ok, sent === kept || isPrinted, text);
    }),
    { numRuns: 2_000 },
  );
});

const lossy = [
  ['"value":9007199254740993', "value: 9007199254740993 has more digits than can be stored"],
  ['"value":1e-400', "value: 1e-400 has more digits than can be stored"],
  ['"value":1,"value":2', "value: appears twice"],
  ['"value":1,"\\u0076alue":2', "value: appears twice"],
  [
    '"value":1,"attrs":{"n":0.12345678901234567890}',
    "attrs.n: 0.12345678901234567890 has more digits than can be stored",
  ],
  ['"value":1,"attrs":{"n":1,"n":1}', "attrs.n: appears twice"],
  ['"value":1,"unit":"\\ud800"', "unit: holds half of a surrogate pair, which is not a character"],
  ['"value":1,"attrs":{"\\udc00":"x"}', "attrs.\udc00: holds half of a surrogate pair, which is not a character"],
] as const;

for (const [fields, told] of lossy) {
  numbers(`and names that JSON.parse would change silently are refused: ${fields}`, async () => {
    const ingest = createIngest();
    const one = `{"series":"a","ts":"${T}",${fields}}`;
    const list = await ingest.send("/v1/events", "application/json", `[{"series":"ok","ts":"${T}","value":1},${one}]`);
    assert.equal([list.status, list.stored.map(({ series }) => series)], [207, ["ok"]]);
    const problems = (JSON.parse(list.text) as { results: { problems?: { field: string; detail: string }[] }[] })
      .results[1]?.problems;
    assert.equal(
      problems?.map(({ field, detail }) => `${field}: ${detail}`),
      [told],
    );
    const single = await ingest.send("/v1/events", "application/json", one);
    assert.equal([single.status, single.told], [422, ["none of the readings is valid", told]]);
    const line = await ingest.send("/v1/events:stream", "application/x-ndjson", one);
    assert.equal([line.told, line.stored], [[`line 1 invalid: ${told}`], []]);
  });
}

numbers("in JSON that a double holds are taken in every way of writing them", async () => {
  const { send } = createIngest();
  for (const value of ["-0", "0.0", "1E+2", "0.30000000000000004", "100000000000000000000", "1.50"]) {
    const { stored } = await send("/v1/events", "application/json", `{"series":"a","ts":"${T}","value":${value}}`);
    assert.is(stored[0]?.value, Number(value));
  }
});

numbers("keep what a time says beyond milliseconds", async () => {
  const { send } = createIngest();
  const expected = { series: "a", ts: Date.UTC(2024, 0, 1) + 123, nanos: 456_789, value: 1 };
  const time = "2024-01-01T00:00:00.123456789Z";
  assert.equal((await send("/v1/uploads", "text/csv", `${HEADER}a,${time},1\n`)).stored, [expected]);
  const line = `{"series":"a","ts":"${time}","value":1}`;
  assert.equal((await send("/v1/events", "application/json", line)).stored, [expected]);
  assert.equal((await send("/v1/events:stream", "application/x-ndjson", line)).stored, [expected]);
});

numbers.run();

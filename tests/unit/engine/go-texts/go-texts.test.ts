import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readCsvRecord } from "../../../../engine/src/go-texts/csv.ts";
import {
  formatNumber,
  parseBoolean,
  parseFloatText,
  parseInteger,
  parseListInteger,
} from "../../../../engine/src/go-texts/numbers.ts";

const texts = suite("Go's texts");

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

texts("numbers are printed as Go prints a float64", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0"],
    [42, "42"],
    [-7, "-7"],
    [0.1, "0.1"],
    [2.5, "2.5"],
    [1000, "1000"],
    [200000, "200000"],
    [1234567, "1.234567e+06"],
    [4294967296, "4.294967296e+09"],
    [9007199254740991, "9.007199254740991e+15"],
    [1e21, "1e+21"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [-300, "-300"],
  ];
  for (const [value, text] of cases) assert.is(formatNumber(value), text);
});

texts("integers are read in all of Go's notations, and refused with its words", () => {
  assert.equal(
    ["42", "-5", "+7", "0", "0x10", "0b101", "0o17", "017", "1_000"].map(parseInteger),
    [42, -5, 7, 0, 16, 5, 15, 15, 1000],
  );
  assert.is(
    messageOf(() => parseInteger("many")),
    'strconv.ParseInt: parsing "many": invalid syntax',
  );
  assert.is(
    messageOf(() => parseInteger("")),
    'strconv.ParseInt: parsing "": invalid syntax',
  );
  assert.is(
    messageOf(() => parseInteger("1.5")),
    'strconv.ParseInt: parsing "1.5": invalid syntax',
  );
  assert.is(
    messageOf(() => parseInteger("9223372036854775808")),
    'strconv.ParseInt: parsing "9223372036854775808": value out of range',
  );
  assert.is(
    messageOf(() => parseListInteger("0x1")),
    'strconv.Atoi: parsing "0x1": invalid syntax',
  );
});

texts("floats and truth values", () => {
  assert.equal(["2.5", "3", "1e3", "-3e2", ".5"].map(parseFloatText), [2.5, 3, 1000, -300, 0.5]);
  assert.is(
    messageOf(() => parseFloatText("pi")),
    'strconv.ParseFloat: parsing "pi": invalid syntax',
  );
  assert.is(
    messageOf(() => parseFloatText(".")),
    'strconv.ParseFloat: parsing ".": invalid syntax',
  );
  assert.equal(["1", "T", "true", "0", "f", "FALSE"].map(parseBoolean), [true, true, true, false, false, false]);
  assert.is(
    messageOf(() => parseBoolean("yes")),
    'strconv.ParseBool: parsing "yes": invalid syntax',
  );
});

texts("lists are CSV: quotes protect commas, blanks stay", () => {
  assert.equal(readCsvRecord("a,b,c"), ["a", "b", "c"]);
  assert.equal(readCsvRecord('"a,b",c'), ["a,b", "c"]);
  assert.equal(readCsvRecord("a, b"), ["a", " b"]);
  assert.equal(readCsvRecord('"say ""hi"""'), ['say "hi"']);
  assert.equal(readCsvRecord("a,,"), ["a", "", ""]);
  assert.equal(readCsvRecord("one\ntwo"), ["one"]);
});

texts("a stray quote in a list names its column", () => {
  assert.is(
    messageOf(() => readCsvRecord('a"b')),
    'parse error on line 1, column 2: bare " in non-quoted-field',
  );
  assert.is(
    messageOf(() => readCsvRecord('"a"b')),
    'parse error on line 1, column 3: extraneous or missing " in quoted-field',
  );
  assert.is(
    messageOf(() => readCsvRecord('x,"abc')),
    'parse error on line 1, column 7: extraneous or missing " in quoted-field',
  );
});

texts.run();

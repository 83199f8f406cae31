export type NumberResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: string };

/** No double needs more to be written out in any usual way. */
const MAX_CHARS = 400;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const COMMA_NUMBER = /^[+-]?(?:\d+,?\d*|,\d+)(?:e[+-]?\d+)?$/i;

/**
 * Reads a decimal number exactly, or refuses it. `decimal` is the sign before the fraction.
 *
 * A double holds what was sent when, written with as many digits, it is what was sent: `0.1` and `0.30000000000000004`
 * are taken, `9007199254740993`, `0.12345678901234567891` and `1e400` are refused.
 */
export function readNumber(text: string, decimal: "." | "," = "."): NumberResult {
  if (text.length > MAX_CHARS) return refuse(text, `... is longer than ${MAX_CHARS} characters`);
  if (!(decimal === "." ? NUMBER : COMMA_NUMBER).test(text))
    return refuse(text, ` is not a number${advise(text, decimal)}`);
  const plain = decimal === "." ? text : text.replace(",", ".");
  const value = Number(plain);
  if (holdsExactly(plain, value)) return { ok: true, value };
  if (!Number.isFinite(value)) return refuse(text, " is too large to be stored");
  return refuse(text, ` has more digits than can be stored: it would be stored as ${value}`);
}

function refuse(text: string, problem: string): NumberResult {
  return { ok: false, problem: `${JSON.stringify(text.slice(0, 40))}${problem}` };
}

/**
 * Whether `value`, written with as many digits as `text`, is what `text` says. Where it lies in the middle of two texts of that
 * length, so is the one that it is printed as: 1225833151988806.25 is printed with .2 at its end, but rounded to .3.
 */
export function holdsExactly(text: string, value: number): boolean {
  if (text.length > MAX_CHARS) return false;
  // Every number of 15 digits comes back from a double; most texts are shorter.
  if (text.length <= 15 && !/e/i.test(text)) return true;
  const sent = normalize(text);
  if (sent.digits === "") return value === 0;
  if (!Number.isFinite(value) || value === 0 || sent.digits.length > 100) return false;
  const size = Math.abs(value);
  return [size.toPrecision(sent.digits.length), String(size)].some((written) => {
    const kept = normalize(written);
    return kept.digits === sent.digits && kept.exponent === sent.exponent;
  });
}

/** The digits without zeros at their ends, and the power of ten of the last one. */
function normalize(text: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "", power = "0"] = text.toLowerCase().replace(/^[+-]/, "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) };
}

function advise(text: string, decimal: "." | ","): string {
  if (decimal === "." && COMMA_NUMBER.test(text)) return "; for a decimal comma send ?decimal=,";
  if (decimal === "," && NUMBER.test(text)) return "; ?decimal=, says that a comma stands before the fraction";
  return /^[+-]?\d{1,3}([ .,'\u00a0\u202f]\d{3})+([.,]\d+)?$/.test(text) ? "; leave out the thousands separators" : "";
}

/** Numbers and truth values as Go's strconv reads and prints them: users see these texts. */

const INTEGER = /^[+-]?(0[xX](_?[0-9a-fA-F])+|0[bB](_?[01])+|0[oO]?(_?[0-7])+|0|[1-9](_?[0-9])*)$/;
const DECIMAL = /^[+-]?[0-9]+$/;
const FLOAT = /^[+-]?(([0-9](_?[0-9])*)?\.?[0-9]*([eE][+-]?[0-9]+)?|inf|infinity|nan)$/i;
const [MIN_INT64, MAX_INT64] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * Reads an integer as a flag does: also 0x10, 0b1, 0o7, 1_000.
 *
 * @throws Error with the text of Go's strconv
 */
export function parseInteger(text: string): number {
  return parseInRange("ParseInt", INTEGER, text);
}

/** Reads an integer of a list flag: decimal only. */
export function parseListInteger(text: string): number {
  return parseInRange("Atoi", DECIMAL, text);
}

function parseInRange(by: string, shape: RegExp, text: string): number {
  if (!shape.test(text)) throw new Error(`strconv.${by}: parsing ${quote(text)}: invalid syntax`);
  const negative = text.startsWith("-");
  const digits = text.replace(/^[+-]/, "").replaceAll("_", "");
  const octal = by === "ParseInt" && /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = negative ? -BigInt(octal) : BigInt(octal);
  if (value < MIN_INT64 || value > MAX_INT64) {
    throw new Error(`strconv.${by}: parsing ${quote(text)}: value out of range`);
  }
  return Number(value);
}

export function parseFloatText(text: string): number {
  if (!FLOAT.test(text) || !/[0-9]|inf|nan/i.test(text)) {
    throw new Error(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  }
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isFinite(value)) throw new Error(`strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
  return value;
}

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

export function parseBoolean(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}

/** A number as Go's `%v` prints a float64: `4.294967296e+09` from seven digits on, also for what was an integer. */
export function formatNumber(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A text in double quotes, with escapes. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

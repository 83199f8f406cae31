import { type GraphQLInputType, isListType, isNonNullType } from "graphql";
import { ApiError } from "../api/errors.ts";
import { firstJson } from "../api/go-json.ts";
import { goType, parsing, QueryNumber, wholeNumber } from "./literal.ts";

/** @throws ApiError in the real engine's words */
export function coerceScalar(name: string, raw: unknown): unknown {
  switch (name) {
    case "Int":
      return coerceInt(raw);
    case "Float":
      return coerceFloat(raw);
    case "Boolean":
      return coerceBoolean(raw);
    case "JSON":
      if (typeof raw !== "string") throw new ApiError(`cannot convert ${goType(raw)} to JSON`);
      return raw === "" ? undefined : raw;
    case "Platform":
      throw new ApiError(`cannot convert ${goType(raw)} to Platform`);
    default:
      if (typeof raw !== "string") throw new ApiError(`cannot create ${name} from ${goType(raw)}`);
      return raw;
  }
}

function coerceInt(raw: unknown): number {
  if (typeof raw === "string") return parseGoInt(raw);
  if (!(raw instanceof QueryNumber)) throw new ApiError(`cannot create Int from ${goType(raw)}`);
  if (Number.isSafeInteger(raw.value)) return raw.value;
  if (raw.goType === "float64") throw new ApiError(`cannot create Int from ${raw.value}`);
  throw new ApiError(`${parsing("Int", String(raw.value))}: invalid syntax`);
}

const GO_INT = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

/** A whole number as Go's strconv.ParseInt reads one with base 0: `0x10`, `0b11`, `010` and `1_000` are numbers too. */
function parseGoInt(text: string): number {
  if (!GO_INT.test(text)) throw new ApiError(`${parsing("Int", text)}: invalid syntax`);
  const digits = text.replace(/[+_-]/g, "").replace(/^0(?=[0-7])/, "0o");
  const exact = BigInt(digits);
  return wholeNumber(String(text.startsWith("-") ? -exact : exact), text);
}

function coerceFloat(raw: unknown): number {
  if (typeof raw === "string") {
    const number = raw.trim() === raw && raw !== "" ? Number(raw.replaceAll("_", "x")) : Number.NaN;
    if (Number.isNaN(number)) throw new ApiError(`${parsing("Float", raw)}: invalid syntax`);
    return number;
  }
  // The real engine does not make a Float of a whole number either.
  if (!(raw instanceof QueryNumber) || raw.goType === "int64") {
    throw new ApiError(`cannot create Float from ${goType(raw)}`);
  }
  return raw.value;
}

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

function coerceBoolean(raw: unknown): boolean {
  if (typeof raw === "boolean") return raw;
  if (typeof raw !== "string") throw new ApiError(`cannot create Boolean from ${goType(raw)}`);
  if (TRUE.has(raw)) return true;
  if (FALSE.has(raw)) return false;
  throw new ApiError(`${parsing("Bool", raw)}: invalid syntax`);
}

/**
 * The first JSON value of a text; what comes after it is not looked at.
 *
 * @throws ApiError `decode "…": …`
 */
export function jsonInput(text: string): unknown {
  const first = firstJson(text);
  if ("problem" in first) throw new ApiError(`decode ${JSON.stringify(text)}: ${first.problem}`);
  return withNumbers(first.value);
}

/** The numbers of a JSON text, which the real engine keeps as they were written. */
export function withNumbers(value: unknown): unknown {
  if (typeof value === "number") return new QueryNumber(value, "json.Number");
  if (Array.isArray(value)) return value.map(withNumbers);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withNumbers(item)]));
}

/** What Go's types hold before something is put into them. */
export function zeroOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return zeroOf(type.ofType);
  if (isListType(type)) return [];
  if (type.name === "Int" || type.name === "Float") return 0;
  return type.name === "Boolean" ? false : "";
}

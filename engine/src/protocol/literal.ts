import { Kind, type ValueNode } from "graphql";
import { ApiError, unsupported } from "../api/errors.ts";

/** A number and where it comes from: the real engine tells `1` from `1.0`, and both from a number of a JSON text. */
export class QueryNumber {
  constructor(
    readonly value: number,
    readonly goType: "int64" | "float64" | "json.Number",
  ) {}
}

/** The one value of a variable whose type is a list: a list for the validator, and none that the decoder takes. */
export class LoneItem {
  constructor(readonly item: unknown) {}
}

/**
 * The plain value of an argument: numbers are QueryNumbers, members of enumerations are texts, a variable that was not
 * given is null.
 *
 * @throws ApiError for a number that cannot be held as it is written
 */
export function literalValue(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null;
    case Kind.INT:
      return new QueryNumber(wholeNumber(node.value), "int64");
    case Kind.FLOAT:
      return new QueryNumber(floatNumber(node.value), "float64");
    case Kind.LIST:
      return node.values.map((value) => literalValue(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalValue(value, variables)]));
    case Kind.NULL:
      return null;
    default:
      return node.value;
  }
}

/**
 * @param written what stands in the query, for errors
 * @throws ApiError in the words of Go for what does not fit into 64 bits
 */
export function wholeNumber(text: string, written = text): number {
  const exact = BigInt(text);
  if (exact !== BigInt.asIntN(64, exact)) throw new ApiError(`${parsing("Int", written)}: value out of range`);
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw unsupported(`the number ${text}, beyond 53 bits,`);
  return number;
}

function floatNumber(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new ApiError(`${parsing("Float", text)}: value out of range`);
  return number;
}

/** How Go's package strconv begins its errors. */
export function parsing(what: "Int" | "Float" | "Bool", text: string): string {
  return `strconv.Parse${what}: parsing ${JSON.stringify(text)}`;
}

/** The type that Go's decoder gives to a value of a query. */
export function goType(raw: unknown): string {
  if (raw === null || raw === undefined) return "<nil>";
  if (raw instanceof QueryNumber) return raw.goType;
  if (raw instanceof LoneItem) return `[]${goType(raw.item)}`;
  if (typeof raw === "boolean") return "bool";
  if (Array.isArray(raw)) return "[]interface {}";
  return typeof raw === "object" ? "map[string]interface {}" : typeof raw;
}

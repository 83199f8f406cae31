import { formatNumber } from "../go-texts/numbers.ts";
import type { Engine, Handle } from "./engine.ts";

/** A value as the last function of a chain prints it: texts and numbers bare, lists with a newline behind each item. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => `${plainText(item)}\n`).join("");
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "object") return Object.values(value).map(plainText).join("");
  return String(value);
}

/** Four blanks a level, a newline at the end. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value ?? null, null, 4);
  return `${text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`;
}

/** `Type@digest` for an object, `- Type@digest` for each of a list, also below objects in lists. */
export async function referenceText(engine: Engine, value: unknown): Promise<string> {
  if (Array.isArray(value)) {
    const lines = await Promise.all(value.map((item) => referenceText(engine, item)));
    return lines.map((line) => `- ${line}`).join("");
  }
  if (isHandle(value)) {
    await engine.force(value);
    return `${await engine.reference(value)}\n`;
  }
  if (typeof value === "object" && value !== null) return await referenceText(engine, Object.values(value)[0]);
  throw new Error("the last function of the chain returned no object: it is null");
}

function isHandle(value: unknown): value is Handle {
  return typeof value === "object" && value !== null && "type" in value && !isPlainObject(value);
}

/** What `evaluate` makes inside of lists has no prototype of its own. */
function isPlainObject(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

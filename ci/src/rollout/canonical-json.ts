import { createHash } from "node:crypto";

/**
 * JSON with sorted keys and no white space: equal values give equal bytes, whoever wrote them. Members that are
 * `undefined` are left out, as `JSON.stringify` does. Strings and numbers are written as `JSON.stringify` writes them
 * (RFC 8785 asks for the same), except that keys sort by UTF-16 units as well.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let members = "";
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields).sort()) {
    const member = fields[key];
    if (member !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** SHA-256 of the text's UTF-8 bytes, 64 lower case hex digits. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A short name for a value's content: 32 hex digits, so that it fits into a Kubernetes label. */
export function contentName(value: unknown): string {
  return sha256Hex(canonicalJson(value)).slice(0, 32);
}

const MAX_SHOWN = 60;

/** A name as it is, or between quotes when it is empty or holds what a line of a report may not. */
export function showName(name: string): string {
  return /^[^\s"\p{C}]{1,60}$/u.test(name) ? name : showValue(name);
}

/** A value as it is shown in a message, never longer than a line. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null)
    return Object.keys(value).length === 0 ? "an empty mapping" : "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : String(value);
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  // What would end the line, or move a terminal.
  return shown.replaceAll(/[\p{C}\u2028\u2029]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The members of an object that nobody has read yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value's members; none when it is no object. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The value's entries; none when it is no list. */
export function entries(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

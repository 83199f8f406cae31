export interface Entry {
  name: string;
  text: string;
}

export interface Entries {
  add(entry: Entry): Promise<Entry & { id: number }>;
  list(): Promise<(Entry & { id: number })[]>;
}

/** The entry, or what is wrong with it. */
export function checkEntry(body: unknown): Entry | string {
  const { name, text } = (body ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || name.trim() === "") return "name is missing";
  if (typeof text !== "string" || text.trim() === "") return "text is missing";
  if (text.length > 500) return "text is longer than 500 characters";
  return { name: name.trim(), text: text.trim() };
}

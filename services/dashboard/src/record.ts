import type { z } from "zod";

/** A record by its schema; `undefined` when it is something else. */
export function readRecord<T extends z.ZodType>(schema: T, value: Buffer | null): z.output<T> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(value?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

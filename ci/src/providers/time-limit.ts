import type { Job } from "./pipeline.ts";

/** The call of a job that ends at its limit, for systems in whose files no job can have one. */
export function limited({ minutes }: Pick<Job, "minutes">, command: string): string {
  // In seconds, and by short options: Alpine's small `timeout` knows no others.
  return `timeout -k 60 ${minutes * 60} ${command}`;
}

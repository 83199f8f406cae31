import type { Exit } from "../run/container.ts";

/** The words of the real engine for a process that ended badly, and what there is to know when it was for want of memory. */
export function exitText({ code, outOfMemory }: Exit): string {
  const why = outOfMemory === undefined ? "" : `: cannot allocate memory (${explanations[outOfMemory]})`;
  return `exit code: ${code}${why}`;
}

const explanations = {
  containers: "the containers used up what SLIPWAY_MEMORY allows, by default nine tenths of this machine's memory",
  machine: "this machine had no memory left",
  perhaps: "most likely: the kernel ended a process of this machine for that reason while it ran",
} as const;

import type { Action } from "./action.ts";
import type { Ended } from "./ended.ts";
import type { Release } from "./release.ts";

/** What is waited for. `smoke`, `probe` and `bake` ask the caller to measure and to come back with evidence. */
export type Awaited = "lease" | "jobs" | "pods" | "smoke" | "endpoints" | "probe" | "bake";

export type Step =
  | { readonly kind: "act"; readonly action: Action }
  | {
      readonly kind: "wait";
      readonly for: Awaited;
      readonly detail: string;
      /** The release that is waited for, if one is. */
      readonly release: Release | null;
      /** By then something else will be decided; look again at the latest then. */
      readonly untilMs: number;
    }
  | Ended;

export function act(action: Action): Step {
  return { kind: "act", action };
}

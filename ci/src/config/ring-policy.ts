import { tellAccount } from "../account.ts";
import { ownValue } from "../input/names.ts";
import type { RingPolicy } from "../rollout/policy.ts";
import type { Config } from "./schema.ts";

/** @throws Error with the list of rings when there is none of this name. */
export function findPolicy(config: Config, ring: string): RingPolicy {
  const policy = ownValue(config.rings, ring);
  if (policy !== undefined) return policy;
  const names = Object.keys(config.rings);
  throw new Error(
    tellAccount({
      what: `there is no ring ${JSON.stringify(ring)}; ${names.length === 0 ? "slipway.yaml names none" : `the rings are ${names.join(", ")}`}`,
      where: "rings of slipway.yaml",
      todo: "give one of them, or add it there",
    }),
  );
}

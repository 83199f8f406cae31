import { canonicalJson } from "../canonical-json.ts";
import type { Head, Placement } from "../head.ts";
import { deploymentIn } from "../names.ts";
import type { PlainSeen, Snapshot } from "../snapshot.ts";
import { readEarlier } from "./earlier.ts";

/** Is there anything to go back to of what Deployments were before the release under way, or the live one? */
export function hasEarlier(seen: Snapshot, { before }: Pick<Head, "before">): boolean {
  return Object.values(before ?? {}).some((name) => seen.earlier.get(name)?.hadPods);
}

/** The Deployment with all that was read of it; `undefined` when it is not there. */
export function findPlain(seen: Snapshot, placement: Placement, service: string): PlainSeen | undefined {
  return seen.uncoloured.get(deploymentIn(placement, service));
}

/** Is a Deployment that the release has not changed yet still what was kept of it? The number of its pods may change. */
export function isAsKept(seen: Snapshot, { before }: Head, service: string, there: PlainSeen): boolean {
  const kept = seen.earlier.get(before?.[service] ?? "");
  if (kept === undefined) return false;
  const now = readEarlier(there.object);
  return canonicalJson([kept.spec, kept.notes]) === canonicalJson([now.spec, now.notes]);
}

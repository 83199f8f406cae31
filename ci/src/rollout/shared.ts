import type { Placement } from "./head.ts";
import { contentOf } from "./manifests.ts";
import { type KubeObject, LABEL } from "./objects.ts";
import type { RingPolicy } from "./policy.ts";
import { keyOfObject } from "./reads.ts";
import type { Snapshot } from "./snapshot.ts";

/** Objects of the whole ring that are not as the manifests have them. */
export interface Stale {
  /** Nobody who serves knows them yet: new ones, and those of the candidate's colour. */
  readonly early: readonly KubeObject[];
  /** What serves lives with them as they are: they wait until the candidate has passed its bake. */
  readonly late: readonly KubeObject[];
}

/**
 * Sorts the shared objects that have to be written by when that may be. A release that is refused has changed nothing
 * then that the live one uses, such as a NetworkPolicy, a broker or an account.
 */
export function sortStale(
  base: readonly KubeObject[],
  seen: Snapshot,
  at: { readonly live: Placement | null; readonly want: Placement; readonly strategy: RingPolicy["strategy"] },
): Stale {
  const stale = base.filter((object) => seen.objects.get(keyOfObject(object))?.content !== contentOf(object));
  // A CronJob starts pods by itself, and nobody waits for them: those of a release that is refused never run.
  // What is changed in place may have been there, and have used all of it, before Slipway came.
  const isEmpty = at.live === null && at.strategy !== "rolling";
  const isNew = (object: KubeObject) =>
    object.kind !== "CronJob" && (isEmpty || !seen.objects.has(keyOfObject(object)));
  const early = stale.filter((object) => isNew(object) || isOf(object, at.want) === true);
  return { early, late: stale.filter((object) => !early.includes(object) && isOf(object, at.want) === undefined) };
}

/** Whether an object belongs to the placement's colour; `undefined` when it belongs to none. */
function isOf({ metadata: { labels } }: KubeObject, { colours }: Placement): boolean | undefined {
  const colour = labels?.[LABEL.colour];
  const service = labels?.[LABEL.service];
  return colour === undefined || service === undefined ? undefined : colours[service] === colour;
}

/** Says which shared objects wait, for the report of a candidate that may have missed them; nothing when none does. */
export function tellWaiting({ late }: Stale): string {
  if (late.length === 0) return "";
  const names = late.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(", ");
  return `\n    what all releases share is left as it is until the bake is over: ${names}`;
}

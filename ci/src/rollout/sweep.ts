import type { Head } from "./head.ts";
import { listDeployments } from "./health.ts";
import { act, type Step } from "./next-step.ts";
import type { KubeObject } from "./objects.ts";
import { keyOf, keyOfObject, listReads } from "./reads.ts";
import { type HeldInput, hasLetGo } from "./request.ts";
import type { CopySeen, Snapshot } from "./snapshot.ts";
import { claimObject, createCopy, deleteCopy } from "./writes.ts";

/**
 * Makes what a colour's pods read, before the pods. A copy that is there already is claimed: a deployer of before that
 * still means to delete it then cannot any more.
 */
export function bringCopies(seen: Snapshot, copies: readonly KubeObject[], epoch: number): Step | undefined {
  for (const copy of copies) {
    const there = seen.copies.get(keyOfObject(copy));
    if (there === undefined) return act(createCopy(copy, epoch));
    if ((there.epoch ?? 0) < epoch) return act(claimObject(there.kind, there.name, there, epoch));
  }
  return undefined;
}

/** Deletes one copy that no colour and no way back reads. For when the ring has come to rest. */
export function sweepCopies(input: HeldInput, head: Head): Step | undefined {
  if (hasLetGo(input)) return undefined;
  const orphan = listOrphans(input.seen, head)[0];
  return orphan === undefined ? undefined : act(deleteCopy(orphan));
}

/** Copies that nothing reads, by name. */
function listOrphans(seen: Snapshot, head: Head): CopySeen[] {
  const kept = new Set<string>();
  const keep = (name: string) => {
    for (const key of seen.deployments.get(name)?.reads ?? []) kept.add(key);
  };
  for (const placement of [head.live, head.want, head.prev, head.rollback?.to ?? null])
    for (const name of listDeployments(placement)) keep(name);
  for (const name of Object.values(head.before ?? {})) {
    kept.add(keyOf({ kind: "ConfigMap", name }));
    for (const read of listReads(seen.earlier.get(name)?.spec)) kept.add(keyOf(read));
  }
  // Somebody may have scaled up what is in no record.
  for (const { replicas, reads } of [...seen.deployments.values(), ...seen.uncoloured.values()])
    if (replicas > 0) for (const key of reads) kept.add(key);
  return [...seen.copies]
    .filter(([key]) => !kept.has(key))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, copy]) => copy);
}

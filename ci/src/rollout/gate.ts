import type { Head, Placement } from "./head.ts";
import { countRestarts, findFailures, listUnserved, tellFailures } from "./health.ts";
import { isPlain } from "./names.ts";
import type { RingPolicy } from "./policy.ts";
import type { Snapshot } from "./snapshot.ts";
import { judgeTraffic, type Traffic } from "./traffic.ts";

/** The result of asking a release something, by the one who carries out the steps. */
export interface Check {
  /** Id of the release that was asked. */
  readonly release: string;
  readonly atMs: number;
  readonly ok: boolean;
  readonly detail: string;
}

/** What was measured outside the cluster's API. Nothing of it is remembered: a new process measures again. */
export interface Evidence {
  /** The candidate asked through the Services of its colour, before the switch. */
  readonly smoke?: Check;
  /** The release asked through the live Services, after the switch. */
  readonly probe?: Check;
  /** The requests to the release, during the bake. */
  readonly traffic?: Traffic;
}

/** The check, if it is about this release and from this phase. */
export function findCheck(check: Check | undefined, head: Head, placement: Placement): Check | undefined {
  if (check === undefined || check.release !== placement.release.id) return undefined;
  return check.atMs >= Date.parse(head.since) ? check : undefined;
}

/** The traffic, if it is this release's. */
export function findTraffic({ traffic }: Evidence, { release }: Pick<Placement, "release">): Traffic | undefined {
  return traffic?.release === release.id ? traffic : undefined;
}

/** Why the release that has just got the traffic must give it back, or `undefined` while nothing speaks against it. */
export function judgeBake(
  head: Head,
  placement: Placement,
  at: { readonly seen: Snapshot; readonly policy: RingPolicy; readonly evidence: Evidence },
): string | undefined {
  const { seen, policy, evidence } = at;
  const whose = isPlain(placement) ? "release" : "new colour";
  const failures = findFailures(seen, placement, policy);
  if (failures.length > 0) return `pods of the ${whose} fail:\n    ${tellFailures(failures)}`;
  const unserved = listUnserved(seen, placement);
  if (unserved.length > 0) return `no pod of the ${whose} is ready: ${unserved.join(", ")}`;
  const restarts = countRestarts(seen, placement);
  if (restarts > policy.gate.maxRestarts)
    return `pods of the ${whose} restarted ${restarts} times, ${policy.gate.maxRestarts} are allowed`;
  const probe = findCheck(evidence.probe, head, placement);
  if (probe !== undefined && !probe.ok) return `the release does not answer as it should: ${probe.detail}`;
  const traffic = findTraffic(evidence, placement);
  return traffic === undefined ? undefined : judgeTraffic(traffic, policy.gate);
}

import { findRing, type Ring } from "../config/find-ring.ts";
import type { Commits } from "../git/commits.ts";
import { readManifests } from "../manifests/read.ts";
import { readApprovals } from "../rollout/approval/approvals-file.ts";
import type { LedgerEvent, SignedApproval } from "../rollout/ledger.ts";
import { sortManifests } from "../rollout/manifests.ts";
import type { Release } from "../rollout/release.ts";
import type { DeployRequest } from "../rollout/request.ts";
import type { Snapshot } from "../rollout/snapshot.ts";
import { requireAttestations } from "./attestations.ts";
import type { Delivery, Given } from "./delivery.ts";
import { observeRing, readLedger } from "./ring.ts";
import { readSigners } from "./signers.ts";

/** Everything that a deploy is decided from, read once. @throws SlipwayError when a part of it cannot be used */
export async function makeDeploy(
  delivery: Delivery,
  { name: ring, policy }: Ring,
  release: Release,
  { approvals, reason }: Given,
): Promise<DeployRequest> {
  // Before anything is asked of the cluster: what must not come in needs no plan.
  await requireAttestations(delivery, { name: ring, policy }, release);
  const [rendered, seen, source, signers] = await Promise.all([
    delivery.render(ring),
    observeRing(delivery.kubectl, policy.namespace),
    policy.after === null ? undefined : readLedgerOf(delivery, policy.after),
    policy.approvals.quorum === 0 ? undefined : readSigners(delivery),
  ]);
  const signed: SignedApproval[] = approvals === undefined ? [] : readApprovals(approvals);
  return {
    verb: "deploy",
    release,
    manifests: sortManifests(readManifests(rendered, ring, policy), release, ring, policy.deployments, policy.strategy),
    ancestors: await findAncestors(delivery.commits, release, seen),
    approvals: signed,
    ...(signers === undefined ? {} : { signers }),
    ...(policy.after === null || source === undefined ? {} : { source: { ring: policy.after, ledger: source } }),
    reason: reason ?? "",
  };
}

/** The ledger of another ring. @throws SlipwayError when slipway.yaml has none of this name */
export async function readLedgerOf({ settings, kubectl }: Delivery, ring: string): Promise<LedgerEvent[]> {
  return await readLedger(kubectl, findRing(settings, ring).policy.namespace);
}

/** Also those of the ledger: by the time that the ring is free another of them may be live. */
async function findAncestors(commits: Commits, release: Release, { head, ledger }: Snapshot): Promise<string[]> {
  const { live = null, want = null } = head?.record ?? {};
  const known = [live?.release, want?.release, ...ledger.map((event) => event.release)];
  const candidates = new Set(known.flatMap((one) => (one === undefined ? [] : [one.commit])));
  candidates.delete(release.commit);
  if (candidates.size === 0) return [];
  return await commits.findAncestors(release.commit, [...candidates]);
}

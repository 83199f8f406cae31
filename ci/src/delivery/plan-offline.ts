import { SlipwayError } from "../account.ts";
import { findRing } from "../config/find-ring.ts";
import type { RingSettings } from "../config/settings.ts";
import { readManifests } from "../manifests/read.ts";
import { sortManifests } from "../rollout/manifests.ts";
import { reportDeploy } from "../rollout/plan.ts";
import { tellCarried } from "../rollout/policy.ts";
import { type Release, readRelease, tellRelease } from "../rollout/release.ts";
import type { Delivery, Given } from "./delivery.ts";

/** What a plan without a cluster is made from. */
export interface Offline {
  /** A release, or the text of a release file. */
  readonly release: Release | string;
  /** What of the release stands for something that is not known yet, in words; none when there is a release file. */
  readonly placeholders: readonly string[];
}

/**
 * Prints the writes that a deploy would make in a ring whose namespace is there and empty. No cluster is asked, so all
 * that only a cluster could say is taken for granted, and said.
 *
 * @throws SlipwayError when the manifests cannot be used, or approvals are given, which nobody could check here
 */
export async function planOffline(
  { settings, render, now }: Pick<Delivery, "settings" | "render" | "now">,
  ring: string,
  { release: given, placeholders }: Offline,
  { approvals, reason = "" }: Given,
): Promise<string> {
  const { policy } = findRing(settings, ring);
  if (approvals !== undefined) throw cannotJudge();
  const release = typeof given === "string" ? readRelease(given) : given;
  const objects = readManifests(await render(ring), ring, policy);
  const manifests = sortManifests(objects, release, ring, policy.deployments, policy.strategy);
  const request = { verb: "deploy", release, manifests, ancestors: [], approvals: [], reason } as const;
  const free = { ...policy, after: null, approvals: { ...policy.approvals, quorum: 0 } };
  const title = placeholders.length === 0 ? tellRelease(release) : "a release of these files";
  return [
    reportDeploy([], { nowMs: now(), ring, policy: free, request }, title),
    "",
    ...listGranted(policy).map((line) => `taken for granted: ${line}`),
    ...placeholders.map((line) => `placeholder: ${line}`),
    "",
  ].join("\n");
}

/** The text of the release file. @throws SlipwayError when it was left out, which only a plan without a cluster may */
export function requireRelease(text: string | undefined): string {
  if (text !== undefined) return text;
  throw new SlipwayError("bad-arguments", {
    what: "--release is missing",
    where: "plan",
    todo: "give the file that `release -o release.json` writes, or --offline for a plan without it",
  });
}

function listGranted({ namespace, after, approvals: { quorum }, attestations }: RingSettings): string[] {
  const carried = tellCarried(attestations);
  return [
    `no cluster was asked; namespace ${namespace} exists, and has nothing of these services in it`,
    ...(after === null ? [] : [`ring ${after} has verified the release`]),
    ...(carried === undefined ? [] : [`its images carry ${carried}`]),
    ...(quorum === 0 ? [] : [`${quorum} ${quorum === 1 ? "person has" : "people have"} approved it`]),
  ];
}

function cannotJudge(): SlipwayError {
  return new SlipwayError("bad-arguments", {
    what: "--approvals is given together with --offline, which assumes that the release is approved",
    where: "plan",
    todo: "leave one of them out",
  });
}

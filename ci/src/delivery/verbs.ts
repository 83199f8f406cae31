import { SlipwayError } from "../account.ts";
import { findRing } from "../config/find-ring.ts";
import { listObjects } from "../rollout/manifests.ts";
import { reportDeploy } from "../rollout/plan.ts";
import { tellCarried } from "../rollout/policy.ts";
import { readRelease, tellRelease } from "../rollout/release.ts";
import { carryOut } from "./carry-out.ts";
import type { Delivery, Given } from "./delivery.ts";
import { makeDeploy, readLedgerOf } from "./deploy-request.ts";
import { type RingState, tellHistory, tellStatus } from "./reports.ts";
import { listKinds, observeRing, readRingToChange } from "./ring.ts";

/** Brings a release into a ring. @returns the report @throws SlipwayError when it failed. */
export async function deploy(delivery: Delivery, ring: string, releaseText: string, given: Given): Promise<string> {
  const into = findRing(delivery.settings, ring);
  const release = readRelease(releaseText);
  return await carryOut(delivery, into, await makeDeploy(delivery, into, release, given));
}

/** Prints the writes that a deploy would make, and makes none. @throws SlipwayError when it would be refused */
export async function plan(delivery: Delivery, ring: string, releaseText: string, given: Given): Promise<string> {
  const into = findRing(delivery.settings, ring);
  const release = readRelease(releaseText);
  const request = await makeDeploy(delivery, into, release, given);
  const items = await readRingToChange(
    delivery.kubectl,
    into.policy.namespace,
    listKinds(listObjects(request.manifests)),
    into.policy.strategy === "rolling",
  );
  const about = { nowMs: delivery.now(), ring, policy: into.policy, request };
  const carried = tellCarried(into.policy.attestations);
  const looked = carried === undefined ? "" : `its images carry ${carried}\n`;
  return `${reportDeploy(items, about, tellRelease(release))}\n${looked}`;
}

/** Moves the traffic back to the release before, or takes down the one under way. */
export async function rollback(delivery: Delivery, ring: string, reason: string | undefined): Promise<string> {
  return await carryOut(delivery, findRing(delivery.settings, ring), {
    verb: "rollback",
    reason: reason ?? "called by a person",
  });
}

/** Nothing moves in the ring until it is thawed. */
export async function freeze(delivery: Delivery, ring: string, reason: string): Promise<string> {
  return await carryOut(delivery, findRing(delivery.settings, ring), { verb: "freeze", reason });
}

export async function thaw(delivery: Delivery, ring: string, reason: string): Promise<string> {
  return await carryOut(delivery, findRing(delivery.settings, ring), { verb: "thaw", reason });
}

/**
 * One table of all rings. A ring that cannot be read is said to be so; the others are shown.
 *
 * @throws SlipwayError with the table when none could be read
 */
export async function status({ settings, kubectl, now }: Delivery): Promise<string> {
  const errors: unknown[] = [];
  const states = await Promise.all(
    Object.entries(settings.rings).map(async ([ring, policy]): Promise<RingState> => {
      const { namespace } = policy;
      try {
        return { ring, namespace, policy, seen: await observeRing(kubectl, namespace) };
      } catch (error) {
        errors.push(error);
        return { ring, namespace, policy, seen: { problem: error instanceof Error ? error.message : String(error) } };
      }
    }),
  );
  const report = tellStatus(states, now());
  if (errors.length === 0 || errors.length < states.length) return report;
  const [first] = errors;
  throw first instanceof SlipwayError ? new SlipwayError(first.code, report) : new Error(report);
}

/** The ledger of a ring. */
export async function history(delivery: Delivery, ring: string): Promise<string> {
  return tellHistory(await readLedgerOf(delivery, ring), ring);
}

import { tellAccount } from "../account.ts";
import { refuseAnswer, refuseSilence } from "../cluster/cluster-error.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { Config } from "../config/schema.ts";
import { ownValue } from "../input/names.ts";
import { type LedgerEvent, readEvent } from "../rollout/ledger.ts";
import { LABEL } from "../rollout/objects.ts";
import type { RingPolicy } from "../rollout/policy.ts";
import { observe, type Snapshot } from "../rollout/snapshot.ts";
import { ask, readItems, readRing, readRingWithSecrets } from "./ring-reading.ts";

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

/** @throws ClusterError when the cluster does not answer, or refuses. */
export async function observeRing(kubectl: Kubectl, ring: string): Promise<Snapshot> {
  return observe(itemsOf(await readRing(kubectl, ring, []), ring));
}

/**
 * The objects of a ring, as a verb sees it that may delete what Slipway has made.
 *
 * @throws ClusterError when there is no answer.
 */
export async function readRingToChange(kubectl: Kubectl, ring: string, kinds: readonly string[]) {
  return itemsOf(await readRingWithSecrets(kubectl, ring, kinds), ring);
}

function itemsOf(reading: Awaited<ReturnType<typeof readRing>>, ring: string) {
  if ("items" in reading) return reading.items;
  throw refuseSilence(reading.unanswered, ring);
}

/** The ledger of a ring alone: the account of the next ring may read nothing else there. */
export async function readLedger(kubectl: Kubectl, ring: string): Promise<LedgerEvent[]> {
  const args = ["get", "configmaps", `--namespace=${ring}`, `--selector=${LABEL.record}=event`, "--output=json"];
  const answer = await ask(kubectl, args);
  if (judgeAnswer(answer) !== "done") throw refuseAnswer(answer, "list the ledger of the ring", ring);
  return readItems(answer.stdout)
    .map(({ metadata, ...rest }) => readEvent(metadata.name, readData(rest["data"])))
    .sort((left, right) => left.seq - right.seq);
}

function readData(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("event" in data)) return undefined;
  return typeof data.event === "string" ? data.event : undefined;
}

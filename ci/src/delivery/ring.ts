import { z } from "zod";
import { ask } from "../cluster/ask.ts";
import { refuseAnswer, refuseSilence } from "../cluster/cluster-error.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl, KubectlAnswer } from "../cluster/kubectl.ts";
import { OBSERVED_RESOURCES } from "../rollout/action.ts";
import { listPlacements } from "../rollout/head.ts";
import { type LedgerEvent, readEvent } from "../rollout/ledger.ts";
import { ANNOTATION, type KubeObject, LABEL } from "../rollout/objects.ts";
import { observe } from "../rollout/observe.ts";
import { listJobs, type Release } from "../rollout/release.ts";
import type { Snapshot } from "../rollout/snapshot.ts";

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

const listSchema = z.object({ items: z.array(objectSchema) });

/**
 * The kinds of some objects as `kubectl get` takes them, those left out that are read anyway. A kind is named with its
 * group, because names such as Service exist in several.
 */
export function listKinds(objects: readonly KubeObject[]): string[] {
  const read = new Set([
    "Deployment.apps",
    "Service",
    "Pod",
    "ConfigMap",
    "EndpointSlice.discovery.k8s.io",
    "HorizontalPodAutoscaler.autoscaling",
  ]);
  const kinds = objects.map(({ apiVersion, kind }) => {
    const slash = apiVersion.indexOf("/");
    return slash === -1 ? kind : `${kind}.${apiVersion.slice(0, slash)}`;
  });
  return [...new Set(kinds)].filter((kind) => !read.has(kind)).sort();
}

/**
 * Everything of the ring's namespace that decisions are made from, in one call, or what was said in its place when
 * the cluster cannot be reached or does not work now.
 *
 * @param owners with the owners of fields, which are many; only who takes over what others have made looks at them
 * @throws ClusterError when it can, and refuses.
 */
export async function readRing(
  kubectl: Kubectl,
  namespace: string,
  kinds: readonly string[],
  owners = false,
): Promise<{ readonly items: readonly KubeObject[] } | { readonly unanswered: KubectlAnswer }> {
  const resources = [...OBSERVED_RESOURCES, ...kinds].join(",");
  const args = ["get", resources, `--namespace=${namespace}`, "--output=json"];
  const answer = await ask(kubectl, owners ? [...args, "--show-managed-fields"] : args);
  const outcome = judgeAnswer(answer);
  if (outcome === "unreachable" || outcome === "unavailable") return { unanswered: answer };
  if (outcome !== "done") throw refuseAnswer(answer, "list the objects of the ring", namespace);
  return { items: readItems(answer.stdout) };
}

/**
 * As `readRing`, with the Secrets that Slipway has made where there are any, and with the Jobs where a release has ever had
 * one: only a verb that may delete them needs to see them, and only then an account may have to. What was read beyond
 * `kinds` is among the kinds that are returned, for the next look.
 */
export async function readRingWithMore(
  kubectl: Kubectl,
  namespace: string,
  kinds: readonly string[],
  owners = false,
): Promise<
  { readonly items: readonly KubeObject[]; readonly kinds: readonly string[] } | { readonly unanswered: KubectlAnswer }
> {
  const reading = await readRing(kubectl, namespace, kinds, owners);
  if (!("items" in reading)) return reading;
  const secrets = reading.items.some(({ metadata }) => metadata.annotations?.[ANNOTATION.secrets] !== undefined);
  const { head, ledger } = observeRecords(reading.items);
  const placed = head === null ? [] : listPlacements(head.record);
  const releases = [...placed, ...ledger].map(({ release }) => release);
  const wanted = [...(secrets ? ["Secret"] : []), ...(releases.some(hasJobs) ? [JOBS] : [])];
  const more = wanted.filter((kind) => !kinds.includes(kind));
  if (more.length === 0) return { ...reading, kinds };
  // A Job may be the only one that reads a Secret of ours.
  return await readRingWithMore(kubectl, namespace, [...kinds, ...more], owners);
}

const JOBS = "Job.batch";

function observeRecords(items: readonly KubeObject[]): Pick<Snapshot, "head" | "ledger"> {
  return observe(items.filter(({ kind }) => kind === "ConfigMap"));
}

function hasJobs(release: Release): boolean {
  return listJobs(release).length > 0;
}

/**
 * A ring as reports tell it: with the Jobs of the release under way, if it has any.
 *
 * @throws ClusterError when the cluster does not answer, or refuses.
 */
export async function observeRing(kubectl: Kubectl, namespace: string): Promise<Snapshot> {
  const items = itemsOf(await readRing(kubectl, namespace, []), namespace);
  const want = observeRecords(items).head?.record.want ?? null;
  if (want === null || !hasJobs(want.release)) return observe(items);
  return observe(itemsOf(await readRing(kubectl, namespace, [JOBS]), namespace));
}

/**
 * The objects of a ring, as a verb sees it that may delete what Slipway has made.
 *
 * @throws ClusterError when there is no answer.
 */
export async function readRingToChange(kubectl: Kubectl, namespace: string, kinds: readonly string[], owners: boolean) {
  return itemsOf(await readRingWithMore(kubectl, namespace, kinds, owners), namespace);
}

function itemsOf(reading: Awaited<ReturnType<typeof readRing>>, namespace: string) {
  if ("items" in reading) return reading.items;
  throw refuseSilence(reading.unanswered, namespace);
}

/** The ledger of a ring alone: the account of the next ring may read nothing else there. */
export async function readLedger(kubectl: Kubectl, namespace: string): Promise<LedgerEvent[]> {
  const args = ["get", "configmaps", `--namespace=${namespace}`, `--selector=${LABEL.record}=event`, "--output=json"];
  const answer = await ask(kubectl, args);
  if (judgeAnswer(answer) !== "done") throw refuseAnswer(answer, "list the ledger of the ring", namespace);
  return readItems(answer.stdout)
    .map(({ metadata, ...rest }) => readEvent(metadata.name, readData(rest["data"])))
    .sort((left, right) => left.seq - right.seq);
}

function readData(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("event" in data)) return undefined;
  return typeof data.event === "string" ? data.event : undefined;
}

/** The objects of a list as `kubectl get --output json` prints it. */
export function readItems(text: string): readonly KubeObject[] {
  return listSchema.parse(JSON.parse(text)).items as KubeObject[];
}

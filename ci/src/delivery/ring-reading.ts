import { z } from "zod";
import { refuseAnswer } from "../cluster/cluster-error.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl, KubectlAnswer } from "../cluster/kubectl.ts";
import { OBSERVED_RESOURCES } from "../rollout/action.ts";
import { ANNOTATION, type KubeObject } from "../rollout/objects.ts";

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

const READ_TRIES = 3;
const READ_PAUSE_MS = 1000;

/** How long a call may wait for the API server, in kubectl's own words. */
export const REQUEST_TIMEOUT = "--request-timeout=20s";

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
 * @throws ClusterError when it can, and refuses.
 */
export async function readRing(
  kubectl: Kubectl,
  namespace: string,
  kinds: readonly string[],
): Promise<{ readonly items: readonly KubeObject[] } | { readonly unanswered: KubectlAnswer }> {
  const resources = [...OBSERVED_RESOURCES, ...kinds].join(",");
  const answer = await ask(kubectl, ["get", resources, `--namespace=${namespace}`, "--output=json"]);
  const outcome = judgeAnswer(answer);
  if (outcome === "unreachable" || outcome === "unavailable") return { unanswered: answer };
  if (outcome !== "done") throw refuseAnswer(answer, "list the objects of the ring", namespace);
  return { items: readItems(answer.stdout) };
}

/**
 * As `readRing`, with the Secrets that Slipway has made where there are any: only a verb that may delete them needs to
 * see them, and only where manifests have Secrets an account may.
 */
export async function readRingWithSecrets(
  kubectl: Kubectl,
  namespace: string,
  kinds: readonly string[],
): ReturnType<typeof readRing> {
  const reading = await readRing(kubectl, namespace, kinds);
  if (!("items" in reading) || kinds.includes("Secret")) return reading;
  const made = reading.items.some(({ metadata }) => metadata.annotations?.[ANNOTATION.secrets] !== undefined);
  return made ? await readRing(kubectl, namespace, [...kinds, "Secret"]) : reading;
}

/** Asks again a few times when nobody answers: for reading that is always right. */
export async function ask(kubectl: Kubectl, args: readonly string[]): Promise<KubectlAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await kubectl.run([...args, REQUEST_TIMEOUT]);
    const outcome = judgeAnswer(answer);
    if (tries === READ_TRIES || (outcome !== "unreachable" && outcome !== "unavailable")) return answer;
    await new Promise((resolve) => setTimeout(resolve, READ_PAUSE_MS));
  }
}

/** The objects of a list as `kubectl get --output json` prints it. */
export function readItems(text: string): readonly KubeObject[] {
  return listSchema.parse(JSON.parse(text)).items as KubeObject[];
}

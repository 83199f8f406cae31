/** By this label a ReplicaSet knows its pods; it is the end of its own name, too. */
const HASH_LABEL = "pod-template-hash";

/** The Deployment that has made a pod, by the ReplicaSet in between, which need not be read for it. */
export function findDeploymentOf(pod: {
  readonly labels: Readonly<Record<string, string>>;
  readonly replicaSet: string | undefined;
}): string | undefined {
  const end = `-${pod.labels[HASH_LABEL]}`;
  return pod.replicaSet?.endsWith(end) ? pod.replicaSet.slice(0, -end.length) : undefined;
}

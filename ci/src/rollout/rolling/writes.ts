import { type Action, type PatchOperation, pointerPart } from "../action.ts";
import { contentOf } from "../manifests.ts";
import { ANNOTATION, type KubeObject } from "../objects.ts";
import { type Release, tellRelease } from "../release.ts";
import type { PlainSeen } from "../snapshot.ts";
import { testVersion } from "../writes.ts";
import { type Earlier, NOTES, readEarlier, WRITTEN_FIELDS } from "./earlier.ts";

/**
 * Gives a Deployment the release, in one write that fails when anybody else has written to it since it was read. Not by
 * server-side apply: what `kubectl apply` has made would have to be taken over by a write of its own before.
 *
 * @param replicas for one that has no pods
 */
export function rollDeployment(
  whole: KubeObject,
  seen: PlainSeen,
  by: { readonly epoch: number; readonly release: Release; readonly replicas: number },
): Action {
  const { epoch, release, replicas } = by;
  return {
    purpose: "roll",
    content: contentOf(whole) ?? "",
    summary: `change Deployment ${seen.name} to ${tellRelease(release)}, manifest ${contentOf(whole)?.slice(0, 8)}`,
    ...patchTo(seen, readEarlier(whole), epoch, seen.replicas === 0 ? replicas : undefined),
  };
}

/** Gives a Deployment back what it was before a release. The number of its pods is never lowered, unless it had none. */
export function restoreDeployment(earlier: Earlier, seen: PlainSeen, epoch: number): Action {
  return {
    purpose: "restore",
    content: earlier.notes[ANNOTATION.content] ?? "",
    summary: `change Deployment ${seen.name} back to what it was${earlier.hadPods ? "" : ", without pods"}`,
    ...patchTo(seen, earlier, epoch, earlier.hadPods ? undefined : 0),
  };
}

function patchTo(seen: PlainSeen, { spec, notes }: Earlier, epoch: number, replicas: number | undefined) {
  const now = readEarlier(seen.object);
  const bare = seen.object.metadata.annotations === undefined;
  const noted: Readonly<Record<string, string>> = { ...notes, [ANNOTATION.epoch]: String(epoch) };
  const patch: PatchOperation[] = [
    testVersion(seen.resourceVersion),
    ...(bare ? [{ op: "add", path: "/metadata/annotations", value: {} } as const] : []),
    ...[ANNOTATION.epoch, ...NOTES].flatMap((name) =>
      change(`/metadata/annotations/${pointerPart(name)}`, now.notes[name], noted[name]),
    ),
    ...WRITTEN_FIELDS.flatMap((name) => change(`/spec/${name}`, now.spec[name], spec[name])),
    ...(replicas === undefined ? [] : change("/spec/replicas", seen.replicas, replicas)),
  ];
  return { call: "patch", manager: "slipway", target: { kind: "Deployment", name: seen.name }, patch } as const;
}

function change(path: string, before: unknown, after: unknown): PatchOperation[] {
  if (after !== undefined) return [{ op: "add", path, value: after }];
  return before === undefined ? [] : [{ op: "remove", path }];
}

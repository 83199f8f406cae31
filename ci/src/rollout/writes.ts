import { type Action, type PatchOperation, pointerPart } from "./action.ts";
import type { Ended } from "./ended.ts";
import { type Head, headObject, type Phase, type Placement } from "./head.ts";
import { eventObject, type LedgerEvent } from "./ledger.ts";
import { bareDeployment, contentOf } from "./manifests.ts";
import { colourIn, liveServiceIn, ownServiceIn } from "./names.ts";
import {
  ANNOTATION,
  HEAD_NAME,
  type KubeObject,
  LABEL,
  LEASE_NAME,
  type Manager,
  selectorOf,
  tellTime,
} from "./objects.ts";
import { portsAfterSwitch } from "./ports.ts";
import { keyOfObject } from "./reads.ts";
import { type Release, tellRelease } from "./release.ts";
import type { CopySeen, DeploymentSeen, LeaseSeen, Snapshot } from "./snapshot.ts";

const EPOCH_PATH = `/metadata/annotations/${pointerPart(ANNOTATION.epoch)}`;

/** Takes the ring: who holds the highest epoch is the only one whose writes the cluster still accepts. */
export function acquireLease(
  lease: LeaseSeen | null,
  by: {
    readonly run: string;
    readonly epoch: number;
    readonly seconds: number;
    readonly nowMs: number;
    readonly ring: string;
  },
): Action {
  const now = tellMicroTime(by.nowMs);
  const spec = {
    holderIdentity: by.run,
    leaseTransitions: by.epoch,
    leaseDurationSeconds: by.seconds,
    acquireTime: now,
    renewTime: now,
  };
  const described = {
    purpose: "acquire-lease",
    epoch: by.epoch,
    summary: "take the ring (lease)",
    manager: "slipway",
  } as const;
  if (lease !== null) return { ...described, ...patchLease(lease, [{ op: "replace", path: "/spec", value: spec }]) };
  return {
    ...described,
    call: "create",
    object: {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: LEASE_NAME, labels: { [LABEL.record]: "lease", [LABEL.ring]: by.ring } },
      spec,
    },
  };
}

/** Says that the holder still lives. */
export function renewLease(lease: LeaseSeen, nowMs: number): Action {
  return {
    purpose: "renew-lease",
    summary: "keep the ring (lease)",
    manager: "slipway",
    ...patchLease(lease, [{ op: "replace", path: "/spec/renewTime", value: tellMicroTime(nowMs) }]),
  };
}

/** Lets go of the ring; the epoch stays, so that the next holder's is higher. */
export function releaseLease(lease: LeaseSeen, ending: Ended | null): Action {
  return {
    purpose: "release-lease",
    ending,
    summary: "give up the ring (lease)",
    manager: "slipway",
    ...patchLease(lease, [{ op: "replace", path: "/spec/holderIdentity", value: "" }]),
  };
}

function patchLease({ resourceVersion }: LeaseSeen, operations: readonly PatchOperation[]) {
  return {
    call: "patch",
    target: { kind: "Lease", name: LEASE_NAME },
    patch: [testVersion(resourceVersion), ...operations],
  } as const;
}

/**
 * Writes the ring's record, if nobody else has since it was read.
 *
 * @param happening what the ledger gets for it next, if it gets anything
 */
export function recordHead(
  seen: Snapshot["head"],
  { from, next, happening }: { readonly from: Phase; readonly next: Head; readonly happening: LedgerEvent | null },
): Action {
  const about = happening === null ? "" : ` (${happening.kind} ${tellRelease(happening.release)})`;
  const described = {
    purpose: "record",
    from,
    to: next.phase,
    happening: happening?.kind ?? null,
    release: happening?.release.id ?? null,
    summary:
      from === next.phase && happening === null
        ? `claim the record in ${from}`
        : `record ${from} -> ${next.phase}${about}`,
    manager: "slipway",
  } as const;
  if (seen === null) return { ...described, call: "create", object: headObject(next) };
  return {
    ...described,
    call: "patch",
    target: { kind: "ConfigMap", name: HEAD_NAME },
    patch: [testVersion(seen.resourceVersion), { op: "replace", path: "/data/head", value: JSON.stringify(next) }],
  };
}

export function createEvent(event: LedgerEvent): Action {
  return {
    purpose: "event",
    happening: event.kind,
    release: event.release.id,
    summary: `record: ${event.kind} ${tellRelease(event.release)}`,
    call: "create",
    manager: "slipway",
    object: eventObject(event),
  };
}

/**
 * Applies everything but the services' Deployments. Objects that exist are applied only as they were read.
 *
 * @param force also what others have written: in a ring that was there before Slipway
 */
export function applyBase(objects: readonly KubeObject[], seen: Snapshot, force = false): Action {
  return {
    purpose: "apply-base",
    summary: `apply ${objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(", ")}`,
    call: "apply",
    manager: "slipway",
    force,
    objects: objects.map((object) => atVersion(object, seen.objects.get(keyOfObject(object))?.resourceVersion)),
  };
}

/** Makes a copy of what a colour's pods read. Its name is its content's, so it is never written a second time. */
export function createCopy(copy: KubeObject, epoch: number): Action {
  return {
    purpose: "create-copy",
    summary: `create ${copy.kind} ${copy.metadata.name}`,
    call: "create",
    manager: "slipway",
    object: atEpoch(copy, epoch),
  };
}

/** Deletes a copy that nobody reads any more, unless somebody has claimed it since it was seen. */
export function deleteCopy(copy: CopySeen): Action {
  return { purpose: "delete-copy", ...deleteAsSeen(copy.kind, copy) };
}

/** Deletes an object, unless somebody has written it since it was seen. */
export function deleteAsSeen(
  kind: string,
  { name, resourceVersion }: { readonly name: string; readonly resourceVersion: string },
) {
  return {
    summary: `delete ${kind} ${name}`,
    call: "delete",
    manager: "slipway",
    target: { kind, name },
    resourceVersion,
  } as const;
}

export function createColour(whole: KubeObject, container: string, epoch: number): Action {
  return {
    purpose: "create-colour",
    summary: `create Deployment ${whole.metadata.name} without pods`,
    call: "create",
    manager: "slipway-scale",
    object: bareDeployment(whole, container, epoch),
  };
}

/**
 * Gives a colour its release. The resource version makes a late apply of somebody else fail; taking fields by force is
 * right here because this colour serves nobody and has to be exactly the release.
 */
export function applyColour(whole: KubeObject, seen: DeploymentSeen, release: Release): Action {
  return {
    purpose: "apply-colour",
    summary: `apply Deployment ${whole.metadata.name} at ${tellRelease(release)}, manifest ${contentOf(whole)?.slice(0, 8)}`,
    call: "apply",
    manager: "slipway",
    force: true,
    objects: [atVersion(whole, seen.resourceVersion)],
  };
}

/**
 * Sets the number of pods of one colour, and claims it for the epoch.
 *
 * @param like the Deployment that has as many, if the number is taken from there
 */
export function scaleColour(seen: DeploymentSeen, replicas: number, epoch: number, like?: string): Action {
  const { name } = seen;
  return {
    purpose: "scale",
    replicas,
    ...(like === undefined ? {} : { like }),
    summary: `scale Deployment ${name} to ${replicas}`,
    call: "patch",
    manager: "slipway-scale",
    target: { kind: "Deployment", name },
    patch: [
      guard(seen),
      { op: "test", path: "/spec/replicas", value: seen.replicas },
      claim(epoch),
      { op: "replace", path: "/spec/replicas", value: replicas },
    ],
  };
}

/**
 * Moves the live Service of one service to a placement's colour, and claims it for the epoch: the switch. With the selector go the
 * ports of the colour's own Service, so that a release may listen elsewhere than the one before.
 */
export function switchService(service: string, seen: Snapshot, to: Placement, epoch: number): Action | undefined {
  const name = liveServiceIn(to, service);
  const live = seen.services.get(name);
  if (live === undefined) return undefined;
  const colour = colourIn(to, service);
  const selector = selectorOf(service, colour);
  const ports = portsAfterSwitch(live.ports, seen.services.get(ownServiceIn(to, service))?.ports ?? []);
  const moved: PatchOperation[] = ports === undefined ? [] : [{ op: "replace", path: "/spec/ports", value: ports }];
  return {
    purpose: "switch",
    colour,
    summary: `switch Service ${name} to ${colour}`,
    call: "patch",
    manager: "slipway-switch",
    target: { kind: "Service", name },
    patch:
      live.selector === null
        ? // `test` cannot say "is absent", so the whole object has to be as it was read.
          [
            testVersion(live.resourceVersion),
            claim(epoch),
            { op: "add", path: "/spec/selector", value: selector },
            ...moved,
          ]
        : [
            // The ports may be anybody's: the whole object has to be as it was read, too.
            ports === undefined ? guard(live) : testVersion(live.resourceVersion),
            { op: "test", path: "/spec/selector", value: live.selector },
            claim(epoch),
            { op: "replace", path: "/spec/selector", value: selector },
            ...moved,
          ],
  };
}

/** Marks an object with the epoch: writes of an earlier epoch that are still under way now fail. */
export function claimObject(
  kind: string,
  name: string,
  seen: { readonly epoch: number | null; readonly resourceVersion: string },
  epoch: number,
): Action {
  return {
    purpose: "claim",
    summary: `claim ${kind} ${name}`,
    call: "patch",
    manager: CLAIMERS[kind] ?? "slipway",
    target: { kind, name },
    // The version too, so that a server-side apply under way, which tests nothing else, fails as well.
    patch: [testVersion(seen.resourceVersion), claim(epoch)],
  };
}

/** Who may write the epoch; of the others the manifests' owner. */
const CLAIMERS: Readonly<Record<string, Manager>> = { Service: "slipway-switch", Deployment: "slipway-scale" };

function guard({ epoch, resourceVersion }: { epoch: number | null; resourceVersion: string }): PatchOperation {
  return epoch === null ? testVersion(resourceVersion) : { op: "test", path: EPOCH_PATH, value: String(epoch) };
}

/** Writes the epoch. */
export function claim(epoch: number): PatchOperation {
  return { op: "add", path: EPOCH_PATH, value: String(epoch) };
}

/** The object has to be as it was read. */
export function testVersion(resourceVersion: string): PatchOperation {
  return { op: "test", path: "/metadata/resourceVersion", value: resourceVersion };
}

/** An object to create that carries the epoch. */
export function atEpoch(object: KubeObject, epoch: number): KubeObject {
  const annotations = { ...object.metadata.annotations, [ANNOTATION.epoch]: String(epoch) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** An object to apply: only to the version that was read, if there was one. */
export function atVersion(object: KubeObject, resourceVersion: string | undefined): KubeObject {
  if (resourceVersion === undefined) return object;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

/** Kubernetes' MicroTime insists on six digits. */
function tellMicroTime(ms: number): string {
  return tellTime(ms).replace("Z", "000Z");
}

import { fields } from "../../input/fields.ts";
import { canonicalJson } from "../canonical-json.ts";
import { blocked } from "../ended.ts";
import { namesIn } from "../names.ts";
import type { Step } from "../next-step.ts";
import { keyOfObject } from "../reads.ts";
import { listStaying } from "../release.ts";
import type { DeployRequest, HeldInput } from "../request.ts";
import { WRITTEN_FIELDS } from "./earlier.ts";
import { findOwnersOf } from "./owners.ts";

/** Why what is there cannot be changed in place; `undefined` when it can, or nothing is there. */
export function refuseAdoption(input: HeldInput, request: DeployRequest): Step | undefined {
  return refuseOwned(input, request) ?? refuseOtherSelector(input, request);
}

/** Who puts an object back to what he knows would take the release back, and nobody would have decided it. */
function refuseOwned({ seen, ring }: HeldInput, { release, manifests }: DeployRequest): Step | undefined {
  const ofServices = listStaying(release).flatMap((service) => {
    const there = seen.uncoloured.get(namesIn(manifests, service).deployment);
    if (there === undefined) return [];
    return findOwnersOf(there.object, WRITTEN_FIELDS).keepers.map((who) => `Deployment ${there.name}: ${who}`);
  });
  const shared = manifests.base.flatMap((object) =>
    (seen.objects.get(keyOfObject(object))?.keepers ?? []).map(
      (who) => `${object.kind} ${object.metadata.name}: ${who}`,
    ),
  );
  const owned = [...new Set([...ofServices, ...shared])];
  if (owned.length === 0) return undefined;
  return blocked("drift", {
    what: [`ring ${ring} has objects that another tool manages and would change back:`, ...owned].join("\n    "),
    where: `ring ${ring} (kubectl get -o yaml --show-managed-fields)`,
    todo: "let only one of the two deploy them: remove them from the other first, or add a ring with another namespace",
  });
}

/** A Deployment keeps its selector for ever. */
function refuseOtherSelector({ seen, ring }: HeldInput, { release, manifests }: DeployRequest): Step | undefined {
  const other = listStaying(release).flatMap((service) => {
    const { deployment } = namesIn(manifests, service);
    const there = seen.uncoloured.get(deployment);
    if (there === undefined) return [];
    const [is, wanted] = [there.object, manifests.deployments[service]].map((one) => fields(one?.["spec"])["selector"]);
    return canonicalJson(is ?? null) === canonicalJson(wanted ?? null)
      ? []
      : [
          `Deployment ${deployment} selects ${canonicalJson(is ?? null)}, its manifest ${canonicalJson(wanted ?? null)}`,
        ];
  });
  if (other.length === 0) return undefined;
  return blocked("drift", {
    what: [
      `ring ${ring} has Deployments with another selector than their manifests, which never changes:`,
      ...other,
    ].join("\n    "),
    where: `ring ${ring}, manifests of the ring`,
    todo: "use the existing selector, or delete the Deployment, which causes an outage",
  });
}

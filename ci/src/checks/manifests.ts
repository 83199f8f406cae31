import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import type { RingSettings, Settings } from "../config/settings.ts";
import { readManifests } from "../manifests/read.ts";
import { readsOf, renderManifests } from "../manifests/render.ts";
import { countRules, findProblems, type RingToCheck } from "../manifests/rules.ts";
import type { KubeObject } from "../rollout/objects.ts";
import { type CheckedRing, reportManifests, tellProblems } from "./manifest-report.ts";

/**
 * The manifests of every ring, put together as a deploy does it and held to the rules. Asks no cluster.
 *
 * @throws SlipwayError `bad-manifest` with every problem of every ring; what kustomize said, as it came, when it refuses a ring.
 */
export async function checkManifests({ settings, files }: Checkout): Promise<string> {
  const rings = Object.entries(settings.rings);
  if (rings.length === 0) return "skipped: slipway.yaml names no ring, so there are no manifests to check\n";
  const rendered = await Promise.allSettled(
    rings.map(async ([ring, policy]) => {
      const { manifests, namespace } = policy;
      const source = files({ include: readsOf(manifests), exclude: [] });
      const isThere = manifests.path === "." || (await source.exists(manifests.path));
      return { ring, policy, text: isThere ? await renderManifests(source, manifests, namespace) : undefined };
    }),
  );
  const services = rolledOut(settings.services);
  const checked: CheckedRing[] = [];
  const problems: string[] = [];
  for (const result of rendered) {
    if (result.status === "rejected") continue;
    const { ring, policy, text } = result.value;
    try {
      if (text === undefined) throw lacksManifests(ring, policy);
      checked.push(checkRing(ring, policy, readManifests(text, ring, policy), services));
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      problems.push(error.message);
    }
  }
  const account = tellProblems(checked, problems);
  const refused = rendered.find((result) => result.status === "rejected");
  if (refused !== undefined) {
    if (account !== undefined) console.error(account);
    // As it came: an error of its own would lose the command's output and exit code on the way to the caller.
    throw refused.reason;
  }
  if (account !== undefined) throw new SlipwayError("bad-manifest", account);
  return reportManifests(checked);
}

function checkRing(
  ring: string,
  { namespace, deployments, replicas, idleReplicas, rules, strategy }: RingSettings,
  objects: readonly KubeObject[],
  services: RingToCheck["services"],
): CheckedRing {
  const problems = findProblems({
    ring,
    namespace,
    objects,
    services,
    deployments,
    replicas,
    idleReplicas,
    level: rules,
    strategy,
  });
  return { ring, objects: objects.length, held: countRules(rules), problems };
}

/** What a release brings, and the ports that its services answer at. An image that is made elsewhere is in no release. */
function rolledOut(services: Settings["services"]): RingToCheck["services"] {
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, { kind, port, needs, build }]) =>
      "image" in build ? [] : [[name, { kind, needs, ...(port === undefined ? {} : { port }) }]],
    ),
  );
}

function lacksManifests(ring: string, { manifests: { path } }: RingSettings): SlipwayError {
  return new SlipwayError("bad-manifest", {
    what: `ring ${ring} has no manifests: there is no ${path}`,
    where: `rings.${ring} of slipway.yaml`,
    todo: `add ${path}/kustomization.yaml, say where they are (rings.${ring}.manifests), or remove the ring`,
  });
}

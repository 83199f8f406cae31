import { DaggerReferrers, requireLogin } from "../attestations/dagger-referrers.ts";
import type { RegistryAccess } from "../attestations/referrers.ts";
import type { Checkout } from "../checkout/checkout.ts";
import { type Access, DaggerKubectl } from "../cluster/dagger-kubectl.ts";
import { findRing } from "../config/find-ring.ts";
import { DaggerCommits } from "../git/dagger-commits.ts";
import { readsOf, renderManifests } from "../manifests/render.ts";
import type { Delivery } from "./delivery.ts";

/**
 * What the verbs work with when they run in an engine. A mistyped one of the `rings` is named before anything of the cluster.
 *
 * @throws SlipwayError `no-such-ring`
 * @throws SlipwayError `bad-arguments` when it is not clear which cluster is meant, or who is to ask the registry
 */
export async function openDelivery(
  checkout: Checkout,
  rings: readonly string[],
  access: Access,
  registry: RegistryAccess,
): Promise<Delivery> {
  for (const ring of rings) findRing(checkout.settings, ring);
  const [kubectl] = await Promise.all([DaggerKubectl.connect(access), requireLogin(registry)]);
  return { ...openOffline(checkout), kubectl, referrers: new DaggerReferrers(registry) };
}

/** The same without a cluster and a registry. */
export function openOffline({ settings, files, commits }: Checkout): Omit<Delivery, "kubectl" | "referrers"> {
  return {
    settings,
    // Git is not started for a verb that asks nothing about commits.
    commits: {
      findAncestors: (...asked) => new DaggerCommits(commits()).findAncestors(...asked),
      readFile: (...asked) => new DaggerCommits(commits()).readFile(...asked),
    },
    render: async (ring) => {
      const { manifests, namespace } = findRing(settings, ring).policy;
      return await renderManifests(files({ include: readsOf(manifests), exclude: [] }), manifests, namespace);
    },
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    say: (line) => console.log(line),
  };
}

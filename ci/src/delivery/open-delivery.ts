import type { Checkout } from "../checkout/checkout.ts";
import { type Access, DaggerKubectl } from "../cluster/dagger-kubectl.ts";
import { findRing } from "../config/find-ring.ts";
import { DaggerCommits } from "../git/dagger-commits.ts";
import { readsOf, renderManifests } from "../manifests/render.ts";
import type { Delivery } from "./delivery.ts";

/**
 * What the verbs work with when they run in an engine.
 *
 * @throws SlipwayError `bad-arguments` when it is not clear which cluster is meant
 */
export async function openDelivery(checkout: Checkout, access: Access): Promise<Delivery> {
  const kubectl = await DaggerKubectl.connect(access);
  return { ...openOffline(checkout), kubectl };
}

/** The same without a cluster. */
export function openOffline({ settings, files, commits }: Checkout): Omit<Delivery, "kubectl"> {
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

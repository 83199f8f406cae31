import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import type { RingSettings, Settings } from "../config/settings.ts";
import { readManifests } from "../manifests/read.ts";
import { readsOf, renderManifests } from "../manifests/render.ts";
import { countRules, findProblems } from "../manifests/rules.ts";
import type { KubeObject } from "../rollout/objects.ts";
import { type CheckedRing, reportManifests, tellProblems } from "./manifest-report.ts";

/**
 * The manifests of every ring, put together as a deploy does it and held to the rules. Asks no cluster.
 *
 * @throws SlipwayError `bad-manifest` with every problem of every ring; what kustomize said, as it came, when it refuses a ring.
 */
export async function checkManifests({ settings, files }: Checkout): Promise<string> {
  const rings = Object.entries(settings.rings);
  if (rings.length === 0) return "skipped: slipway.yaml names no ring, so that there are no manifests to check\n";
  const rendered = await Promise.allSettled(
    rings.map(async ([ring, { manifests }]) => {
      const source = files({ include: readsOf(manifests), exclude: [] });
      const isThere = manifests.path === "." || (await source.exists(manifests.path));
      return { ring, text: isThere ? await renderManifests(source, manifests) : undefined };
    }),
  );
  const checked: CheckedRing[] = [];
  const problems: string[] = [];
  for (const result of rendered) {
    if (result.status === "rejected") continue;
    const { ring, text } = result.value;
    try {
      checked.push(
        checkRing(settings, ring, text === undefined ? lacksManifests(settings, ring) : readManifests(text, ring)),
      );
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

function checkRing({ services, rings }: Settings, ring: string, objects: readonly KubeObject[]): CheckedRing {
  const { replicas, idleReplicas, rules } = ringIn(rings, ring);
  return {
    ring,
    objects: objects.length,
    held: countRules(rules),
    problems: findProblems({ ring, objects, services: rolledOut(services), replicas, idleReplicas, level: rules }),
  };
}

/** The services that a release rolls out, with the ports that they answer at. */
function rolledOut(services: Settings["services"]) {
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, { port, needs }]) =>
      port === undefined ? [] : [[name, { port, needs }]],
    ),
  );
}

function ringIn(rings: Settings["rings"], ring: string): RingSettings {
  const settings = rings[ring];
  if (settings === undefined) throw new Error(`ring ${ring} is not in slipway.yaml`);
  return settings;
}

function lacksManifests({ rings }: Settings, ring: string): never {
  const { path } = ringIn(rings, ring).manifests;
  throw new SlipwayError("bad-manifest", {
    what: `ring ${ring} has no manifests: there is no ${path}`,
    where: `rings.${ring} of slipway.yaml`,
    todo: `add ${path}/kustomization.yaml, say where they are (rings.${ring}.manifests), or take the ring out`,
  });
}

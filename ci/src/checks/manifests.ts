import { type Directory, dag } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Config } from "../config/schema.ts";
import { readManifests } from "../manifests/read.ts";
import { renderManifests } from "../manifests/render.ts";
import { findProblems } from "../manifests/rules.ts";
import type { KubeObject } from "../rollout/objects.ts";
import { type CheckedRing, compareFolders, reportManifests, tellProblems } from "./manifest-report.ts";

/** Folder of the manifests, below the root of the repository. */
const FOLDER = "manifests";

/**
 * The manifests of every ring, put together as a deploy does it and held to the rules. Asks no cluster.
 *
 * @param source the root of the repository, of which only `manifests` is read.
 * @throws SlipwayError `bad-manifest` with every problem of every ring; what kustomize said, as it came, when it refuses a ring.
 */
export async function manifests(config: Config, source: Directory): Promise<string> {
  const folder = (await source.entries()).includes(`${FOLDER}/`) ? source.directory(FOLDER) : dag.directory();
  const entries = await folder.entries();
  const folders = entries.filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1));
  const { both, problems } = compareFolders(Object.keys(config.rings), folders);
  const rendered = await Promise.allSettled(
    both.map(async (ring) => [ring, await renderManifests(folder, ring)] as const),
  );
  const checked: CheckedRing[] = [];
  for (const result of rendered) {
    if (result.status === "rejected") continue;
    const [ring, text] = result.value;
    try {
      checked.push(checkRing(config, ring, readManifests(text, ring)));
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

function checkRing({ services, rings }: Config, ring: string, objects: readonly KubeObject[]): CheckedRing {
  const policy = rings[ring];
  if (policy === undefined) throw new Error(`ring ${ring} is not in slipway.yaml`);
  const { replicas, idleReplicas } = policy;
  return { ring, objects: objects.length, problems: findProblems({ ring, objects, services, replicas, idleReplicas }) };
}

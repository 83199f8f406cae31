import type { Directory } from "@dagger.io/dagger";
import { renderManifests } from "../cluster/dagger-kubectl.ts";
import { readManifests } from "../cluster/render.ts";
import type { Config } from "../config.ts";
import { type CheckedRing, compareFolders, reportManifests, tellProblems } from "./manifest-report.ts";
import { findProblems } from "./manifest-rules.ts";

/** Folder of the manifests, below the root of the repository. */
const FOLDER = "manifests";

/**
 * The manifests of every ring, put together as a deploy does it and held to the rules. Asks no cluster.
 *
 * @param source the root of the repository, of which only `manifests` is read.
 * @throws Error with every problem of every ring; what kustomize said, as it came, when it refuses a ring.
 */
export async function manifests(config: Config, source: Directory): Promise<string> {
  const hasFolder = (await source.entries()).includes(`${FOLDER}/`);
  const folder = hasFolder ? source.directory(FOLDER) : undefined;
  const entries = (await folder?.entries()) ?? [];
  const folders = entries.filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1));
  const { both, problems } = compareFolders(Object.keys(config.rings), folders);
  const results = await Promise.allSettled(
    both.map(async (ring) => await checkRing(config, ring, await renderManifests(source.directory(FOLDER), ring))),
  );
  const checked = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const account = tellProblems(checked, problems);
  const refused = results.find((result) => result.status === "rejected");
  if (refused !== undefined) {
    if (account !== undefined) console.error(account);
    // As it came: an error of its own would lose the command's output and exit code on the way to the caller.
    throw refused.reason;
  }
  if (account !== undefined) throw new Error(account);
  return reportManifests(checked);
}

function checkRing({ services, rings }: Config, ring: string, rendered: string): CheckedRing {
  const objects = readManifests(rendered, ring);
  const { replicas = 1, idleReplicas = 0 } = rings[ring] ?? {};
  return { ring, objects: objects.length, problems: findProblems({ ring, objects, services, replicas, idleReplicas }) };
}

import type { Directory, File } from "@dagger.io/dagger";
import { type Access, DaggerKubectl } from "../cluster/dagger-kubectl.ts";
import type { Config } from "../config/schema.ts";
import { DaggerCommits } from "../git/dagger-commits.ts";
import { renderManifests } from "../manifests/render.ts";
import type { Delivery } from "./delivery.ts";

/** Files that the verbs read beside the cluster. */
export interface Files {
  /** One folder for each ring. */
  readonly manifests?: Directory | undefined;
  /** The repository's `.git`. */
  readonly commits?: Directory | undefined;
}

/** What the verbs work with when they run in an engine. @throws Error when it is not clear which cluster is meant. */
export async function prepareDelivery(config: Config, access: Access, files: Files = {}): Promise<Delivery> {
  const { manifests, commits } = files;
  const kubectl = await DaggerKubectl.connect(access);
  return {
    config,
    kubectl,
    commits: {
      findAncestors: (...asked) => commitsOf(commits).findAncestors(...asked),
      readFile: (...asked) => commitsOf(commits).readFile(...asked),
    },
    render: async (ring) => {
      if (manifests === undefined) throw new Error("a verb that reads manifests was not given any");
      return await renderManifests(manifests, ring);
    },
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    say: (line) => console.log(line),
  };
}

function commitsOf(commits: Directory | undefined): DaggerCommits {
  if (commits === undefined) throw new Error("a verb that reads commits was not given the repository");
  return new DaggerCommits(commits);
}

/** The text of a file that the caller may leave out. */
export async function readText(file: File | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : await file.contents();
}

import { type Directory, dag } from "@dagger.io/dagger";
import { images } from "../tool-images.ts";

const RENDERED = "/run/slipway/rendered.yaml";

/** What `kubectl kustomize` prints for a folder of the manifests. Asks no cluster, so the engine may remember it. */
export async function renderManifests(manifests: Directory, ring: string): Promise<string> {
  return await dag
    .container()
    .from(images.kubectl)
    .withMountedDirectory("/manifests", manifests)
    // Into a file: as output it would fill the progress of every command that reads manifests.
    .withNewFile(RENDERED, "", { permissions: 0o666 })
    .withExec(["kustomize", `/manifests/${ring}`, "--output", RENDERED], { useEntrypoint: true })
    .file(RENDERED)
    .contents();
}

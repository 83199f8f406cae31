import { type Directory, dag } from "@dagger.io/dagger";
import { images } from "../tool-images.ts";

const RENDERED = "/run/slipway/rendered.yaml";

/** Where the manifests of a ring lie, from the top of the repository, and how they are written. */
export interface Source {
  readonly path: string;
  readonly kind: "kustomize" | "plain" | "helm";
  /** helm: files of values, the last one wins. */
  readonly values: readonly string[];
}

/** The patterns of all that the manifests of a ring are made from. */
export function readsOf({ path, values }: Source): string[] {
  const [top = "."] = path.split("/");
  // What a kustomization is based on lies beside it.
  return [...(top === "." ? ["**"] : [`${top}/**`, path]), ...values];
}

/**
 * The objects of a ring as YAML. Asks no cluster, so the engine may remember it.
 *
 * @param files what `readsOf` names
 * @param namespace the ring's, for charts that ask for it
 */
export async function renderManifests(files: Directory, source: Source, namespace: string): Promise<string> {
  switch (source.kind) {
    case "kustomize":
      return await dag
        .container()
        .from(images.kubectl)
        .withMountedDirectory("/manifests", files)
        // Into a file: as output it would fill the progress of every command that reads manifests.
        .withNewFile(RENDERED, "", { permissions: 0o666 })
        .withExec(["kustomize", `/manifests/${source.path}`, "--output", RENDERED], { useEntrypoint: true })
        .file(RENDERED)
        .contents();
    case "helm":
      return await dag
        .container()
        .from(images.helm)
        .withMountedDirectory("/manifests", files)
        .withExec(
          [
            ...["template", "release", `/manifests/${source.path}`, "--namespace", namespace],
            ...source.values.flatMap((path) => ["--values", `/manifests/${path}`]),
          ],
          { useEntrypoint: true, redirectStdout: RENDERED },
        )
        .file(RENDERED)
        .contents();
    case "plain":
      return await readPlain(files, source.path);
  }
}

/** A file, or all files of a folder and of the folders in it, in the order of their names. */
async function readPlain(files: Directory, path: string): Promise<string> {
  if (/\.(ya?ml|json)$/.test(path)) return await files.file(path).contents();
  const folder = path === "." ? files : files.directory(path);
  const names = (await folder.glob("**/*")).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => folder.file(name).contents()));
  return texts.join("\n---\n");
}

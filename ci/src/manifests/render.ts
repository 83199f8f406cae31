import { type Directory, dag, type File } from "@dagger.io/dagger";
import { SETUP_FILE } from "../input/setup-file.ts";
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
      return await kustomize(files, source.path);
    case "helm":
      return await kustomize(fillNamespace(renderChart(files, source, namespace), namespace), ".");
    case "plain":
      return await readPlain(files, source.path);
  }
}

async function kustomize(files: Directory, path: string): Promise<string> {
  return await dag
    .container()
    .from(images.kubectl)
    .withMountedDirectory("/manifests", files)
    // Into a file: as output it would fill the progress of every command that reads manifests.
    .withNewFile(RENDERED, "", { permissions: 0o666 })
    .withExec(["kustomize", `/manifests/${path}`, "--output", RENDERED], { useEntrypoint: true })
    .file(RENDERED)
    .contents();
}

/** What `helm install` would send, with its hooks, but without its tests and what lies in `crds/`, which is the whole cluster's. */
function renderChart(files: Directory, { path, values }: Source, namespace: string): File {
  return (
    dag
      .container()
      .from(images.helm)
      .withMountedDirectory("/manifests", files)
      // The output makes no folder for itself.
      .withNewFile(RENDERED, "", { permissions: 0o666 })
      .withExec(
        [
          ...["template", "release", `/manifests/${path}`, "--namespace", namespace, "--skip-tests"],
          ...values.flatMap((file) => ["--values", `/manifests/${file}`]),
        ],
        { useEntrypoint: true, redirectStdout: RENDERED },
      )
      .file(RENDERED)
  );
}

/** Helm gives objects that name no namespace to the release's, without writing it down. Who names one keeps it. */
function fillNamespace(rendered: File, namespace: string): Directory {
  const transformer = {
    apiVersion: "builtin",
    kind: "NamespaceTransformer",
    metadata: { name: "release", namespace },
    setRoleBindingSubjects: "none",
    unsetOnly: true,
  };
  const kustomization = { resources: ["rendered.yaml"], transformers: [JSON.stringify(transformer)] };
  return dag
    .directory()
    .withFile("rendered.yaml", rendered)
    .withNewFile("kustomization.yaml", JSON.stringify(kustomization));
}

/** A file, or all files of a folder and of the folders in it, in the order of their names. */
async function readPlain(files: Directory, path: string): Promise<string> {
  if (/\.(ya?ml|json)$/.test(path)) return await files.file(path).contents();
  // What an administrator applies is no part of a release, also where the ring is a folder around it.
  const own = files.filter({ exclude: [SETUP_FILE] });
  const folder = path === "." ? own : own.directory(path);
  const names = (await folder.glob("**/*")).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => folder.file(name).contents()));
  return texts.join("\n---\n");
}

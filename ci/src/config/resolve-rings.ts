import { about } from "../input/problems.ts";
import { hasFile, isThere, pathIn } from "../repository/outline.ts";
import type { Scene } from "./scene.ts";
import type { RingSettings } from "./settings.ts";

type Written = Scene["file"]["rings"][string];
type Manifests = RingSettings["manifests"];

const KUSTOMIZATIONS = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Where `init` writes what all rings have in common, and what an administrator applies for them. */
const SHARED_FOLDERS = ["manifests/base", "manifests/setup"];

/** Rings by name, in the order of the file. */
export function resolveRings(scene: Scene): Record<string, RingSettings> {
  return Object.fromEntries(
    Object.entries(scene.file.rings).map(([ring, { manifests, namespace, deployments, cluster, ...rules }]) => [
      ring,
      {
        manifests: resolveManifests(scene, ring, manifests),
        namespace: namespace ?? ring,
        deployments: deployments ?? {},
        ...(cluster === undefined ? {} : { cluster }),
        ...rules,
      },
    ]),
  );
}

function resolveManifests(scene: Scene, ring: string, written: Written["manifests"]): Manifests {
  const { decisions, outline, problems } = scene;
  const at = ["rings", ring, "manifests"];
  const given = typeof written === "string" ? { path: written } : (written ?? {});
  const usual = `manifests/${ring}`;
  const found = findFolders(scene, ring);
  if (given.path === undefined && !isThere(outline, usual) && found.length > 1)
    problems.push(about(at, `is missing; several folders could be meant: ${found.join(", ")}`));
  const path =
    decisions.decide(
      [...at, "path"],
      given.path,
      isThere(outline, usual) ? { value: usual, from: `default: a folder ${usual}` } : undefined,
      found[0] === undefined ? undefined : { value: found[0], from: "the one folder of its name with a kustomization" },
      { value: usual, from: "default" },
    ) ?? usual;
  if (given.path === undefined && SHARED_FOLDERS.includes(path))
    problems.push(
      about(
        at,
        `cannot be ${path}: what the rings share is there; give the ring another name, or say where its manifests are`,
      ),
    );
  const has = (names: readonly string[]) => names.find((name) => hasFile(outline, pathIn(path, name)));
  const [kustomization, chart] = [has(KUSTOMIZATIONS), has(["Chart.yaml"])];
  const kind =
    decisions.decide<Manifests["kind"]>(
      [...at, "kind"],
      given.kind,
      kustomization === undefined ? undefined : { value: "kustomize", from: pathIn(path, kustomization) },
      chart === undefined ? undefined : { value: "helm", from: pathIn(path, chart) },
      isThere(outline, path)
        ? { value: "plain", from: "default: no kustomization.yaml and no Chart.yaml there" }
        : { value: "kustomize", from: "default" },
    ) ?? "kustomize";
  return { path, kind, values: given.values ?? [] };
}

/** Folders of a ring's name that kustomize would take, anywhere in the repository. */
function findFolders({ outline }: Scene, ring: string): string[] {
  return outline.paths.flatMap((path) => {
    const [file = "", folder = "", ...above] = path.split("/").reverse();
    if (folder !== ring || !KUSTOMIZATIONS.includes(file)) return [];
    return [[...above.reverse(), folder].join("/")];
  });
}

import { basename, dirname } from "node:path/posix";
import { parse, parseAllDocuments } from "yaml";
import { toName } from "../config/found-name.ts";
import { isNamespace } from "../config/ring-schema.ts";
import { fields } from "../input/fields.ts";
import { SETUP_FILE } from "../input/setup-file.ts";
import type { Found } from "../languages/language.ts";
import { isBelow, type Outline, pathBelow } from "../repository/outline.ts";

/** A ring as slipway.yaml names it; what is left out is as Slipway takes it by itself. */
export interface ProposedRing {
  readonly name: string;
  readonly namespace?: string;
  readonly manifests?: {
    readonly path: string;
    readonly kind: "kustomize" | "plain" | "helm";
    readonly values?: readonly string[];
  };
}

/** Names of rings in the order in which releases go through them; others come before production. */
const ORDER = [
  "dev",
  "development",
  "test",
  "testing",
  "integration",
  "qa",
  "uat",
  "canary",
  "staging",
  "stage",
  "preprod",
];
const LAST = ["prod", "production", "live"];

/** Folders that overlays share. */
const SHARED = /^(?:base|bases|common|components?|setup|shared|crds?)$/;

/** Folders in which people keep plain manifests. */
const PLAIN = [
  "k8s",
  ".k8s",
  "kubernetes",
  "kube",
  "k8s-manifests",
  "k8s-specifications",
  "kubernetes-manifests",
  "manifests",
  "deploy/k8s",
  "deploy/kubernetes",
  "deploy",
  "deployment",
];

/** The rings that the repository has manifests for already, in order; none when it has no manifests. */
export function findRings(outline: Outline): Found<readonly ProposedRing[]> | undefined {
  return findOverlays(outline) ?? findChart(outline) ?? findPlain(outline);
}

/** The plain manifests that rings are found by, where nothing else says what they are: their texts have the namespaces. */
export function listPlainManifests(outline: Outline): string[] {
  if (findOverlays(outline) !== undefined || findChart(outline) !== undefined) return [];
  return findPlainFolder(outline)?.files ?? [];
}

/** What `init` proposes where there are no manifests. */
export const NEW_RINGS: readonly ProposedRing[] = [{ name: "canary" }, { name: "production" }];

function findOverlays(outline: Outline): Found<readonly ProposedRing[]> | undefined {
  const folders = outline.paths.flatMap((file) =>
    KUSTOMIZATION.test(basename(file)) && !isTest(dirname(file)) ? [{ folder: dirname(file), file }] : [],
  );
  const own = folders.filter(({ folder }) => !folder.split("/").some((part) => SHARED.test(part)));
  const overlays = own.filter((one) => isOverlay(one, own));
  if (overlays.length === 0) return findOneKustomization(own);
  const inTurn = [...overlays].sort((left, right) => compare(basename(left.folder), basename(right.folder)));
  const rings = inTurn.map(({ folder, file }): ProposedRing => {
    const name = toName(basename(folder));
    const { namespace } = fields(readYaml(outline, file));
    return { name, ...elsewhere(name, namespace), manifests: { path: folder, kind: "kustomize" } };
  });
  return { value: withoutTwins(rings), from: overlays.map(({ file }) => file).join(", ") };
}

/** Two rings have neither a name nor a namespace in common: the first one counts. */
function withoutTwins(rings: readonly ProposedRing[]): ProposedRing[] {
  const namespaceOf = ({ name, namespace = name }: ProposedRing) => namespace;
  const isFirst = (ring: ProposedRing, place: number) =>
    rings.findIndex((one) => one.name === ring.name || namespaceOf(one) === namespaceOf(ring)) === place;
  return rings.filter((ring, place) => ring.name !== "" && isFirst(ring, place));
}

/** A namespace that is not called like the ring. */
function elsewhere(name: string, namespace: unknown): Pick<ProposedRing, "namespace"> {
  return isNamespace(namespace) && namespace !== name ? { namespace } : {};
}

const KUSTOMIZATION = /^(?:kustomization\.ya?ml|Kustomization)$/;

/** Folders whose folders are rings, as people call them. */
const OVERLAYS = /^(?:overlays?|environments?|envs?|clusters?|stages?|rings?)$/;

interface Kustomization {
  readonly folder: string;
  readonly file: string;
}

/** A folder is a ring by its name, by that of the folder around it, or because another ring's lies beside it. */
function isOverlay({ folder }: Kustomization, all: readonly Kustomization[]): boolean {
  const around = dirname(folder);
  const isBeside = (other: Kustomization) => other.folder !== folder && dirname(other.folder) === around;
  return (
    [...ORDER, ...LAST].includes(basename(folder)) ||
    OVERLAYS.test(basename(around)) ||
    (around !== "." && all.some(isBeside) && !all.some((one) => one.folder === around))
  );
}

/** One folder for the whole product is what production has; of several the topmost, and of these the first. */
function findOneKustomization(all: readonly Kustomization[]): Found<readonly ProposedRing[]> | undefined {
  const depth = ({ folder }: Kustomization) => (folder === "." ? 0 : folder.split("/").length);
  const [first] = [...all].sort((left, right) => depth(left) - depth(right));
  if (first === undefined) return undefined;
  const manifests = { path: first.folder, kind: "kustomize" } as const;
  return { value: [{ name: "production", manifests }], from: first.file };
}

function findChart(outline: Outline): Found<readonly ProposedRing[]> | undefined {
  const charts = outline.paths.filter((path) => /(?:^|\/)Chart\.yaml$/.test(path) && !isTest(path));
  // A chart below another one is a part of that.
  const [chart, other] = charts.filter(
    (path) => !/(?:^|\/)charts\/[^/]+\/Chart\.yaml$/.test(path) || charts.length === 1,
  );
  if (chart === undefined || other !== undefined) return undefined;
  const path = dirname(chart);
  const named = outline.paths.flatMap((file) => {
    const [, ring] = isBelow(file, path) ? (/^values[-.](.+)\.ya?ml$/.exec(pathBelow(file, path)) ?? []) : [];
    return ring === undefined
      ? []
      : [{ name: toName(ring), manifests: { path, kind: "helm", values: [file] } as const }];
  });
  const rings =
    named.length > 0
      ? inOrder(named)
      : NEW_RINGS.map(({ name }) => ({ name, manifests: { path, kind: "helm" } as const }));
  return { value: rings, from: [chart, ...named.flatMap(({ manifests }) => manifests.values)].join(", ") };
}

function findPlain(outline: Outline): Found<readonly ProposedRing[]> | undefined {
  const found = findPlainFolder(outline);
  if (found === undefined) return undefined;
  const { path, files } = found;
  const folders = [...new Set(files.map((file) => file.slice(path.length + 1)))].flatMap((rest) =>
    rest.includes("/") ? [rest.slice(0, rest.indexOf("/"))] : [],
  );
  const rings = [...new Set(folders)].filter((folder) => !SHARED.test(folder) && toName(folder) !== "");
  const ringOf = (name: string, folder: string): ProposedRing => {
    const own = files.filter((file) => isBelow(file, folder));
    return { name, ...elsewhere(name, findNamespace(outline, own)), manifests: { path: folder, kind: "plain" } };
  };
  const value =
    rings.length > 0 && rings.every((ring) => [...ORDER, ...LAST].includes(ring))
      ? rings.map((ring) => ringOf(toName(ring), `${path}/${ring}`))
      : [ringOf("production", path)];
  return { value: withoutTwins(inOrder(value)), from: `${path}/` };
}

/** The first of the usual folders that has manifests, and these. */
function findPlainFolder({ paths }: Outline): { readonly path: string; readonly files: string[] } | undefined {
  const isManifest = (file: string) => /\.ya?ml$/.test(file) && !/compose[^/]*$/.test(file) && file !== SETUP_FILE;
  const all = PLAIN.map((path) => ({ path, files: paths.filter((file) => isBelow(file, path) && isManifest(file)) }));
  return all.find(({ files }) => files.length > 0);
}

/** The namespace that objects name, when all that name one name the same. */
function findNamespace(outline: Outline, files: readonly string[]): unknown {
  const documents = files
    .filter((file) => outline.told.has(file))
    .flatMap((file) => parseAllDocuments(outline.text(file) ?? "").flatMap((one) => ("getIn" in one ? [one] : [])));
  const named = documents.map((document) => document.getIn(["metadata", "namespace"]));
  const [only, ...others] = new Set(named.filter((namespace) => namespace !== undefined));
  return others.length === 0 ? only : undefined;
}

function isTest(path: string): boolean {
  return /(?:^|\/)(?:tests?|testdata|fixtures?|examples?|node_modules|vendor)\//.test(`${path}/`);
}

function inOrder(rings: readonly ProposedRing[]): ProposedRing[] {
  return [...rings].sort((left, right) => compare(left.name, right.name));
}

/** Which of two names a release comes to first. */
function compare(left: string, right: string): number {
  const rank = (name: string) => {
    if (LAST.includes(name)) return ORDER.length + 1;
    const place = ORDER.indexOf(name);
    return place === -1 ? ORDER.length : place;
  };
  return rank(left) - rank(right) || (left < right ? -1 : 1);
}

/** A file that nobody can read says nothing; whoever renders it will say what is wrong with it. */
function readYaml(outline: Outline, path: string): unknown {
  try {
    return parse(outline.text(path) ?? "");
  } catch {
    return undefined;
  }
}

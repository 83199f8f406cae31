import { basename, dirname, join } from "node:path";
import { readIfThere } from "../store/absent.ts";
import { isThere } from "../store/import.ts";
import { SHARABLE } from "../store/private.ts";
import { isFolder, soundRecord } from "../store/records.ts";
import type { Holding } from "../upkeep/choose.ts";
import { type Holdings, readHoldings } from "../upkeep/holdings.ts";

/** Longer blobs are layers, which are carried as folders; shorter ones say what an image is. */
const LONGEST_BLOB_BYTES = 2 ** 20;

/** Something of a store that is worth carrying to another machine, as a whole or not at all. */
export interface Carried {
  readonly kind: "result" | "image" | "layer" | "volume";
  /** Its place in the pack; absent when it is nothing but its parts. */
  readonly path?: string;
  /** Its file or folder in the store. */
  readonly place: string;
  /** Folders of layers. */
  readonly layers: readonly string[];
  /** Files of manifests and configurations. */
  readonly blobs: readonly string[];
  readonly usedMs: number;
}

/** What a pack is about, and what was left out because it must not leave this machine. */
export interface Selection {
  readonly carried: readonly Carried[];
  readonly privateCount: number;
}

/**
 * What another machine can use of a store, what was used last first: results of this engine with their layers, images, layers that
 * recipes have made, and cache volumes. Nothing that was written down by a process that had read a secret, and nothing that means
 * something on this machine alone: keys, runs, what was seen of its files, what functions returned (their results name objects by ids
 * that the key of this store seals).
 *
 * @param build whose results are carried
 */
export async function selectCarried(
  storeDir: string,
  layerBytes: ReadonlyMap<string, number>,
  build: string,
): Promise<Selection> {
  const holdings = await readHoldings(storeDir, layerBytes);
  const own = join(storeDir, "results", build);
  const results = holdings.results.filter(({ path }) => dirname(dirname(path)) === own);
  const records = [
    ...results.map((holding) => fromRecord("result", `results/${basename(holding.path)}`, holding)),
    ...holdings.images.flatMap(imageRecord),
  ];
  const volumes = sharableVolumes(holdings);
  const carried = [
    ...records.flatMap((found) => (found === "private" || found === undefined ? [] : [found])),
    ...holdings.layers.filter(({ path }) => isImageLayer(basename(path))).map(bareLayer),
    ...volumes,
  ].sort((a, b) => b.usedMs - a.usedMs);
  const hidden = holdings.volumes.length - volumes.length;
  return { carried, privateCount: records.filter((found) => found === "private").length + hidden };
}

/** Layers of images and recipes are named by what they are made of. Those of steps have 14 digits, and without a result nothing leads to them. */
export function isImageLayer(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id);
}

/** @returns undefined for a record that is of no use elsewhere */
function fromRecord(kind: Carried["kind"], path: string, holding: Holding): Carried | "private" | undefined {
  const layers = holding.needs.filter((part) => isFolder(part.path)).map((part) => part.path);
  const record = readIfThere(holding.path);
  if (layers.length === 0 || record === undefined) return undefined;
  const sound = soundRecord(record);
  if (sound === undefined || isOfFunction(sound.value)) return undefined;
  if (sound.isPrivate) return "private";
  const blobs = holding.needs.filter((part) => !isFolder(part.path) && part.bytes <= LONGEST_BLOB_BYTES);
  return {
    kind,
    path,
    place: holding.path,
    layers,
    blobs: blobs.map((part) => part.path),
    usedMs: holding.usedMs,
  };
}

function isOfFunction(value: unknown): boolean {
  return value !== null && typeof value === "object" && "returned" in value;
}

function imageRecord(holding: Holding): (Carried | "private" | undefined)[] {
  const name = basename(holding.path);
  return /^(?:pin|pulled)-[0-9a-f]{32}\.json$/.test(name) ? [fromRecord("image", `images/${name}`, holding)] : [];
}

function bareLayer({ path, usedMs }: Holding): Carried {
  return { kind: "layer", place: path, layers: [path], blobs: [], usedMs };
}

function sharableVolumes({ volumes }: Holdings): Carried[] {
  return volumes
    .filter(({ path }) => isThere("/", join(path, SHARABLE)) && isFolder(join(path, "data")))
    .map(({ path, usedMs }) => ({
      kind: "volume",
      path: `volumes/${basename(path)}`,
      place: join(path, "data"),
      layers: [],
      blobs: [],
      usedMs,
    }));
}

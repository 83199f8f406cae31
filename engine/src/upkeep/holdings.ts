import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readIfThere, unlessAbsent } from "../store/absent.ts";
import { namesIn } from "../store/folders.ts";
import { isFolder } from "../store/records.ts";
import type { Holding, Part } from "./choose.ts";
import { diskUsage } from "./sizes.ts";

/** What lies in a store that nobody has to give up: it is little, or goes by itself. */
export interface Rest {
  /** What was discarded and is not removed yet. */
  readonly discarded: number;
  /** The engine's own program as Node has compiled it, what it completes, its notes, and what a command makes right now. */
  readonly own: number;
}

/** What all but the holdings takes on the disk, in bytes. */
export async function readRest(storeDir: string): Promise<Rest> {
  const held = ["layers", "results", "images", "volumes", "modules", "traces"];
  const names = namesIn(storeDir).filter((name) => !held.includes(name));
  const sizes = await diskUsage(names.map((name) => join(storeDir, name)));
  const bytesOf = (isCounted: (name: string) => boolean) =>
    names.reduce((sum, name, nth) => sum + (isCounted(name) ? (sizes[nth] ?? 0) : 0), 0);
  return { discarded: bytesOf((name) => name === "trash"), own: bytesOf((name) => name !== "trash") };
}

/** What lies in a store, by kind. */
export interface Holdings {
  /** What steps and functions gave, with the layers that this needs. */
  readonly results: readonly Holding[];
  /** Images that were pulled, and layers that were packed for a registry. */
  readonly images: readonly Holding[];
  /** Layers that no result and no image needs, such as those that recipes have made for images nothing ran in yet. */
  readonly layers: readonly Holding[];
  readonly volumes: readonly Holding[];
  /** Modules of git repositories. */
  readonly modules: readonly Holding[];
  /** Packages that recipes have loaded. */
  readonly packages: readonly Holding[];
  /** What the last runs did, to be looked at. */
  readonly runs: readonly Holding[];
}

export function listHoldings(holdings: Holdings): readonly Holding[] {
  return Object.values(holdings).flat();
}

/**
 * Looks at all that a store holds. What a record says is not understood but searched: an id of a layer or a digest of a blob
 * in it is a need, whatever kind of record it is.
 *
 * @param layerBytes what each layer takes, by id
 */
export async function readHoldings(storeDir: string, layerBytes: ReadonlyMap<string, number>): Promise<Holdings> {
  const parts = new Parts(storeDir, layerBytes);
  const results = filesBelow(join(storeDir, "results")).map((path) => recordHolding(path, parts));
  const records = filesBelow(join(storeDir, "images", "records"));
  const images = records.map((path) => recordHolding(path, parts, parts.ownLayer(basename(path))));
  return {
    results,
    images: [...images, ...parts.unneeded("blobs")],
    layers: parts.unneeded("layers"),
    volumes: await folderHoldings(join(storeDir, "volumes")),
    modules: await folderHoldings(join(storeDir, "modules")),
    packages: await folderHoldings(join(storeDir, "images"), ["apt"]),
    runs: filesBelow(join(storeDir, "traces")).map((path) => ({ path, ...statOf(path), needs: [] })),
  };
}

/** Layers and blobs, and which of them something needs. */
class Parts {
  readonly #layers: ReadonlyMap<string, Part>;
  readonly #blobs: ReadonlyMap<string, Part>;
  readonly #needed = new Set<Part>();

  constructor(storeDir: string, layerBytes: ReadonlyMap<string, number>) {
    this.#layers = new Map([...layerBytes].map(([id, bytes]) => [id, { path: join(storeDir, "layers", id), bytes }]));
    this.#blobs = new Map(
      filesBelow(join(storeDir, "images", "blobs")).map((path) => [
        basename(path),
        { path, bytes: statOf(path).bytes },
      ]),
    );
  }

  /** The parts that a text names. A manifest or a configuration that it names is searched as well. */
  namedIn(text: string, found = new Set<Part>()): Set<Part> {
    for (const [word] of text.matchAll(/\b[0-9a-f]{14,64}\b/g)) {
      const layer = this.#layers.get(word.length === 64 ? word.slice(0, 16) : word);
      if (layer !== undefined) found.add(layer);
      const blob = this.#blobs.get(word);
      if (blob === undefined || found.has(blob)) continue;
      found.add(blob);
      if (blob.bytes <= MOST_BYTES_OF_JSON) this.namedIn(readText(blob.path), found);
    }
    return found;
  }

  /** The parts that a text names, but for one: they are needed now. */
  needsOf(text: string, about: Part | undefined): readonly Part[] {
    const needs = [...this.namedIn(text)].filter((part) => part !== about);
    for (const part of needs) this.#needed.add(part);
    return needs;
  }

  /** The layer whose packed blobs a record is about. */
  ownLayer(record: string): Part | undefined {
    return this.#layers.get(/^layer-([0-9a-f]+)\.json$/.exec(record)?.[1] ?? "");
  }

  unneeded(kind: "layers" | "blobs"): readonly Holding[] {
    const all = kind === "layers" ? this.#layers : this.#blobs;
    return [...all.values()]
      .filter((part) => !this.#needed.has(part))
      .map(({ path, bytes }) => ({ path, bytes, usedMs: statOf(path).changedMs, needs: [] }));
  }
}

/** Manifests and configurations are smaller; layers need not be searched. */
const MOST_BYTES_OF_JSON = 2 ** 20;

/** @param about what the record is of no use without, but does not keep */
function recordHolding(path: string, parts: Parts, about?: Part): Holding {
  const { bytes, usedMs } = statOf(path);
  return { path, bytes, usedMs, needs: parts.needsOf(readText(path), about) };
}

async function folderHoldings(dir: string, names = namesIn(dir)): Promise<readonly Holding[]> {
  const paths = names.map((name) => join(dir, name)).filter(isFolder);
  const sizes = paths.length === 0 ? [] : await diskUsage(paths);
  return paths.map((path, nth) => ({ path, bytes: sizes[nth] ?? 0, usedMs: statOf(path).usedMs, needs: [] }));
}

/** Another process may have removed it since. */
function statOf(path: string): { readonly bytes: number; readonly usedMs: number; readonly changedMs: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  return { bytes: (stat?.blocks ?? 0) * 512, usedMs: stat?.mtimeMs ?? 0, changedMs: stat?.ctimeMs ?? 0 };
}

/** Another process may have removed it since. What cannot be read for another reason may be needed: then nothing is given up. */
function readText(path: string): string {
  return readIfThere(path) ?? "";
}

function filesBelow(dir: string): string[] {
  const entries = unlessAbsent(dir, () => readdirSync(dir, { withFileTypes: true, recursive: true })) ?? [];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

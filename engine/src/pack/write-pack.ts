import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { NamedLikeMark, packLayer } from "../image/pack.ts";
import { readIfThere } from "../store/absent.ts";
import { errorCode } from "../store/paths.ts";
import { soundRecord } from "../store/records.ts";
import { wordsIn } from "../store/system-words.ts";
import type { Place, Sizes } from "../upkeep/sizes.ts";
import { takeSoleUse } from "../upkeep/sole-use.ts";
import { aboutHere } from "./about.ts";
import { type Carried, isImageLayer, selectCarried } from "./carried.ts";
import { PackWriter } from "./pack-file.ts";

/** What came into a pack. */
export interface Packed {
  readonly bytes: number;
  readonly counts: Readonly<Record<Carried["kind"], number>>;
  readonly layers: number;
  /** What did not fit. */
  readonly leftOut: number;
  /** What must not leave this machine. */
  readonly privateCount: number;
}

/**
 * Packs what is worth carrying of a store into a file: what was used last first, each with all that it needs.
 *
 * @param mostBytes what the file may have
 * @param build of the engine
 * @throws Error when another command uses the store
 */
export async function writePack(
  file: string,
  { place, sizes, mostBytes, build }: { place: Place; sizes: Sizes; mostBytes: number; build: string },
): Promise<Packed> {
  const release = takeSoleUse(place.storeDir, place.runDir);
  if (release === undefined)
    throw new Error("the store is in use: another command is running\n  to do: wait for it to end, then pack again");
  try {
    const { carried, privateCount } = await selectCarried(place.storeDir, sizes.layers, build);
    const writer = await PackWriter.create(file, mostBytes);
    try {
      const about = Buffer.from(JSON.stringify(aboutHere(build)));
      if (!(await writer.add("pack.json", [about])))
        throw new Error(`nothing fits into ${mostBytes} bytes\n  to do: allow a larger pack, with --keep`);
      const counts = { result: 0, image: 0, layer: 0, volume: 0 };
      let leftOut = 0;
      for (const one of carried) {
        if (await addCarried(writer, one, place.storeDir)) counts[one.kind] += 1;
        else leftOut += 1;
      }
      const entries = await writer.finish();
      const layers = entries.filter(({ path }) => path.startsWith("layers/")).length;
      return { bytes: writer.bytes, counts, layers, leftOut, privateCount };
    } catch (error) {
      await writer.abandon();
      throw tellFullDisk(file, error);
    }
  } finally {
    release();
  }
}

/** Where a pack is written is no place of the store: the error of the system names neither. */
function tellFullDisk(file: string, error: unknown): unknown {
  const code = errorCode(error) ?? "";
  if (!["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) return error;
  const words = wordsIn((error as Error).message) ?? code;
  return new Error(
    `${file} cannot be written: ${words}\n  to do: free some space there, or name a file on another disk`,
    {
      cause: error,
    },
  );
}

/** Adds all of it or nothing. */
async function addCarried(writer: PackWriter, one: Carried, storeDir: string): Promise<boolean> {
  const before = writer.count;
  const isAdded =
    (await addLayers(writer, one, storeDir)) && (await addBlobs(writer, one)) && (await addOwn(writer, one));
  if (!isAdded) writer.takeBack(before);
  return isAdded;
}

async function addLayers(writer: PackWriter, { layers }: Carried, storeDir: string): Promise<boolean> {
  for (const layer of layers) {
    const id = basename(layer);
    if (writer.has(`layers/${id}`)) continue;
    if (!(await addLayer(writer, layer))) return false;
    const record = isImageLayer(id) ? readRecord(join(storeDir, "images", "records", `layer-${id}.json`)) : undefined;
    if (record !== undefined && !(await writer.add(`images/layer-${id}.json`, [record]))) return false;
  }
  return true;
}

async function addLayer(writer: PackWriter, layer: string): Promise<boolean> {
  try {
    return await writer.add(`layers/${basename(layer)}`, packLayer(layer, { withTop: true, plainNames: true }));
  } catch (error) {
    if (error instanceof NamedLikeMark) return false;
    throw error;
  }
}

/** What is known of a layer of an image: its digests, which are no secret. */
function readRecord(path: string): Buffer | undefined {
  const text = readIfThere(path);
  return text === undefined || soundRecord(text) === undefined ? undefined : Buffer.from(text);
}

async function addBlobs(writer: PackWriter, { blobs }: Carried): Promise<boolean> {
  for (const blob of blobs) {
    const path = `blobs/${basename(blob)}`;
    if (!writer.has(path) && !(await writer.add(path, [readFileSync(blob)]))) return false;
  }
  return true;
}

async function addOwn(writer: PackWriter, { kind, path, place }: Carried): Promise<boolean> {
  if (path === undefined) return true;
  if (kind === "volume") return await writer.add(path, packLayer(place, { withTop: true }));
  return await writer.add(path, [readFileSync(place)]);
}

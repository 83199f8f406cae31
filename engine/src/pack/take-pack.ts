import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sha256 } from "../image/oci.ts";
import { unpackArchive, unpackLayer } from "../image/unpack.ts";
import { makeFolders, makePrivateFolder, removeTree } from "../store/folders.ts";
import { SHARABLE } from "../store/private.ts";
import { soundRecord } from "../store/records.ts";
import { noteFullDisk } from "../store/system-words.ts";
import type { Place } from "../upkeep/sizes.ts";
import { type AboutPack, aboutHere, whyNotHere } from "./about.ts";
import { contentOf, type PackEntry, PackProblem, readPack } from "./pack-file.ts";

/** What came out of a pack. */
export interface Taken {
  readonly layers: number;
  readonly results: number;
  readonly images: number;
  readonly volumes: number;
  /** Entries that the store has already. */
  readonly known: number;
  /** Another engine made the results: they are of no use to this one, and not taken. */
  readonly isOfOther: boolean;
}

/** A finished file or folder, and the name that it is to get. */
interface Ready {
  readonly from: string;
  readonly to: string;
}

/**
 * Takes a pack into a store. All of it is read and compared first; then it is unpacked beside the store; and when that has
 * succeeded, everything gets its name, first layers and then what refers to them. What is there already stays.
 *
 * @param build of the engine
 * @throws PackProblem for a file that is no sound pack, or one that this store cannot use
 */
export async function takePack(path: string, place: Place, build: string): Promise<Taken> {
  const file = await open(path, "r");
  const staging = join(place.scratch, `${basename(place.runDir)}`);
  try {
    if (!(await file.stat()).isFile())
      throw new PackProblem(path, "it is not a file", "name the file that store pack wrote");
    const entries = await readPack(path, file);
    const here = aboutHere(build);
    const about = await readAbout(path, file, entries[0]);
    const reason = whyNotHere(about, here);
    if (reason !== undefined)
      throw new PackProblem(path, reason, "remove the file: the cache is filled again by store pack");
    const isOfOther = about.engine !== here.engine;
    const wanted = entries.slice(1).filter((entry) => !isOfOther || isForAnyEngine(entry));
    makePrivateFolder(staging);
    const ready = await stage({ path, file, wanted, staging, place, build });
    for (const { from, to } of ready) await adopt(from, to);
    const count = (start: string) => ready.filter(({ to }) => to.startsWith(join(place.storeDir, start))).length;
    return {
      layers: count("layers/"),
      results: count("results/"),
      images: count("images/records/pulled-"),
      volumes: count("volumes/"),
      known: wanted.length - ready.length,
      isOfOther,
    };
  } finally {
    removeTree(staging);
    await file.close();
  }
}

async function readAbout(path: string, file: FileHandle, first: PackEntry | undefined): Promise<AboutPack> {
  if (first?.path !== "pack.json") throw new PackProblem(path, "it does not begin with pack.json, which describes it");
  try {
    return JSON.parse((await readEntry(file, first)).toString("utf8")) as AboutPack;
  } catch {
    throw new PackProblem(path, "its pack.json is not JSON");
  }
}

/** Images mean the same to every engine, and so do layers that are named by what they are made of. */
function isForAnyEngine({ path }: PackEntry): boolean {
  return /^(?:layers\/[0-9a-f]{16}|blobs\/.*|images\/.*|volumes\/.*)$/.test(path);
}

interface Staging {
  readonly path: string;
  readonly file: FileHandle;
  readonly wanted: readonly PackEntry[];
  readonly staging: string;
  readonly place: Place;
  readonly build: string;
}

/** What parts of a pack are to be, in the order in which they may be named: what something refers to comes before it. */
const ORDER = ["volumes", "layers", "blobs", "images", "results"];

async function stage({ path, file, wanted, staging, place, build }: Staging): Promise<readonly Ready[]> {
  const ready: Ready[] = [];
  const kindOf = (entry: PackEntry) => dirname(entry.path);
  for (const entry of wanted.toSorted((a, b) => ORDER.indexOf(kindOf(a)) - ORDER.indexOf(kindOf(b)))) {
    const to = join(place.storeDir, placeOf(entry.path, build));
    if (existsSync(to)) continue;
    const from = join(staging, entry.path.replaceAll("/", "-"));
    await unpackEntry(path, file, entry, from).catch((error: Error) => {
      if (error instanceof PackProblem) throw error;
      // Now: what is half done goes, and then there is room again.
      throw new Error(`${error.message}${noteFullDisk(place.storeDir)}`, { cause: error });
    });
    ready.push({ from, to });
  }
  return ready;
}

/** Where an entry belongs in the store. */
function placeOf(path: string, build: string): string {
  const name = basename(path);
  switch (dirname(path)) {
    case "results":
      return join("results", build, name.slice(0, 2), name);
    case "images":
      return join("images", "records", name);
    case "blobs":
      return join("images", "blobs", "sha256", name);
    default:
      return path;
  }
}

async function unpackEntry(path: string, file: FileHandle, entry: PackEntry, into: string): Promise<void> {
  const content = contentOf(file, entry);
  switch (dirname(entry.path)) {
    case "layers":
      makeFolders(into, 0o755);
      return await unpackLayer(content, into, []);
    case "volumes":
      makeFolders(join(into, "data"), 0o755);
      await unpackArchive(content, join(into, "data"));
      return writeFileSync(join(into, SHARABLE), "");
  }
  const bytes = await readEntry(file, entry);
  const isRight =
    dirname(entry.path) === "blobs"
      ? sha256(bytes) === `sha256:${basename(entry.path)}`
      : soundRecord(bytes.toString("utf8"))?.isPrivate === false || entry.path.startsWith("images/layer-");
  if (!isRight) throw new PackProblem(path, `its entry ${entry.path} does not have the content that its name promises`);
  writeFileSync(into, bytes);
  chmodSync(into, 0o644);
}

async function readEntry(file: FileHandle, entry: PackEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of contentOf(file, entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Gives a finished part its name. What another command has put there meanwhile counts. */
async function adopt(from: string, to: string): Promise<void> {
  makeFolders(dirname(to));
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    await rm(from, { recursive: true, force: true });
  });
}

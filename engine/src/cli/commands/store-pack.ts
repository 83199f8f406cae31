import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { aboutHere, keyStart } from "../../pack/about.ts";
import { takePack } from "../../pack/take-pack.ts";
import { type Packed, writePack } from "../../pack/write-pack.ts";
import { tellSize } from "../../store/size-text.ts";
import { Sizes } from "../../upkeep/sizes.ts";
import { type Console, writeOut } from "../console.ts";
import { ENGINE_BUILD } from "../engine-build.ts";
import { inStore } from "./in-store.ts";

interface At {
  readonly dir: string;
  readonly console: Console;
  /** Undefined: not said. */
  readonly keep: number | undefined;
}

/** What a pack may have when nobody says it: providers bound their caches, and each job loads it. */
const MOST_BYTES = 2 * 2 ** 30;

/** `store pack`: what is worth carrying, in one file. */
export async function packStore(file: string, { dir, console, keep = MOST_BYTES }: At): Promise<void> {
  const path = resolve(console.cwd, file);
  await inStore(dir, async (place) => {
    const sizes = new Sizes(dir);
    await sizes.measure();
    const packed = await writePack(path, { place, sizes, mostBytes: keep, build: ENGINE_BUILD });
    sizes.save(place);
    await writeOut(console.stdout, tellPacked(file, packed, keep));
  });
}

function tellPacked(file: string, { bytes, counts, layers, leftOut, privateCount }: Packed, most: number): string {
  const { result, image, volume } = counts;
  return [
    `Packed ${tellSize(bytes)} into ${file}: ${count(layers, "layer")}, ${count(result, "result")}, ${count(image, "record of images", "records of images")}, ${count(volume, "cache volume")}.`,
    ...(leftOut === 0 ? [] : [`Left out, because ${tellSize(most)} is the limit: ${leftOut}.`]),
    ...(privateCount === 0 ? [] : [`Left out because a command made it that knew a secret: ${privateCount}.`]),
    "",
  ].join("\n");
}

/** `store unpack`: what is in such a file, into the store. */
export async function unpackStore(file: string, { dir, console }: At): Promise<void> {
  const path = resolve(console.cwd, file);
  await inStore(dir, async (place) => {
    const taken = await takePack(path, place, ENGINE_BUILD);
    const { layers, results, images, volumes, known, isOfOther } = taken;
    const lines = [
      `Unpacked ${file}: ${count(layers, "layer")}, ${count(results, "result")}, ${count(images, "image")}, ${count(volumes, "cache volume")}; ${known} were there already.`,
      ...(isOfOther ? ["Another build of the engine made its results: they are not taken."] : []),
    ];
    await writeOut(console.stdout, `${lines.join("\n")}\n`);
  });
}

/** `store key`: the same text wherever a pack can be used, with a digest of files when there are any. */
export async function storeKey(files: readonly string[], { console }: At): Promise<void> {
  const start = keyStart(aboutHere(ENGINE_BUILD));
  const parts = files.length === 0 ? [start] : [start, digestOfFiles(files, console.cwd)];
  await writeOut(console.stdout, `${parts.join("-")}\n`);
}

/** Of names and contents, in the order of the names. */
function digestOfFiles(files: readonly string[], cwd: string): string {
  const hash = createHash("sha256");
  for (const file of [...new Set(files)].sort()) {
    const content = createHash("sha256")
      .update(readFileSync(resolve(cwd, file)))
      .digest("hex");
    hash.update(`${content} ${file}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

function count(number: number, one: string, more = `${one}s`): string {
  return `${number} ${number === 1 ? one : more}`;
}

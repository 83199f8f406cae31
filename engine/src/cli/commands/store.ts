import { join } from "node:path";
import { makeFolders } from "../../store/folders.ts";
import { readSize, tellSize } from "../../store/size-text.ts";
import { storeDir } from "../../store/system-words.ts";
import type { Holding } from "../../upkeep/choose.ts";
import { type Holdings, type Rest, readHoldings, readRest } from "../../upkeep/holdings.ts";
import { storeLimit } from "../../upkeep/limit.ts";
import { emptyTrash, prune } from "../../upkeep/prune.ts";
import { type Place, Sizes } from "../../upkeep/sizes.ts";
import { readCommand } from "../command-flags.ts";
import { type Console, PROGRAM, writeOut } from "../console.ts";
import { UsageError } from "../errors.ts";
import type { CommonFlags } from "../global-flags.ts";
import { nearestTo } from "../nearest.ts";
import { inStore } from "./in-store.ts";
import { packStore, storeKey, unpackStore } from "./store-pack.ts";

const VERBS = ["key", "pack", "prune", "unpack"] as const;
type Verb = (typeof VERBS)[number];

/**
 * `store` tells what lies in the store; `store prune` removes what was not used for longest until the rest is within the
 * limit, or within `--keep`. `store pack` and `store unpack` carry it to another machine by a file, and `store key` names it.
 *
 * @throws UsageError
 * @throws Error when something runs that uses the store, and it was to be pruned or packed
 */
export async function runStore(
  words: readonly string[],
  { flags, console }: { flags: CommonFlags; console: Console },
): Promise<void> {
  const { options, words: given } = readCommand("store", words, flags);
  const [first, ...more] = given;
  const verb = first === undefined ? undefined : readVerb(first, given);
  if (options.keep !== "" && verb !== "prune" && verb !== "pack")
    throw new UsageError("--keep belongs to store prune and store pack", USAGE);
  const dir = storeDir(console.env);
  makeFolders(join(dir, "layers"));
  const at = { dir, console, keep: options.keep === "" ? undefined : readKeep(options.keep) };
  if (verb === "key") return await storeKey(more, at);
  if (verb === "pack") return await packStore(oneFile(verb, more), at);
  if (verb === "unpack") return await unpackStore(oneFile(verb, more), at);
  if (more.length > 0) throw unknownWords(given);
  const limit = storeLimit(dir, console.env);
  await inStore(dir, async (place) => {
    const sizes = new Sizes(dir);
    await sizes.measure();
    if (verb === "prune") await writeOut(console.stdout, await pruneNow(place, sizes, at.keep ?? limit));
    await writeOut(console.stdout, tellStore(dir, limit, await readHoldings(dir, sizes.layers), await readRest(dir)));
    sizes.save(place);
  });
}

const USAGE = `${PROGRAM} store`;

function readVerb(first: string, given: readonly string[]): Verb {
  const verb = VERBS.find((one) => one === first);
  if (verb === undefined) throw unknownWords(given);
  return verb;
}

function unknownWords(given: readonly string[]): UsageError {
  const said = `unknown command ${JSON.stringify(given.join(" "))} for "${USAGE}"`;
  return new UsageError(said, USAGE, nearestTo(given[0] ?? "", VERBS));
}

function oneFile(verb: Verb, given: readonly string[]): string {
  const [file, ...more] = given;
  if (file !== undefined && file !== "" && more.length === 0) return file;
  throw new UsageError(`store ${verb} takes one file, but ${given.length} were given`, USAGE);
}

function readKeep(text: string): number {
  const bytes = text === "0" ? 0 : readSize(text);
  if (bytes !== undefined) return bytes;
  throw new UsageError(`--keep is ${JSON.stringify(text)}: write a size such as 8g, or 0`, `${PROGRAM} store`);
}

async function pruneNow(place: Place, sizes: Sizes, mostBytes: number): Promise<string> {
  const choice = await prune(place, sizes, mostBytes);
  if (choice === undefined) {
    throw new Error("the store is in use: another command is running\n  to do: wait for it to end, then prune again");
  }
  await emptyTrash(place.storeDir);
  return choice.remove.length === 0 ? "Nothing had to be removed.\n\n" : `Freed ${tellSize(choice.freedBytes)}.\n\n`;
}

const titles: Readonly<Record<keyof Holdings, string>> = {
  results: "results of steps and functions",
  images: "images, and layers packed for registries",
  layers: "layers that no result needs",
  volumes: "cache volumes",
  modules: "modules of git repositories",
  packages: "packages for recipes",
  runs: "the last runs, for slipway trace",
};

function tellStore(dir: string, limit: number, holdings: Holdings, { discarded, own }: Rest): string {
  const counted = new Set<string>();
  const rows = Object.entries(holdings).map(([kind, all]) => {
    const bytes = sizeOf(all, counted);
    return { title: titles[kind as keyof Holdings], count: all.length, bytes };
  });
  const total = rows.reduce((sum, { bytes }) => sum + bytes, discarded + own);
  const most = limit === Number.POSITIVE_INFINITY ? "no limit" : `limit ${tellSize(limit)}`;
  const line = (title: string, count: string, bytes: number) =>
    `  ${title.padEnd(42)}${count.padStart(7)}  ${tellSize(bytes).padStart(9)}`;
  const lines = [
    ...rows.map(({ title, count, bytes }) => line(title, String(count), bytes)),
    line("of the engine itself", "", own),
    ...(discarded === 0 ? [] : [line("discarded, and being removed", "", discarded)]),
  ];
  return `${dir}: ${tellSize(total)} (${most})\n${lines.join("\n")}\n`;
}

/** With all parts that were not counted before. */
function sizeOf(holdings: readonly Holding[], counted: Set<string>): number {
  let bytes = 0;
  for (const holding of holdings) {
    bytes += holding.bytes;
    for (const part of holding.needs) {
      if (!counted.has(part.path)) bytes += part.bytes;
      counted.add(part.path);
    }
  }
  return bytes;
}

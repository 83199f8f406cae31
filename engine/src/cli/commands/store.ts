import { rmSync } from "node:fs";
import { join } from "node:path";
import { RunHost, sweepLeftovers } from "../../run/run-host.ts";
import { makeFolders } from "../../store/folders.ts";
import { readSize, tellSize } from "../../store/size-text.ts";
import { storeDir } from "../../store/system-words.ts";
import type { Holding } from "../../upkeep/choose.ts";
import { type Holdings, readHoldings } from "../../upkeep/holdings.ts";
import { storeLimit } from "../../upkeep/limit.ts";
import { emptyTrash, prune } from "../../upkeep/prune.ts";
import { type Place, Sizes } from "../../upkeep/sizes.ts";
import { waitForPruning } from "../../upkeep/sole-use.ts";
import { readCommand } from "../command-flags.ts";
import { type Console, PROGRAM, writeOut } from "../console.ts";
import { UsageError } from "../errors.ts";
import type { CommonFlags } from "../global-flags.ts";
import { nearestTo } from "../nearest.ts";

/**
 * `store` tells what lies in the store; `store prune` removes what was not used for longest until the rest is within the
 * limit, or within `--keep`.
 *
 * @throws UsageError
 * @throws Error when something runs that uses the store, and it was to be pruned
 */
export async function runStore(
  words: readonly string[],
  { flags, console }: { flags: CommonFlags; console: Console },
): Promise<void> {
  const { options, words: given } = readCommand("store", words, flags);
  const [verb, ...more] = given;
  if (more.length > 0 || (verb !== undefined && verb !== "prune")) {
    throw new UsageError(
      `unknown command ${JSON.stringify(given.join(" "))} for "${PROGRAM} store"`,
      `${PROGRAM} store`,
      nearestTo(verb ?? "", ["prune"]),
    );
  }
  if (verb === undefined && options.keep !== "")
    throw new UsageError("--keep belongs to store prune", `${PROGRAM} store`);
  const dir = storeDir(console.env);
  makeFolders(join(dir, "layers"));
  const limit = storeLimit(dir, console.env);
  const most = options.keep === "" ? limit : readKeep(options.keep);
  await inPlace(dir, async (place) => {
    const sizes = new Sizes(dir);
    await sizes.measure();
    if (verb === "prune") await writeOut(console.stdout, await pruneNow(place, sizes, most));
    await writeOut(console.stdout, tellStore(dir, limit, await readHoldings(dir, sizes.layers)));
    sizes.save(place);
  });
}

function readKeep(text: string): number {
  const bytes = text === "0" ? 0 : readSize(text);
  if (bytes !== undefined) return bytes;
  throw new UsageError(`--keep is ${JSON.stringify(text)}: write a size such as 8g, or 0`, `${PROGRAM} store`);
}

/** While this one looks, no other prunes. */
async function inPlace(dir: string, work: (place: Place) => Promise<void>): Promise<void> {
  const [runDir, scratch] = [join(dir, "run"), join(dir, "scratch")];
  makeFolders(runDir, 0o700);
  makeFolders(scratch);
  for (const used of [runDir, scratch]) sweepLeftovers(used);
  const host = RunHost.open({ runDir });
  try {
    await waitForPruning(dir);
    await work({ storeDir: dir, runDir: host.dir, scratch });
  } finally {
    rmSync(host.dir, { recursive: true, force: true });
  }
}

async function pruneNow(place: Place, sizes: Sizes, mostBytes: number): Promise<string> {
  const choice = await prune(place, sizes, mostBytes);
  if (choice === undefined) {
    throw new Error("the store is in use: another command runs\n  to do: wait for it to end, then prune again");
  }
  await emptyTrash(place.storeDir);
  return choice.remove.length === 0 ? "Nothing had to go.\n\n" : `Freed ${tellSize(choice.freedBytes)}.\n\n`;
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

function tellStore(dir: string, limit: number, holdings: Holdings): string {
  const counted = new Set<string>();
  const rows = Object.entries(holdings).map(([kind, all]) => {
    const bytes = sizeOf(all, counted);
    return { title: titles[kind as keyof Holdings], count: all.length, bytes };
  });
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = limit === Number.POSITIVE_INFINITY ? "no limit" : `limit ${tellSize(limit)}`;
  const lines = rows.map(
    ({ title, count, bytes }) => `  ${title.padEnd(42)}${String(count).padStart(7)}  ${tellSize(bytes).padStart(9)}`,
  );
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

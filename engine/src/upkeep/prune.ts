import { existsSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { makeFolders, namesIn } from "../store/folders.ts";
import { tellSize } from "../store/size-text.ts";
import { runProgram, startProgram } from "../store/start-program.ts";
import { type Choice, choose } from "./choose.ts";
import { listHoldings, readHoldings } from "./holdings.ts";
import { hasRoom, noteRoom } from "./room.ts";
import { type Place, Sizes, sizesPath } from "./sizes.ts";
import { isAlone, takeSoleUse } from "./sole-use.ts";

/**
 * Removes what was not used for longest until no more than `mostBytes` are left.
 *
 * What goes gets another name first, while no session runs, and is then removed by `emptyTrash`. Of a process that is killed
 * meanwhile the next one does it.
 *
 * @returns undefined when another session runs: then nothing is removed
 */
export async function prune(place: Place, sizes: Sizes, mostBytes: number): Promise<Choice | undefined> {
  const release = takeSoleUse(place.storeDir, place.runDir);
  if (release === undefined) return undefined;
  try {
    const holdings = listHoldings(await readHoldings(place.storeDir, sizes.layers));
    const choice = choose(holdings, mostBytes);
    const trash = join(place.storeDir, TRASH);
    if (choice.remove.length > 0) makeFolders(trash);
    for (const [nth, path] of choice.remove.entries()) {
      renameSync(path, join(trash, `${basename(place.runDir)}-${nth}`));
      sizes.layers.delete(basename(path));
      sizes.volumes.delete(basename(path));
    }
    return choice;
  } finally {
    release();
  }
}

const TRASH = "trash";

/** One process of all engines removes at a time: several would get in each other's way, and slow down the whole disk. */
const removal = (storeDir: string, ...whenHeld: readonly string[]): readonly string[] => [
  "flock",
  ...whenHeld,
  storeDir,
  ...["rm", "--recursive", "--force", "--", join(storeDir, TRASH)],
];

/** Removes what `prune` has taken away, and what a process left of it that was killed. */
export async function emptyTrash(storeDir: string): Promise<void> {
  const { code, stderr } = await runProgram(removal(storeDir));
  if (code !== 0) throw new Error(`what was discarded could not be removed: ${stderr.trim()}`);
}

/** The same in a process of its own, which no command waits for and which gives way to all others. */
function emptyTrashBehind(storeDir: string, whenHeld: "wait" | "end"): void {
  if (!existsSync(join(storeDir, TRASH))) return;
  const options = whenHeld === "end" ? ["--nonblock"] : [];
  const remover = startProgram("nice", ["-n", "19", ...removal(storeDir, ...options)], {
    detached: true,
    stdio: "ignore",
    cwd: "/",
  });
  // The next command tries it again.
  remover.on("error", () => undefined);
  remover.unref();
}

/** A store that is too large is made a good deal smaller, so that this does not happen at the end of each command. */
export const KEPT_PART = 0.8;
/** How long a command may take longer because of what has to be measured. */
const MEASURE_SECONDS = 3;

/**
 * Keeps a store within its limit, at the end of a session that has added to it. Does nothing while others run.
 *
 * @param tell is given a line when something was removed
 */
export async function keepWithin(place: Place, limitBytes: number, tell: (line: string) => void): Promise<void> {
  const { storeDir } = place;
  if (!hasChanged(storeDir) || !isAlone(storeDir, place.runDir)) return;
  emptyTrashBehind(storeDir, "end");
  if (hasRoom(place, limitBytes)) return;
  const sizes = new Sizes(storeDir);
  await sizes.measure(MEASURE_SECONDS);
  await sizes.measureRest(MEASURE_SECONDS);
  const before = sizes.totalBytes;
  const choice = before > limitBytes ? await prune(place, sizes, limitBytes * KEPT_PART) : undefined;
  sizes.save(place);
  noteRoom(place, sizes.totalBytes);
  if (choice === undefined || choice.remove.length === 0) return;
  const limit = `${tellSize(before)} were used, and ${tellSize(limitBytes)} is the limit (SLIPWAY_STORE_LIMIT)`;
  tell(`the store removed ${tellSize(choice.freedBytes)} that was not used for the longest time: ${limit}`);
  // Whoever removes at this moment may have read before what is there.
  emptyTrashBehind(storeDir, "wait");
}

/** Whether a layer or a blob has come, or a volume was used, since the sizes were written. */
function hasChanged(storeDir: string): boolean {
  const changed = (...names: readonly string[]) =>
    statSync(join(storeDir, ...names), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const volumes = namesIn(join(storeDir, "volumes")).map((name) => changed("volumes", name));
  const latest = Math.max(changed("layers"), changed("images", "blobs", "sha256"), ...volumes);
  return latest > (statSync(sizesPath(storeDir), { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

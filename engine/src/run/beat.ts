import {
  closeSync,
  constants,
  lstatSync,
  lutimesSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { unlessAbsent } from "../store/absent.ts";
import { makeFolders } from "../store/folders.ts";

/**
 * Says that an engine runs to those who cannot see it by its number: engines in other containers that use the same store. Each notes
 * where its number counts, and touches the note from time to time. It is a link, which leads nowhere and takes no room: on a full disk a
 * file could not be written.
 */
const NOTE = "beat";

const BEAT_MS = 60_000;
/** As long as an engine may be stopped, or the machine asleep, without being taken for one that was killed. */
export const PATIENCE_MS = 15 * BEAT_MS;

/** Makes the folder of an engine, with a note that beats in it. Returns how to stop. */
export function makeBeatingFolder(dir: string): () => void {
  // It gets its name when the note is in it: without one the number alone would count.
  const fresh = `${dir}.new`;
  makeFolders(fresh, 0o700);
  symlinkSync(placeOfNumbers(), join(fresh, NOTE));
  try {
    renameSync(fresh, dir);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    // Another session of this process has it.
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
  }
  // By the open folder: something else will be mounted over it, for this process.
  const folder = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  const timer = setInterval(() => touch(`/proc/self/fd/${folder}/${NOTE}`), BEAT_MS).unref();
  return () => {
    clearInterval(timer);
    closeSync(folder);
  };
}

/** Whether an engine runs whose number counts elsewhere; undefined for one that its number is enough of. */
export function beatsElsewhere(dir: string): boolean | undefined {
  const note = join(dir, NOTE);
  const place = unlessAbsent(note, () => readlinkSync(note));
  if (place === undefined || place === placeOfNumbers()) return undefined;
  const touchedMs = lstatSync(note, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touchedMs < PATIENCE_MS;
}

/** The namespace of process ids; the same number is another process in another one. */
function placeOfNumbers(): string {
  return readlinkSync("/proc/self/ns/pid");
}

function touch(note: string): void {
  const now = Date.now() / 1000;
  try {
    lutimesSync(note, now, now);
  } catch {
    // What the disk cannot take is told by who has to write there.
  }
}

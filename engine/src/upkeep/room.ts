import { statfsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { errorCode } from "../store/paths.ts";
import { readRecord, USE_MS, writeRecord } from "../store/records.ts";
import type { Place } from "./sizes.ts";

/** Below this it is measured each time. */
const PLENTY_BYTES = 512 * 1024 ** 2;

/** What a store took when it was last measured. */
interface Noted {
  readonly totalBytes: number;
  /** Of the disk, at that time. */
  readonly freeBytes: number;
}

/**
 * Whether a store is surely within its limit, without another look at thousands of files at the end of each command: it was
 * measured a short while ago, had plenty of room, and the disk has not lost half of that since.
 */
export function hasRoom(place: Place, limitBytes: number): boolean {
  const path = pathOf(place.storeDir);
  const measuredMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  // A clock that was put back counts too, but no part of a millisecond: the system notes those, and Date does not.
  if (Math.abs(Date.now() - measuredMs) >= USE_MS) return false;
  const found = readRecord(path, () => undefined);
  if (found.kind !== "sound") return false;
  const { totalBytes, freeBytes } = found.value as Noted;
  const room = limitBytes - totalBytes;
  return room >= PLENTY_BYTES && freeBytes - freeOf(place.storeDir) < room / 2;
}

/** Keeps in mind what a store takes now. */
export function noteRoom({ storeDir, scratch, runDir }: Place, totalBytes: number): void {
  const noted: Noted = { totalBytes, freeBytes: freeOf(storeDir) };
  try {
    writeRecord(pathOf(storeDir), noted, join(scratch, `room-${basename(runDir)}`));
  } catch (error) {
    // Without it the next command measures, which is no reason to fail on a full disk.
    if (errorCode(error) !== "ENOSPC") throw error;
  }
}

function pathOf(storeDir: string): string {
  return join(storeDir, "room.json");
}

function freeOf(storeDir: string): number {
  const { bavail, bsize } = statfsSync(storeDir);
  return bavail * bsize;
}

import { join } from "node:path";
import { makeFolders } from "../store/folders.ts";
import { readRecord, writeRecord } from "../store/records.ts";
import { digestOf } from "../store/store.ts";
import { storeDir } from "../store/system-words.ts";

/** What a version of a repository means: its commit, and the name of the tag or branch. */
export interface Meaning {
  readonly commit: string;
  /** Undefined where it has none. */
  readonly version: string | undefined;
}

/** What a version of a repository meant when it was asked last: for who may not ask now. A damaged record counts as none. */
export function recallMeaning(cloneUrl: string, wanted: string): Meaning | undefined {
  const found = readRecord(placeOf(cloneUrl, wanted), () => undefined);
  return found.kind === "sound" ? (found.value as Meaning) : undefined;
}

/** Remembers what a version means. */
export function rememberMeaning(cloneUrl: string, wanted: string, meaning: Meaning): void {
  const known = recallMeaning(cloneUrl, wanted);
  if (known?.commit === meaning.commit && known.version === meaning.version) return;
  const place = placeOf(cloneUrl, wanted);
  makeFolders(join(storeDir(), "modules"));
  writeRecord(place, meaning, `${place}.${process.pid}`);
}

function placeOf(cloneUrl: string, wanted: string): string {
  return join(storeDir(), "modules", `version-${digestOf(["version", cloneUrl, wanted]).slice(0, 32)}.json`);
}

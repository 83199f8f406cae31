import { lstatSync, rmSync, writeFileSync } from "node:fs";
import { chown, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { lockFile } from "../image/sandbox.ts";
import { makeFolders } from "../store/folders.ts";
import { copyWholeTree } from "../store/host-copy.ts";
import { resolveInside } from "../store/inside.ts";
import { isKeptPrivate, SHARABLE } from "../store/private.ts";
import { isFolder, noteUse } from "../store/records.ts";
import { digestOf } from "../store/store.ts";
import { parseOwner } from "../store/users.ts";
import { text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import type { Fields, Obj } from "./graph.ts";
import type { Session } from "./session.ts";
import type { CacheMount, CacheVolumeValue, DirectoryValue } from "./values.ts";

export const cacheVolumeFields: Fields = {
  Query: {
    cacheVolume: {
      check: async (_self, args) => {
        try {
          parseOwner(text(args["owner"], "0"));
        } catch (error) {
          throw new ApiError(`evaluate cache source directory: ${(error as Error).message}`);
        }
      },
      run: (_self, args): CacheVolumeValue => ({
        key: text(args["key"]),
        ...(args["source"] === undefined ? {} : { source: args["source"] as Obj }),
        ...(args["sharing"] === undefined ? {} : { sharing: text(args["sharing"]) }),
        ...(args["owner"] === undefined ? {} : { owner: text(args["owner"]) }),
      }),
    },
  },
  CacheVolume: {},
};

export interface OpenVolume {
  /** Folder of the volume on this machine. */
  readonly dir: string;
  close(): Promise<void>;
}

/** What makes a volume another one: its key and how it was made and mounted, never what is in it. */
export function volumeIdentity(parts: readonly unknown[]): string {
  return digestOf(parts);
}

/**
 * The folder of a volume, made and filled when it is new.
 *
 * SHARED: any number of execs at once. PRIVATE and LOCKED: one after the other, also between processes.
 */
export async function openVolume(
  session: Session,
  mount: CacheMount,
  owner: { readonly uid: number; readonly gid: number },
): Promise<OpenVolume> {
  const home = join(session.store.dir, "volumes", mount.identity);
  await removeStranger(session, home);
  makeFolders(home);
  noteUse(home);
  const lock = await lockFile(join(home, "lock"), session.containers.ending);
  const dir = join(home, "data");
  try {
    await removeStranger(session, dir);
    const isNew = !isFolder(dir);
    if (isNew) await makeVolume(session, dir, mount.source, owner);
    noteSharing(home, isNew);
  } catch (error) {
    await lock();
    throw error;
  }
  if (mount.sharing !== "SHARED") return { dir, close: lock };
  await lock();
  return { dir, close: async () => {} };
}

/** A volume may leave the machine as long as no session that knows a secret has had it. */
function noteSharing(home: string, isNew: boolean): void {
  const mark = join(home, SHARABLE);
  if (isKeptPrivate()) rmSync(mark, { recursive: true, force: true });
  else if (isNew) writeFileSync(mark, "");
}

async function makeVolume(
  session: Session,
  dir: string,
  source: DirectoryValue | undefined,
  owner: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const fresh = await session.store.makeScratch("volume");
  if (source !== undefined) {
    const view = await session.store.view(source.snapshot);
    await copyWholeTree(await resolveInside(view, source.path, { followLast: true }), fresh);
  }
  await chown(fresh, owner.uid, owner.gid);
  await rename(fresh, dir);
}

/** Takes away what stands where a folder has to be. */
async function removeStranger({ store }: Session, path: string): Promise<void> {
  if (isFolder(path) || lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  store.onDamage(path, "it is not a folder");
  await rm(path, { force: true });
}

import { createHash, randomBytes } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { chmod, chown, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders, makePrivateFolder, removeTree } from "./folders.ts";
import { copyWholeTree } from "./host-copy.ts";
import { mountOverlay, sealAndUnmount, unmount } from "./overlay.ts";
import { damageOf, isFolder, type OnDamage, readRecord, readStoreFile, writeRecord } from "./records.ts";
import { EMPTY, type Snapshot } from "./snapshot.ts";

/** Deeper stacks are copied into one layer: overlayfs takes its list of layers in one page of memory. */
const MOST_LAYERS = 96;

const KEY_BYTES = 32;

/** The store's folders, into which no other user of the machine may look. */
const OWNERS_ALONE = ["layers", "results", "blobs", "images", "volumes", "modules", "scratch"];

/** A writable stack: what is written below `root` becomes a layer of its own by `commit`. */
export interface OpenLayer {
  readonly root: string;
  /** Closes it. The snapshot is the old one when nothing was written. */
  commit(): Promise<Snapshot>;
  discard(): Promise<void>;
}

/**
 * Immutable file systems on disk, and what is remembered about them.
 *
 * `layers/<id>` is never changed after it has got that name; everything is written under a temporary name first, so a
 * process that is killed leaves nothing half done. Needs a mount namespace of its own with the right to mount.
 */
export class Store {
  readonly #views = new Map<string, Promise<string>>();
  readonly #running = new Map<string, Promise<Snapshot>>();
  readonly #kept = new Map<string, unknown>();
  #next = 0;

  /**
   * @param dir the store, made when missing
   * @param scratch a folder of this process alone, on the same file system as `dir`
   * @param build names the engine: what another build has remembered may be what that one got wrong
   * @param onDamage told of each file that is not as it was written; it is made again
   * @param offline whether what is made now is made without a network: that is kept apart, and found by such runs alone
   */
  constructor(
    readonly dir: string,
    readonly scratch: string,
    readonly build = "source",
    readonly onDamage: OnDamage = () => undefined,
    readonly offline = false,
  ) {
    for (const name of OWNERS_ALONE) makePrivateFolder(join(dir, name));
    makeFolders(scratch);
  }

  /** Takes all views away and removes what this process left in its scratch. */
  async close(): Promise<void> {
    const mounted = await Promise.allSettled([...this.#views.values()]);
    const targets = mounted.flatMap((view) =>
      view.status === "fulfilled" && view.value.startsWith(this.scratch) ? [view.value] : [],
    );
    this.#views.clear();
    if (targets.length > 0) await unmount(...targets);
    removeTree(this.scratch);
  }

  layerDir(id: string): string {
    return join(this.dir, "layers", id);
  }

  has(snapshot: Snapshot): boolean {
    return snapshot.layers.every((id) => isFolder(this.layerDir(id)));
  }

  /** A new empty folder of this process. */
  async makeScratch(purpose: string): Promise<string> {
    const dir = join(this.scratch, `${purpose}-${this.#next++}`);
    makeFolders(dir);
    return dir;
  }

  /** Takes a folder that was made in scratch as a new layer. */
  async addLayer(dir: string): Promise<string> {
    const id = randomBytes(7).toString("hex");
    await rename(dir, this.layerDir(id));
    return id;
  }

  /** A path at which the whole snapshot can be read, until the process ends. */
  view(snapshot: Snapshot): Promise<string> {
    const key = snapshot.layers.join(":");
    let view = this.#views.get(key);
    if (view === undefined) {
      view = this.#mountView(snapshot);
      this.#views.set(key, view);
      view.catch(() => this.#views.delete(key));
    }
    return view;
  }

  async #mountView(snapshot: Snapshot): Promise<string> {
    const [only, ...more] = snapshot.layers;
    if (only === undefined) return await this.makeScratch("empty");
    if (more.length === 0) return this.layerDir(only);
    const target = await this.makeScratch("view");
    await mountOverlay({ layersDir: join(this.dir, "layers"), lower: snapshot.layers, target });
    return target;
  }

  /**
   * Opens `base` for writing.
   *
   * @param isShared when others than this process get at it: once it is committed nobody can change it, not even through a
   * folder that was handed on to a process outside while it was open
   */
  async open(base: Snapshot, isShared = false): Promise<OpenLayer> {
    const upper = await this.makeScratch("upper");
    if (base.layers.length === 0 && isShared)
      return await this.#openOver(EMPTY, await this.makeScratch("nothing"), upper);
    if (base.layers.length === 0) {
      return {
        root: upper,
        commit: async () => ((await isUntouched(upper)) ? EMPTY : { layers: [await this.addLayer(upper)] }),
        discard: () => rm(upper, { recursive: true, force: true }),
      };
    }
    const flat = await this.#flatten(base);
    return await this.#openOver(flat, this.layerDir(flat.layers.at(-1) as string), upper, isShared);
  }

  /** @param below folder of the highest layer, or an empty one when there is none */
  async #openOver(flat: Snapshot, below: string, upper: string, isShared = true): Promise<OpenLayer> {
    await copyRootAttributes(below, upper);
    const [work, target] = await Promise.all([this.makeScratch("work"), this.makeScratch("root")]);
    const lower = flat.layers.length === 0 ? [below] : flat.layers;
    await mountOverlay({ layersDir: join(this.dir, "layers"), lower, upper, work, target });
    const close = async (takeAway: (target: string) => Promise<void>) => {
      await takeAway(target);
      // Nobody has to wait until the kernel has let go of them; what is left goes with the scratch.
      for (const folder of [work, target]) rm(folder, { recursive: true, force: true }).catch(() => undefined);
    };
    return {
      root: target,
      commit: async () => {
        await close(isShared ? sealAndUnmount : unmount);
        if (await isUntouched(upper, below)) {
          await rm(upper, { recursive: true, force: true });
          return flat;
        }
        return { layers: [...flat.layers, await this.addLayer(upper)] };
      },
      discard: async () => {
        await close(unmount);
        await rm(upper, { recursive: true, force: true });
      },
    };
  }

  async #flatten(snapshot: Snapshot): Promise<Snapshot> {
    if (snapshot.layers.length < MOST_LAYERS) return snapshot;
    return await this.once(["flatten", snapshot.layers], async () => {
      const into = await this.makeScratch("flat");
      await copyWholeTree(await this.view(snapshot), into);
      return { layers: [await this.addLayer(into)] };
    });
  }

  /** Changes `base` by `work`, which gets the path of a writable root. When it fails nothing is kept. */
  async change(base: Snapshot, work: (root: string) => Promise<void>): Promise<Snapshot> {
    const layer = await this.open(base);
    try {
      await work(layer.root);
    } catch (error) {
      await layer.discard();
      throw error;
    }
    return await layer.commit();
  }

  /**
   * The snapshot that `make` makes, remembered under `key` (any JSON value that names all that it depends on), in this
   * process and for later ones. Asked for twice at the same time it is made once.
   */
  async once(key: unknown, make: () => Promise<Snapshot>): Promise<Snapshot> {
    const name = digestOf(["snapshot", key]);
    const running = this.#running.get(name);
    if (running !== undefined) return await running;
    for (const found of this.recallAll<Snapshot>(name)) if (this.has(found)) return found;
    const making = make().then((made) => {
      this.remember(name, made);
      return made;
    });
    this.#running.set(name, making);
    try {
      return await making;
    } finally {
      this.#running.delete(name);
    }
  }

  /**
   * 32 random bytes of this store that only its owner can read, made at the first use. A file with another number of bytes
   * counts as damaged: with the new key nothing fits that was made with the old one.
   */
  privateKey(name: string): Buffer {
    const path = join(this.dir, name);
    const known = this.#readKey(path);
    if (known !== undefined) return known;
    const temporary = join(this.scratch, `key-${this.#next++}`);
    const made = randomBytes(KEY_BYTES);
    writeFileSync(temporary, made, { mode: 0o600 });
    try {
      linkSync(temporary, path);
      return made;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      // Another process was faster. Should that one have been damaged at once, this session's own key will do for it.
      return this.#readKey(path) ?? made;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  /** The key of a file; what is none is removed. */
  #readKey(path: string): Buffer | undefined {
    let what: string;
    try {
      const bytes = readStoreFile(path);
      if (bytes === undefined || bytes.length === KEY_BYTES) return bytes;
      what = `it has ${bytes.length} bytes instead of ${KEY_BYTES}`;
    } catch (error) {
      what = damageOf(error);
    }
    this.onDamage(path, what);
    rmSync(path, { recursive: true, force: true });
    return undefined;
  }

  /** What was remembered under that name, by any process. What is damaged or was written without a checksum is not known. */
  recall<T>(name: string): T | undefined {
    return this.recallAll<T>(name).next().value as T | undefined;
  }

  /**
   * All that may count: without a network first what was made with one, which knows more, then what was made without, which is there
   * because the first would not do any more.
   */
  *recallAll<T>(name: string): Generator<T, void, undefined> {
    if (this.#kept.has(name)) yield this.#kept.get(name) as T;
    for (const build of new Set([this.build, this.#ownBuild])) {
      const found = readRecord(this.#resultPath(name, build), this.onDamage);
      if (found.kind === "sound") yield found.value as T;
    }
  }

  /** Remembers for this process alone: for what must not be on a disk. */
  rememberHere(name: string, value: unknown): void {
    this.#kept.set(name, value);
  }

  remember(name: string, value: unknown): void {
    const path = this.#resultPath(name, this.#ownBuild);
    makeFolders(dirname(path));
    writeRecord(path, value, join(this.scratch, `result-${this.#next++}`));
  }

  get #ownBuild(): string {
    return this.offline ? `${this.build}-offline` : this.build;
  }

  #resultPath(name: string, build: string): string {
    const digest = /^[0-9a-f]{64}$/.test(name) ? name : digestOf(name);
    return join(this.dir, "results", build, digest.slice(0, 2), `${digest}.json`);
  }
}

/** SHA-256 of a JSON value, in hex. Object keys count in the order in which they stand. */
export function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(typeof value === "string" ? value : JSON.stringify(value))
    .digest("hex");
}

/** The root of a stack is that of its highest layer: a new one begins as the one below it was. */
async function copyRootAttributes(from: string, to: string): Promise<void> {
  const { mode, uid, gid, atime, mtime } = await stat(from);
  await chown(to, uid, gid);
  await chmod(to, mode & 0o7777);
  await utimes(to, atime, mtime);
}

/** Whether a layer says nothing: no entries, and a root as the one below it has. */
async function isUntouched(dir: string, below?: string): Promise<boolean> {
  if ((await readdir(dir)).length > 0) return false;
  const own = await stat(dir);
  const other = below === undefined ? { mode: 0o40755, uid: 0, gid: 0 } : await stat(below);
  return own.mode === other.mode && own.uid === other.uid && own.gid === other.gid;
}

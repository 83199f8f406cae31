import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { makeFolderAt } from "./made-places.ts";
import { closeAfter, LOOK, MOST_CHANGES, O_PATH, type Opened, openRoot, placeOfHandle, useFile } from "./opened.ts";
import { cleanPath, errorCode, PathError, pathError } from "./paths.ts";

/**
 * Paths below a root that somebody else may change meanwhile: a function that runs, a volume that others have mounted.
 *
 * Each step of a path is one call of the kernel, relative to a folder that is open already, and never through a link:
 * `/proc/self/fd/N/name` with `O_NOFOLLOW`. The texts of links are followed here, from the root. So whatever is swapped
 * between two steps, what is opened lies below the root, and what was looked at is what is used: docs/decisions/0006.
 */

/** As many links as the real engine follows before it gives up. */
const MOST_LINKS = 255;

/** A folder of the kernel in which nothing can be made, and nothing has a name of letters alone. */
const EMPTY_FOLDER = "/proc/self/map_files";

/** The end of a path: a name in an open folder. */
export interface Spot {
  /** The folder's `Opened.place`. */
  readonly folder: string;
  readonly name: string;
  /** Name and folder as a path for calls that follow no link at its end. */
  readonly place: string;
  readonly path: string;
  /** What was there. */
  readonly present: Opened | undefined;
  /** The link at the end of the path that leads here. */
  readonly link: string | undefined;
}

export interface WayOptions {
  /** Whether a link at the end of the path is followed too. */
  readonly followLast: boolean;
}

export interface SpotOptions extends WayOptions {
  /** Folders on the way that are missing are made, with this mode. Absent: they are an error. */
  readonly makeMode?: number;
  /** Whether they are also made where a link leads. */
  readonly makeBehindLinks?: boolean;
  /** What is missing on the way is taken as it is written. */
  readonly keepsMissing?: boolean;
  /** The same for what cannot be there, because a file is on the way. */
  readonly keepsBelowFiles?: boolean;
  /** What is mounted over places of the root for those who use it. */
  readonly over?: MountedOver;
  /** The error for a file on the way. */
  readonly notFolder?: (path: string) => Error;
}

/** Links that go round in circles, or might as well. */
export class TooManyLinks extends Error {}

/** Mounts that a container sees in its root, and this process does not. */
export interface MountedOver {
  /** The folder or file of this machine that lies over exactly that place. */
  readonly at: (path: string) => string | undefined;
  /** Whether something is mounted below it: then it is a folder, made for the mount if need be. */
  readonly below: (path: string) => boolean;
}

/** Uses what is at a path below a root, and closes it.
 *
 * @param root a folder of this process; `/` is the machine itself, whose links the kernel follows
 * @throws PathError `lstat /x: no such file or directory`; TooManyLinks `too many links`
 */
export function useInside<T>(root: string, path: string, options: WayOptions, use: (opened: Opened) => T): T {
  const direct = root === "/" ? openOfMachine(path, options) : undefined;
  if (direct !== undefined) return closeAfter([direct.fd], () => use(direct));
  return useSpot(root, path, options, ({ present, path: found }) => {
    if (present === undefined) throw new PathError("lstat", found, "ENOENT");
    return use(present);
  });
}

/** What is at a path below a root; undefined when nothing is. */
export function lookInside(root: string, path: string, options: WayOptions): Stats | undefined {
  try {
    return useInside(root, path, options, ({ stat }) => stat);
  } catch (error) {
    if (error instanceof PathError && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * The bytes of a file below a root, links followed.
 *
 * @throws as `useInside` and `useFile` do
 */
export function readInside(root: string, path: string): Buffer {
  return useInside(root, path, { followLast: true }, (opened) => useFile(opened, (fd) => readFileSync(fd)));
}

/** Uses the end of a path, where something may be missing, and closes its folder. */
export function useSpot<T>(root: string, path: string, options: SpotOptions, use: (spot: Spot) => T): T {
  const walk = new Walk(root, path, options);
  return closeAfter(walk.handles, () => use(walk.run()));
}

/** The machine's own links, also those of /proc, as the person's programs see them. */
function openOfMachine(path: string, { followLast }: WayOptions): Opened | undefined {
  try {
    const fd = openSync(path, followLast ? O_PATH : LOOK);
    const stat = fstatSync(fd);
    return { fd, place: placeOfHandle(fd), path: stat.isSymbolicLink() ? path : readlinkSync(placeOfHandle(fd)), stat };
  } catch {
    // The way by single steps tells what is missing.
    return undefined;
  }
}

/** One path being followed, step by step. */
class Walk {
  /** Of the root, and of each folder on the way below it; at the end also of what is there. */
  readonly handles: number[] = [];
  readonly #names: string[] = [];
  readonly #pending: string[];
  #links = 0;
  #changes = 0;
  /** The link whose text is being followed, and how many steps come after it. */
  #link: { readonly path: string; readonly rest: number } | undefined;

  constructor(
    root: string,
    path: string,
    readonly options: SpotOptions,
  ) {
    this.#pending = split(cleanPath(path));
    this.handles.push(openRoot(options.over?.at("/") ?? root));
  }

  run(): Spot {
    for (let name = this.#pending.shift(); name !== undefined; name = this.#pending.shift()) {
      if (this.#link !== undefined && this.#pending.length < this.#link.rest) this.#link = undefined;
      if (name === "..") {
        this.#climb();
        continue;
      }
      const spot = this.#step(name);
      if (spot !== undefined) return spot;
    }
    return this.#folderItself();
  }

  get #folder(): string {
    return placeOfHandle(this.handles.at(-1) as number);
  }

  #pathOf(...more: readonly string[]): string {
    return `/${[...this.#names, ...more].join("/")}`;
  }

  #climb(): void {
    if (this.handles.length > 1) closeSync(this.handles.pop() as number);
    this.#names.pop();
  }

  /** @returns the end of the path when this was the last step */
  #step(name: string): Spot | undefined {
    const isLast = this.#pending.length === 0;
    const opened = this.#open(name);
    if (opened === undefined) {
      if (isLast) return this.#spot(name, undefined);
      if (this.options.keepsMissing === true) return this.#keep(name);
      if (this.options.makeMode === undefined) throw new PathError("lstat", this.#pathOf(name), "ENOENT");
      this.#make(name, this.options.makeMode);
    } else if (opened.stat.isSymbolicLink() && !(isLast && !this.options.followLast)) {
      closeSync(opened.fd);
      this.#followLink(name);
    } else {
      this.handles.push(opened.fd);
      if (isLast) return this.#spot(name, opened);
      if (!opened.stat.isDirectory()) {
        if (this.options.keepsBelowFiles === true) return this.#keep(name);
        throw this.#notFolder(name);
      }
      this.#names.push(name);
    }
    return undefined;
  }

  #open(name: string): Opened | undefined {
    const path = this.#pathOf(name);
    const mounted = this.options.over?.at(path);
    try {
      const fd = mounted === undefined ? openSync(`${this.#folder}/${name}`, LOOK) : openSync(mounted, O_PATH);
      return { fd, place: placeOfHandle(fd), path, stat: fstatSync(fd) };
    } catch (error) {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return this.#openMountPoint(path);
      throw pathError("lstat", path, error);
    }
  }

  /** A folder that will be made for a mount below it stands for itself: nothing else is in it. */
  #openMountPoint(path: string): Opened | undefined {
    if (this.options.over?.below(path) !== true) return undefined;
    const fd = openSync(EMPTY_FOLDER, LOOK);
    return { fd, place: placeOfHandle(fd), path, stat: fstatSync(fd) };
  }

  /** What is missing ends the path, unless what follows leads back to something that is there. */
  #keep(name: string): Spot | undefined {
    const path = this.#pathOf(name, ...this.#pending);
    if (!this.#pending.includes("..")) return { ...this.#spot(name, undefined), path };
    this.#restart(split(cleanPath(path)));
    return undefined;
  }

  #restart(parts: readonly string[]): void {
    while (this.handles.length > 1) this.#climb();
    this.#pending.splice(0, Number.POSITIVE_INFINITY, ...parts);
  }

  #notFolder(name: string): Error {
    const path = this.#pathOf(name);
    return this.options.notFolder?.(path) ?? new PathError("lstat", `${path}/${this.#pending[0] ?? ""}`, "ENOTDIR");
  }

  #followLink(name: string): void {
    const text = readLinkAt(`${this.#folder}/${name}`);
    if (text === undefined) {
      this.#again(name);
      return;
    }
    this.#links += 1;
    if (this.#links > MOST_LINKS) throw new TooManyLinks("too many links");
    this.#link ??= { path: this.#pathOf(name), rest: this.#pending.length };
    if (text.startsWith("/")) this.#restart([...split(text), ...this.#pending]);
    else this.#pending.unshift(...split(text));
  }

  #again(name: string): void {
    this.#changes += 1;
    if (this.#changes > MOST_CHANGES) throw new PathError("lstat", this.#pathOf(name), "ESTALE");
    this.#pending.unshift(name);
  }

  #make(name: string, mode: number): void {
    if (this.#link !== undefined && this.options.makeBehindLinks !== true) {
      throw this.#link.rest === 0
        ? new PathError("open", this.#pathOf(name), "ENOENT")
        : new PathError("mkdir", this.#link.path, "EEXIST");
    }
    makeFolderAt(`${this.#folder}/${name}`, mode);
    this.#again(name);
  }

  #spot(name: string, present: Opened | undefined): Spot {
    const folder = placeOfHandle(this.handles.at(present === undefined ? -1 : -2) as number);
    const link = this.#link?.rest === 0 ? this.#link.path : undefined;
    return { folder, name, place: `${folder}/${name}`, path: this.#pathOf(name), present, link };
  }

  /** The path ended at a folder without naming it: the root, or what `..` led to. */
  #folderItself(): Spot {
    const fd = this.handles.at(-1) as number;
    const place = placeOfHandle(fd);
    const present = { fd, place, path: this.#pathOf(), stat: fstatSync(fd) };
    return { folder: place, name: ".", place: `${place}/.`, path: present.path, present, link: undefined };
  }
}

/**
 * The path on this machine of `path` inside `root`: what does not exist is taken as it is written. For roots that nothing
 * else can change while the path is used: what is opened by it later is found by its name again.
 *
 * @throws PathError for a path below a file; TooManyLinks `too many links` for links that go round
 */
export function resolveInsideSync(root: string, path: string, options: WayOptions): string {
  const found = useSpot(root, path, { ...options, keepsMissing: true }, (spot) => spot.path);
  return found === "/" ? root : join(root, found);
}

export async function resolveInside(root: string, path: string, options: WayOptions): Promise<string> {
  return resolveInsideSync(root, path, options);
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** @returns undefined when it is no link any more */
function readLinkAt(place: string): string | undefined {
  try {
    return readlinkSync(place);
  } catch (error) {
    if (errorCode(error) === "EINVAL" || errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

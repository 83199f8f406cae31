import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { inUserNamespace } from "../store/overlay.ts";
import { cannotStart, startProgram } from "../store/start-program.ts";
import { END_OF_TAR, formatHeader, makeHeader, padding, readTar, type TarHeader } from "./layer-tar.ts";

/** Attribute that makes overlayfs hide what lies below a folder. */
export const OPAQUE = inUserNamespace ? "user.overlay.opaque" : "trusted.overlay.opaque";
/** Marks of overlayfs, which must neither come out of a foreign layer nor get into one of ours. */
export const OVERLAY_MARK = /^(?:trusted|user)\.overlay\./;

/** More than this in one path is a loop (path_resolution(7)). */
const MOST_LINKS = 40;

/** The kinds of what a layer, or the layers below it, have at a path. */
type Found =
  | { readonly kind: "directory"; readonly header: TarHeader }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "other" };

/**
 * Unpacks a layer's plain tar stream into `dir`, in the form overlayfs wants.
 *
 * `.wh.x` becomes a character device 0:0, `.wh..wh..opq` an attribute (image-spec, layer.md, "Whiteouts"). Entries that
 * climb out by `..` are refused; a parent that is a symbolic link, here or in a layer below, is followed within the image
 * only. Parents the archive does not name look as they do below. GNU tar does the writing, and gets symbolic links after
 * everything else, so nothing is written through one.
 *
 * @param dir an empty folder
 * @param lower folders of the layers below, lowest first
 */
export async function unpackLayer(tar: AsyncIterable<Buffer>, dir: string, lower: readonly string[]): Promise<void> {
  const plan = new LayerPlan(lower);
  await extract(Readable.from(plan.translate(tar), { objectMode: false, highWaterMark: 1024 * 1024 }), dir);
  // In a second run, since tar gives attributes only to folders that it has made or meets anew.
  if (plan.opaque.size > 0) await extract(Readable.from(plan.marks(), { objectMode: false }), dir);
}

/**
 * Unpacks any plain tar stream into an empty folder, as it is: names that mean something in a layer mean nothing here.
 * Entries that climb out are refused, and links lead nowhere outside, as above.
 */
export async function unpackArchive(tar: AsyncIterable<Buffer>, dir: string): Promise<void> {
  const plan = new LayerPlan([], false);
  await extract(Readable.from(plan.translate(tar), { objectMode: false, highWaterMark: 1024 * 1024 }), dir);
}

async function extract(stream: Readable, dir: string): Promise<void> {
  const child = startProgram(
    "tar",
    // biome-ignore format: one line a group
    ["--extract", "--file=-", `--directory=${dir}`, "--preserve-permissions", "--same-owner", "--numeric-owner",
     "--xattrs", "--xattrs-include=*", "--delay-directory-restore", "--overwrite-dir", "--warning=no-timestamp"],
    { stdio: ["pipe", "ignore", "pipe"], env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" } },
  );
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", (cause) => reject(cannotStart("tar", cause, "tar")));
    child.on("close", (code) => {
      if (code === 0) return resolve();
      reject(
        new Error(
          `cannot unpack the layer: ${Buffer.concat(complaints).toString().trim().split("\n").slice(0, 5).join("\n")}`,
        ),
      );
    });
  });
  const [fed, done] = await Promise.allSettled([pipeline(stream, child.stdin as Writable), ended]);
  // When tar gave up, the broken pipe is only a consequence; when the archive is broken, tar's complaint is one.
  const brokenPipe =
    fed.status === "rejected" &&
    ["EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes((fed.reason as NodeJS.ErrnoException).code ?? "");
  if (fed.status === "rejected" && !brokenPipe) throw fed.reason;
  if (done.status === "rejected") throw done.reason;
  if (fed.status === "rejected") throw fed.reason;
}

class LayerPlan {
  readonly opaque = new Map<string, TarHeader>();
  readonly #own = new Map<string, Found>();
  readonly #whiteouts = new Set<string>();
  /** Symbolic links, which are made last. */
  readonly #links = new Map<string, TarHeader>();
  readonly #lower: readonly string[];

  /**
   * @param lower lowest first
   * @param isLayer whether `.wh.` at the start of a name means that something below is gone
   */
  constructor(
    lower: readonly string[],
    readonly isLayer = true,
  ) {
    this.#lower = [...lower].reverse();
  }

  async *translate(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    for await (const { header, content } of readTar(tar)) {
      const parts = splitPath(header.path);
      const name = parts.pop();
      if (name === undefined) {
        if (header.type === "directory") yield formatHeader({ ...header, path: "./" });
        continue;
      }
      const made: Buffer[] = [];
      const parent = await this.#enter(parts, made);
      yield* made;
      const path = parent === "" ? name : `${parent}/${name}`;

      const isMark = this.isLayer && name.startsWith(".wh.");
      if (isMark && name === ".wh..wh..opq") {
        const found = this.#own.get(parent);
        if (parent !== "" && found?.kind === "directory") this.opaque.set(parent, found.header);
      } else if (isMark && name.startsWith(".wh..wh.")) {
        // Bookkeeping of aufs, which older Docker engines left in their layers.
      } else if (isMark) {
        const gone = name.slice(".wh.".length);
        if (["", ".", ".."].includes(gone))
          throw new Error(`cannot unpack the layer: the whiteout ${header.path} names no file`);
        this.#whiteouts.add(join(parent, gone));
      } else {
        const entry = await this.#translateEntry(header, path);
        if (entry === undefined) continue;
        yield formatHeader(entry);
        yield* content;
        yield padding(entry.size);
      }
    }
    for (const link of this.#links.values()) yield formatHeader(link);
    for (const path of this.#whiteouts) {
      const found = this.#own.get(path);
      if (found === undefined) yield formatHeader(makeHeader({ path, type: "char", mode: 0 }));
      if (found?.kind === "directory") this.opaque.set(path, found.header);
    }
    yield END_OF_TAR;
  }

  async *marks(): AsyncGenerator<Buffer, void, undefined> {
    for (const [path, header] of this.opaque) {
      yield formatHeader({ ...header, path: `${path}/`, xattrs: new Map([...header.xattrs, [OPAQUE, "y"]]) });
    }
    yield END_OF_TAR;
  }

  async #translateEntry(header: TarHeader, path: string): Promise<TarHeader | undefined> {
    // A user namespace may not make devices, and a container gets a /dev of its own.
    if (inUserNamespace && (header.type === "char" || header.type === "block")) return undefined;
    if (header.type === "char" && header.devMajor === 0 && header.devMinor === 0) return undefined;
    const xattrs = new Map(
      [...header.xattrs].filter(([name]) => !OVERLAY_MARK.test(name) && name !== "security.selinux"),
    );
    const entry: TarHeader = { ...header, path: header.type === "directory" ? `${path}/` : path, xattrs };
    if (header.type === "hardlink") return await this.#translateHardLink(entry);
    this.#links.delete(path);
    if (header.type === "directory") {
      this.#own.set(path, { kind: "directory", header: entry });
      return entry;
    }
    this.opaque.delete(path);
    if (header.type === "symlink") return this.#holdLink(entry);
    this.#own.set(path, { kind: "other" });
    return entry;
  }

  async #translateHardLink(entry: TarHeader): Promise<TarHeader | undefined> {
    const { path } = entry;
    const parts = splitPath(entry.linkPath);
    const name = parts.pop() ?? "";
    const target = join(await this.#enter(parts, []), name);
    if (!this.#own.has(target))
      throw new Error(
        `cannot unpack the layer: the hard link ${path} points at ${target}, which this layer does not hold`,
      );
    const link = this.#links.get(target);
    if (link !== undefined) return this.#holdLink({ ...link, path });
    this.#links.delete(path);
    this.opaque.delete(path);
    this.#own.set(path, { kind: "other" });
    return { ...entry, linkPath: target };
  }

  #holdLink(link: TarHeader): undefined {
    this.#own.set(link.path, { kind: "symlink", target: link.linkPath });
    this.#links.set(link.path, link);
  }

  /** Follows folders and links to where an entry really lands; names folders of the layers below once in this one. */
  async #enter(parts: readonly string[], made: Buffer[]): Promise<string> {
    const todo = [...parts];
    const at: string[] = [];
    let links = 0;
    for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
      if (part === "..") {
        at.pop();
        continue;
      }
      const path = [...at, part].join("/");
      let found = this.#own.get(path);
      if (found === undefined) {
        const below = await this.#lookBelow(path);
        const isUsable = below !== undefined && below.kind !== "other";
        found = isUsable ? below : directoryOf(makeHeader({ path: `${path}/`, type: "directory", mode: 0o755 }));
        if (found.kind === "directory") {
          this.#own.set(path, found);
          made.push(formatHeader(found.header));
        }
      }
      if (found.kind === "symlink") {
        if (++links > MOST_LINKS)
          throw new Error(`cannot unpack the layer: too many symbolic links at ${parts.join("/")}`);
        if (found.target.startsWith("/")) at.length = 0;
        todo.unshift(...found.target.split("/").filter((step) => step !== "" && step !== "."));
      } else if (found.kind === "directory") {
        at.push(part);
      } else {
        throw new Error(`cannot unpack the layer: ${path} is not a folder, but ${parts.join("/")} is in it`);
      }
    }
    return at.join("/");
  }

  async #lookBelow(path: string): Promise<Found | undefined> {
    for (const dir of this.#lower) {
      const seen = await lookInLayer(dir, path.split("/"));
      if (seen === "hidden") return undefined;
      if (seen !== undefined) return seen;
    }
    return undefined;
  }
}

/** Looks without following any link, since a link in a layer folder would lead out into the host. */
async function lookInLayer(dir: string, parts: readonly string[]): Promise<Found | "hidden" | undefined> {
  let at = Buffer.from(dir).toString("latin1");
  for (const [index, part] of parts.entries()) {
    at = `${at}/${part}`;
    const host = Buffer.from(at, "latin1");
    const stats = await lstat(host).catch(() => undefined);
    if (stats === undefined) return undefined;
    if (stats.isCharacterDevice() && stats.rdev === 0) return "hidden";
    if (index < parts.length - 1) {
      if (!stats.isDirectory()) return "hidden";
      continue;
    }
    if (stats.isSymbolicLink()) return { kind: "symlink", target: (await readlink(host, "buffer")).toString("latin1") };
    if (!stats.isDirectory()) return { kind: "other" };
    const { uid, gid } = stats;
    const mtime = Math.floor(stats.mtimeMs / 1000);
    return directoryOf(
      makeHeader({ path: `${parts.join("/")}/`, type: "directory", mode: stats.mode & 0o7777, uid, gid, mtime }),
    );
  }
  return undefined;
}

function directoryOf(header: TarHeader): Found {
  return { kind: "directory", header };
}

function splitPath(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new Error(`cannot unpack the layer: the entry ${path} is outside the image`);
  return parts;
}

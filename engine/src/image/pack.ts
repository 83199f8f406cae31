import { Readable } from "node:stream";
import { cannotStart, startProgram } from "../store/start-program.ts";
import { END_OF_TAR, formatHeader, makeHeader, padding, readTar, type TarHeader } from "./layer-tar.ts";
import { OVERLAY_MARK } from "./unpack.ts";

export interface PackOptions {
  /** Seconds since 1970 for every entry; absent: as in the folder. */
  readonly mtime?: number;
  /** With the folder itself as the first entry: its mode and owners. */
  readonly withTop?: true;
  /** Whether a file whose name would mean something else in a layer is refused. */
  readonly plainNames?: true;
}

/** A layer that has a file with a name like those by which layers say that something is gone. */
export class NamedLikeMark extends Error {}

/**
 * A layer folder in overlayfs form as the plain tar of an OCI layer. The same content gives the same bytes: names are
 * sorted, times are whole seconds, owners are numbers.
 */
export function packLayer(dir: string, options: PackOptions = {}): Readable {
  return Readable.from(translate(dir, options), { objectMode: false, highWaterMark: 1024 * 1024 });
}

async function* translate(dir: string, options: PackOptions): AsyncGenerator<Buffer, void, undefined> {
  const child = startProgram(
    "tar",
    // biome-ignore format: one line a group
    ["--create", "--file=-", `--directory=${dir}`, "--format=pax", "--sort=name", "--numeric-owner", "--xattrs", "--xattrs-include=*",
     "--pax-option=delete=atime,delete=ctime", "--warning=no-file-ignored", "."],
    { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" } },
  );
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) => reject(cannotStart("tar", cause, "tar")));
    child.on("close", resolve);
  });
  ended.catch(() => undefined);
  try {
    for await (const { header, content } of readTar(child.stdout)) {
      const path = header.path.replace(/^\.\/?/, "");
      if (path === "" && options.withTop !== true) continue;
      const mtime = options.mtime ?? header.mtime;
      if (header.type === "char" && header.devMajor === 0 && header.devMinor === 0) {
        yield formatHeader(whiteout(parentOf(path), `.wh.${nameOf(path)}`));
        continue;
      }
      if (options.plainNames === true && nameOf(path).startsWith(".wh."))
        throw new NamedLikeMark(`cannot pack the layer ${dir}: it has a file ${path}`);
      yield formatHeader({
        ...header,
        path: path === "" ? "./" : path,
        mtime,
        linkPath: header.type === "hardlink" ? header.linkPath.replace(/^\.\//, "") : header.linkPath,
        xattrs: new Map([...header.xattrs].filter(([name]) => !OVERLAY_MARK.test(name) && name !== "security.selinux")),
      });
      yield* content;
      yield padding(header.size);
      if (isOpaque(header)) yield formatHeader(whiteout(path, ".wh..wh..opq"));
    }
    yield END_OF_TAR;
    const code = await ended;
    if (code !== 0) throw new Error(`cannot pack the layer ${dir}: ${Buffer.concat(complaints).toString().trim()}`);
  } finally {
    child.kill("SIGKILL");
  }
}

function isOpaque(header: TarHeader): boolean {
  return ["trusted", "user"].some((space) => header.xattrs.get(`${space}.overlay.opaque`) === "y");
}

function whiteout(parent: string, name: string): TarHeader {
  const folder = parent === "" || parent.endsWith("/") ? parent : `${parent}/`;
  return makeHeader({ path: `${folder}${name}`, type: "file", mode: 0 });
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

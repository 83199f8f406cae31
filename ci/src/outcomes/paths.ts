import { join, normalize } from "node:path/posix";

/** Folders in which no file of the repository is, though one may be called the same. */
const FOREIGN =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|\.m2|\.gradle|pkg\/mod)\/|^\/(?:usr|lib|opt|root|home)\/|^node:/;

/** Finds the file of the repository that a tool means, whatever folder it ran in. */
export class Paths {
  readonly #files: ReadonlySet<string>;
  readonly #top: string;
  readonly #folder: string;
  readonly #byName = new Map<string, string[]>();

  /**
   * @param files all files of the repository, from its top
   * @param top where the repository lies in the container
   * @param folder that of the check, from the top of the repository; "." for the top
   */
  constructor(files: ReadonlySet<string>, top: string, folder: string) {
    this.#files = files;
    this.#top = top;
    this.#folder = folder;
    for (const file of files) {
      const name = file.slice(file.lastIndexOf("/") + 1);
      const known = this.#byName.get(name);
      if (known === undefined) this.#byName.set(name, [file]);
      else known.push(file);
    }
  }

  /**
   * The file from the top of the repository; undefined when the repository has none that is meant, or several that may be.
   *
   * @param written as a tool has written it: an absolute path, one from the folder of the check, an address, or only an end
   * @param bases folders that the tool says its paths start at
   */
  find(written: string, bases: readonly string[] = []): string | undefined {
    const path = toPath(written);
    if (path === "" || FOREIGN.test(path)) return undefined;
    const based = path.startsWith("/") ? [] : bases.map((base) => join(toPath(base), path));
    for (const one of [...based, path]) {
      const found = this.#exactly(one);
      if (found !== undefined) return found;
    }
    return this.#byStart(path) ?? this.#byEnd(path);
  }

  #exactly(path: string): string | undefined {
    const inside = path.startsWith(`${this.#top}/`) ? path.slice(this.#top.length + 1) : path;
    if (inside.startsWith("/")) return undefined;
    return [join(this.#folder, inside), normalize(inside)].find((one) => this.#files.has(one));
  }

  /** `/app/src/sum.js` of an image whose folder is `/app`. */
  #byStart(path: string): string | undefined {
    if (!path.startsWith("/")) return undefined;
    const parts = path.split("/").slice(1);
    const ends = parts.map((_, at) => parts.slice(at).join("/"));
    return ends.flatMap((end) => [join(this.#folder, end), end]).find((one) => this.#files.has(one));
  }

  /** `sum_test.go` of a package, `com/acme/Sum.java` of a source folder: only where one file alone ends so. */
  #byEnd(path: string): string | undefined {
    if (path.startsWith("/")) return undefined;
    const ending = `/${normalize(path)}`;
    const named = this.#byName.get(ending.slice(ending.lastIndexOf("/") + 1)) ?? [];
    const all = named.filter((file) => `/${file}`.endsWith(ending));
    const near = this.#folder === "." ? [] : all.filter((file) => file.startsWith(`${this.#folder}/`));
    const [only, ...others] = near.length > 0 ? near : all;
    return others.length === 0 ? only : undefined;
  }
}

function toPath(written: string): string {
  const plain = written
    .trim()
    .replace(/^file:\/\//, "")
    .replace(/[?#].*$/, "")
    .replaceAll("\\", "/");
  try {
    return decodeURIComponent(plain);
  } catch {
    // A per cent sign of its own: the path is none that was encoded.
    return plain;
  }
}

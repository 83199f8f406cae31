import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";
import { readInside } from "./inside.ts";
import { type FolderMark, isMarked, markOf } from "./own-store.ts";
import { errorCode } from "./paths.ts";
import { PatternList, type PatternState } from "./patterns.ts";

/** Which entries of a tree are taken. Empty and absent lists mean: no restriction. */
export interface FilterOptions {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Leaves out what the `.gitignore` files of the tree name. */
  readonly gitignore?: boolean;
}

/** A folder above a tree whose `.gitignore` counts too. */
export interface IgnoredAbove {
  /** Path below the root that the tree is below. */
  readonly folder: string;
  /** The way from that folder to the tree, with a slash at the end. */
  readonly prefix: string;
}

export interface TreeFilterOptions extends FilterOptions {
  /** Path below the root of the folder whose entries are judged. Absent: the root. */
  readonly folder?: string;
  /** From the top of the repository down. */
  readonly above?: readonly IgnoredAbove[];
  /** For a tree of the host: leaves out sockets, pipes and devices, and the engine's store, which is this folder. */
  readonly hostWithout?: string;
}

/** Says what of a tree is taken; a folder is judged before its entries, which get its state. */
export interface EntryFilter<S = unknown> {
  readonly start: S;
  /** @param path relative to the root of the tree */
  judge(
    path: string,
    stat: Stats,
    parent: S,
  ): { readonly taken: boolean; readonly descend: boolean; readonly state: S };
}

/** The rules of one `.gitignore` file. */
interface IgnoreRules {
  /** Folder of the file, relative to the tree, with a slash at the end; `""` at the top. Not set: above the tree. */
  readonly base: string | undefined;
  /** For rules from above: path from their folder to the tree, with a slash at the end. */
  readonly prefix: string;
  readonly rules: Ignore;
}

/** What is known at a folder, for its entries. */
export interface FilterState {
  readonly include: PatternState | undefined;
  readonly exclude: PatternState | undefined;
  /** Nearest last. */
  readonly ignores: readonly IgnoreRules[];
}

/** Judges by patterns and `.gitignore` files. */
export class TreeFilter implements EntryFilter<FilterState> {
  readonly start: FilterState;
  readonly folder: string;
  readonly #include: PatternList | undefined;
  readonly #exclude: PatternList | undefined;
  readonly #gitignore: boolean;
  readonly #ordinaryOnly: boolean;
  readonly #store: FolderMark | undefined;

  /**
   * @param root where links of `.gitignore` files lead at most
   * @throws Error `syntax error in pattern`
   */
  constructor(
    readonly root: string,
    options: TreeFilterOptions,
  ) {
    const { include = [], exclude = [], gitignore = false, above = [], hostWithout } = options;
    this.folder = options.folder ?? "";
    this.#include = include.length === 0 ? undefined : new PatternList(include);
    this.#exclude = exclude.length === 0 ? undefined : new PatternList(exclude);
    this.#gitignore = gitignore;
    this.#ordinaryOnly = hostWithout !== undefined;
    this.#store = hostWithout === undefined ? undefined : markOf(hostWithout);
    const inherited = gitignore
      ? above.flatMap((one) => {
          const { prefix } = one;
          const rules = readRules(root, one.folder);
          return rules === undefined ? [] : [{ base: undefined, prefix, rules }];
        })
      : [];
    this.start = { include: undefined, exclude: undefined, ignores: this.#withRulesOf("", inherited) };
  }

  judge(path: string, stat: Stats, parent: FilterState) {
    const isFolder = stat.isDirectory();
    if (isFolder && isMarked(stat, this.#store)) return { taken: false, descend: false, state: parent };
    const include = this.#include?.matches(path, parent.include);
    const exclude = this.#exclude?.matches(path, parent.exclude);
    const ignored = parent.ignores.length > 0 && isIgnored(path, isFolder, parent.ignores);
    const excluded = exclude?.matched === true;
    const included = include === undefined || include.matched;
    const descend =
      isFolder &&
      !ignored &&
      (!excluded || this.#exclude?.mayTakeBackBelow(path) === true) &&
      (included || this.#include?.mayMatchBelow(path) === true);
    const ignores = descend ? this.#withRulesOf(`${path}/`, parent.ignores) : parent.ignores;
    return {
      taken: included && !excluded && !ignored && (!this.#ordinaryOnly || isOrdinary(stat)),
      descend,
      state: { include: include?.state, exclude: exclude?.state, ignores },
    };
  }

  #withRulesOf(base: string, above: readonly IgnoreRules[]): readonly IgnoreRules[] {
    if (!this.#gitignore) return above;
    const rules = readRules(this.root, `${this.folder}/${base}`);
    return rules === undefined ? above : [...above, { base, prefix: "", rules }];
  }
}

function isOrdinary(stat: Stats): boolean {
  return stat.isFile() || stat.isDirectory() || stat.isSymbolicLink();
}

function readRules(root: string, folder: string): Ignore | undefined {
  try {
    // Most folders have none, and to open what is not there safely takes many calls of the system.
    if (lstatSync(join(root, folder, ".gitignore"), { throwIfNoEntry: false }) === undefined) return undefined;
    return ignore({ ignorecase: false }).add(readInside(root, `${folder}/.gitignore`).toString("utf8"));
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR", "ELOOP", "ENXIO"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** The nearest file that says something about the path decides. */
function isIgnored(path: string, isFolder: boolean, ignores: readonly IgnoreRules[]): boolean {
  for (const { base, prefix, rules } of [...ignores].reverse()) {
    const relative = base === undefined ? `${prefix}${path}` : path.slice(base.length);
    const verdict = rules.test(isFolder ? `${relative}/` : relative);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";
import { errorCode } from "./paths.ts";
import { PatternList, type PatternState } from "./patterns.ts";

/** Which entries of a tree are taken. Empty and absent lists mean: no restriction. */
export interface FilterOptions {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Leaves out what the `.gitignore` files of the tree name. */
  readonly gitignore?: boolean;
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

export interface Verdict {
  readonly taken: boolean;
  /** For folders: whether something below may be taken. */
  readonly descend: boolean;
  readonly state: FilterState;
}

/** Judges the entries of one tree from the top down: a folder before its entries. */
export class TreeFilter {
  readonly start: FilterState;
  readonly #include: PatternList | undefined;
  readonly #exclude: PatternList | undefined;
  readonly #gitignore: boolean;

  /**
   * @param root folder whose entries are judged
   * @param above for gitignore: folders above, from the top of the repository down, whose rules count too
   * @throws Error `syntax error in pattern`
   */
  constructor(
    readonly root: string,
    options: FilterOptions,
    above: readonly { readonly folder: string; readonly prefix: string }[] = [],
  ) {
    const { include = [], exclude = [], gitignore = false } = options;
    this.#include = include.length === 0 ? undefined : new PatternList(include);
    this.#exclude = exclude.length === 0 ? undefined : new PatternList(exclude);
    this.#gitignore = gitignore;
    const inherited = gitignore
      ? above.flatMap(({ folder, prefix }) => {
          const rules = readRules(folder);
          return rules === undefined ? [] : [{ base: undefined, prefix, rules }];
        })
      : [];
    this.start = { include: undefined, exclude: undefined, ignores: this.#withRulesOf("", inherited) };
  }

  /** @param path relative to the root */
  judge(path: string, isFolder: boolean, parent: FilterState): Verdict {
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
      taken: included && !excluded && !ignored,
      descend,
      state: { include: include?.state, exclude: exclude?.state, ignores },
    };
  }

  #withRulesOf(base: string, above: readonly IgnoreRules[]): readonly IgnoreRules[] {
    if (!this.#gitignore) return above;
    const rules = readRules(join(this.root, base));
    return rules === undefined ? above : [...above, { base, prefix: "", rules }];
  }
}

function readRules(folder: string): Ignore | undefined {
  try {
    return ignore({ ignorecase: false }).add(readFileSync(join(folder, ".gitignore"), "utf8"));
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return undefined;
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

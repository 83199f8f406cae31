import { basename } from "node:path/posix";
import { type Directory, ExistsType } from "@dagger.io/dagger";
import { foldPaths } from "../repository/fold-paths.ts";
import { type Outline, outlineOf, TOLD } from "../repository/outline.ts";
import { listSources } from "../repository/sources.ts";
import { asPattern, type Repository } from "./repository.ts";

/** Folders that are never looked into: what tools make and fetch, whether .gitignore names them or not. */
const NEVER = ["node_modules", ".venv", "__pycache__"];
const LEFT_OUT = NEVER.map((name) => `**/${name}`);

/** A repository of which it is known what git tracks. */
export interface Seen {
  readonly repository: Repository;
  readonly outline: Outline;
  /** What a person should know of how it is read, a line each. */
  readonly remarks: readonly string[];
}

const BLIND =
  "what git tracks is not known here (.git is that of a work tree or a submodule, or its index is split), so a file that a .gitignore names is not seen, tracked or not: an exception such as !go.sum in that .gitignore shows it";

/** What the caller's repository looks like from above. Of files that tell nothing only the names are taken along. */
export async function lookAround(found: Repository): Promise<Seen> {
  const visible = await listFiles(found.files({ include: ["**"], exclude: LEFT_OUT }));
  const isFiltered = found.folder !== "." || visible.some((path) => basename(path) === ".gitignore");
  const tracked = isFiltered ? await found.listTracked() : [];
  const hidden = await listHidden(found, tracked ?? [], visible);
  const repository = hidden.length === 0 ? found : found.withHidden(hidden);
  const remarks = tracked === undefined ? [BLIND] : [];
  return { repository, outline: await readOutline(repository, hidden.length === 0 ? visible : undefined), remarks };
}

/** Files that are there and that git tracks although a .gitignore names them. */
async function listHidden(
  repository: Repository,
  tracked: readonly string[],
  visible: readonly string[],
): Promise<string[]> {
  const seen = new Set(visible);
  const unseen = tracked.filter((path) => !seen.has(path) && !path.split("/").some((part) => NEVER.includes(part)));
  const folded = foldPaths(unseen, visible);
  const there = new Set(await repository.listAll(folded.map(asPattern)));
  return folded.filter((path) => there.has(path) || there.has(`${path}/`));
}

async function readOutline(repository: Repository, known: readonly string[] | undefined): Promise<Outline> {
  const all = repository.files({ include: ["**"], exclude: LEFT_OUT });
  const [paths, config] = await Promise.all([known ?? listFiles(all), repository.readMark()]);
  const told = repository.files({ include: [...TOLD, ...listSources(paths).map(asPattern)], exclude: LEFT_OUT });
  const toldPaths = await listFiles(told);
  const others = toldPaths.filter((path) => path !== "slipway.yaml");
  const texts = await Promise.all(others.map(async (path) => [path, await readText(path, told, all)] as const));
  const lost = new Set(texts.filter(([, text]) => text === undefined).map(([path]) => path));
  const found = [...paths.map((path) => [path, undefined] as const), ...texts].filter(([path]) => !lost.has(path));
  return outlineOf({ ...Object.fromEntries(found), ...(config === undefined ? {} : { "slipway.yaml": config }) });
}

/** The texts of more files, such as only one function reads; none of a link that leads to no file of the repository. */
export async function readTexts(repository: Repository, paths: readonly string[]): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const all = repository.files({ include: ["**"], exclude: LEFT_OUT });
  const told = repository.files({ include: paths.map(asPattern), exclude: LEFT_OUT });
  const read = async (path: string) => [path, await readText(path, told, all)] as const;
  const texts = await Promise.all(paths.map(read));
  return new Map(texts.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])));
}

/** Undefined for a link that leads to no file of the repository: nobody else can read it there either. */
async function readText(path: string, told: Directory, all: Directory): Promise<string | undefined> {
  try {
    return await told.file(path).contents();
  } catch (error) {
    // What a link leads to may have a name that tells nothing.
    if (!(await all.exists(path, { expectedType: ExistsType.RegularType }))) return undefined;
    if (await all.exists(path, { expectedType: ExistsType.RegularType, doNotFollowSymlinks: true })) throw error;
    return await all.file(path).contents();
  }
}

async function listFiles(folder: { glob(pattern: string): Promise<string[]> }): Promise<string[]> {
  return (await folder.glob("**/*")).filter((path) => !path.endsWith("/"));
}

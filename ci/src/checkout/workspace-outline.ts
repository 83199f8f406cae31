import { type Directory, ExistsType } from "@dagger.io/dagger";
import { type Outline, outlineOf, TOLD } from "../repository/outline.ts";
import { listSources } from "../repository/sources.ts";
import type { Repository } from "./repository.ts";

/** Folders that are never looked into: what tools make and fetch, whether .gitignore names them or not. */
const LEFT_OUT = ["**/node_modules", "**/.venv", "**/__pycache__"];

/** What the caller's repository looks like from above. Of files that tell nothing only the names are taken along. */
export async function readOutline(repository: Repository): Promise<Outline> {
  const all = repository.files({ include: ["**"], exclude: LEFT_OUT });
  const [paths, config] = await Promise.all([listFiles(all), repository.readMark()]);
  const told = repository.files({ include: [...TOLD, ...listSources(paths).map(asPattern)], exclude: LEFT_OUT });
  const toldPaths = await listFiles(told);
  const others = toldPaths.filter((path) => path !== "slipway.yaml");
  const texts = await Promise.all(others.map(async (path) => [path, await readText(path, told, all)] as const));
  const lost = new Set(texts.filter(([, text]) => text === undefined).map(([path]) => path));
  const found = [...paths.map((path) => [path, undefined] as const), ...texts].filter(([path]) => !lost.has(path));
  return outlineOf({ ...Object.fromEntries(found), ...(config === undefined ? {} : { "slipway.yaml": config }) });
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

/** A path as a pattern that means nothing else. */
function asPattern(path: string): string {
  return path.replace(/[*?[\]{}\\!]/g, "?");
}

async function listFiles(folder: { glob(pattern: string): Promise<string[]> }): Promise<string[]> {
  return (await folder.glob("**/*")).filter((path) => !path.endsWith("/"));
}

import { type Outline, outlineOf, TOLD } from "../repository/outline.ts";
import type { Repository } from "./repository.ts";

/** Folders that are never looked into: what tools make and fetch, whether .gitignore names them or not. */
const LEFT_OUT = ["**/node_modules", "**/.venv", "**/__pycache__"];

/** What the caller's repository looks like from above. Of files that tell nothing only the names are taken along. */
export async function readOutline(repository: Repository): Promise<Outline> {
  const all = repository.files({ include: ["**"], exclude: LEFT_OUT });
  const told = repository.files({ include: TOLD, exclude: LEFT_OUT });
  const [paths, toldPaths] = await Promise.all([listFiles(all), listFiles(told)]);
  const texts = await Promise.all(toldPaths.map(async (path) => [path, await told.file(path).contents()] as const));
  return outlineOf({ ...Object.fromEntries(paths.map((path) => [path, undefined])), ...Object.fromEntries(texts) });
}

async function listFiles(folder: { glob(pattern: string): Promise<string[]> }): Promise<string[]> {
  return (await folder.glob("**/*")).filter((path) => !path.endsWith("/"));
}

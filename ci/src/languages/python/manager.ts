import { dirname } from "node:path/posix";
import { matchesGlob } from "../../repository/glob.ts";
import { foldersUp, hasFile, listFolder, type Outline, pathIn, tellFolder } from "../../repository/outline.ts";
import { type Found, Undecided } from "../language.ts";
import { type Pyproject, readPyproject, tableAt, textsIn, valueAt } from "./pyproject.ts";

export type PythonManager = "uv" | "poetry" | "pdm" | "pipenv" | "pip";

/** Lock files by the program that writes them. */
const locks: Readonly<Record<string, PythonManager>> = {
  "uv.lock": "uv",
  "poetry.lock": "poetry",
  "pdm.lock": "pdm",
  "Pipfile.lock": "pipenv",
  Pipfile: "pipenv",
};

/** Requirement files, as projects call them: `requirements.txt`, `requirements-dev.txt`, `requirements/test.txt`, … */
const REQUIREMENTS = /^(?:requirements(?:[-_.]\w+)*|\w+[-_]requirements)\.(?:txt|in)$/;

/** Who installs the packages of a folder. */
export function findPythonManager(
  outline: Outline,
  root: string,
  pyproject: Pyproject,
  answer?: string,
): Found<PythonManager> {
  if (answer !== undefined) return { value: known(answer, "slipway.yaml"), from: "slipway.yaml" };
  const found = Object.entries(locks)
    .map(([file, name]) => ({ name, path: pathIn(root, file) }))
    .filter(({ path }) => hasFile(outline, path));
  const names = [...new Set(found.map(({ name }) => name))];
  if (names.length > 1) throw tooMany(root, found);
  const [lock] = found;
  if (lock !== undefined) return { value: lock.name, from: lock.path };
  for (const name of ["uv", "poetry", "pdm"] as const) {
    const from = `${pyproject.path} tool.${name}`;
    if (tableAt(pyproject, "tool", name) !== undefined) return { value: name, from };
  }
  const [plainest] = listRequirements(outline, root).toSorted((left, right) => left.length - right.length);
  const setup = pathIn(root, "setup.py");
  return { value: "pip", from: plainest ?? (hasFile(outline, setup) ? setup : pyproject.path) };
}

function known(name: string, from: string): PythonManager {
  const managers = ["uv", "poetry", "pdm", "pipenv", "pip"] as const;
  const manager = managers.find((one) => one === name);
  if (manager !== undefined) return manager;
  const what = `packages are installed by ${name}, which Slipway does not know`;
  const todo =
    "build the service with a Dockerfile and exclude its folder (`projects: { FOLDER: false }` in slipway.yaml), or let uv, poetry, pdm, pipenv or pip install";
  throw new Undecided([{ what, where: from, todo }]);
}

function tooMany(root: string, found: readonly { name: string; path: string }[]): Undecided {
  const paths = found.map(({ path }) => path).join(" and ");
  const names = [...new Set(found.map(({ name }) => name))].join(" or ");
  const what = `${paths} both exist: ${names}?`;
  return new Undecided([{ what, where: tellFolder(root), todo: "remove the one that is not used" }]);
}

/** The requirement files of a folder and of its `requirements/`, by their paths. */
export function listRequirements(outline: Outline, folder: string): string[] {
  const here = listFolder(outline, folder)
    .filter((name) => REQUIREMENTS.test(name) && name.endsWith(".txt"))
    .map((name) => pathIn(folder, name));
  const below = pathIn(folder, "requirements");
  return [
    ...here,
    ...listFolder(outline, below)
      .filter((name) => name.endsWith(".txt"))
      .map((name) => pathIn(below, name)),
  ];
}

/** The folder with the lock file: the project's own, or a workspace of uv above it that has it as a member. */
export function findPythonRoot(outline: Outline, path: string): string {
  const [, ...above] = foldersUp(path);
  return above.find((folder) => listUvMembers(outline, folder).includes(path)) ?? path;
}

/** The folders of the members of a workspace of uv; none when the folder is no workspace. */
export function listUvMembers(outline: Outline, root: string): string[] {
  if (!hasFile(outline, pathIn(root, "pyproject.toml"))) return [];
  const workspace = ["tool", "uv", "workspace"];
  const pyproject = readPyproject(outline, root);
  const members = textsIn(valueAt(pyproject, ...workspace, "members"));
  const out = textsIn(valueAt(pyproject, ...workspace, "exclude"));
  const start = root === "." ? "" : `${root}/`;
  return outline.paths
    .filter((path) => path.startsWith(start) && path.endsWith("/pyproject.toml"))
    .map((path) => dirname(path))
    .filter((folder) => {
      const inside = folder.slice(start.length);
      return members.some((one) => matchesGlob(inside, one)) && !out.some((one) => matchesGlob(inside, one));
    });
}

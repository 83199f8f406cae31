import { dirname, normalize } from "node:path/posix";
import type { TomlTable, TomlValue } from "../../input/toml.ts";
import { hasFile, type Outline, pathIn } from "../../repository/outline.ts";
import { listRequirements } from "./manager.ts";
import { type Pyproject, readPipfile, tableAt, textsIn, valueAt } from "./pyproject.ts";

/** Groups and extras that hold what checks need, as projects call them. */
const FOR_CHECKS =
  /^(dev|develop|development|test|tests|testing|lint|linting|typing|types|type|quality|check|checks|ci)$/;

/** What is installed beside the plain dependencies, so that the checks can run. */
export interface Dependencies {
  /** Optional dependencies of [project] for checks. */
  readonly extras: readonly string[];
  /** Groups of [dependency-groups], or of Poetry, for checks. */
  readonly groups: readonly string[];
  /** Requirement files, those for production first. */
  readonly production: readonly string[];
  readonly development: readonly string[];
  /** Files that they refer to by -r and -c. */
  readonly included: readonly string[];
  /** Folders in the repository that requirement files name: `-e .`, `../lib`. Their sources have to be there first. */
  readonly local: readonly string[];
  /** The names of all these packages, as PEP 503 compares them. */
  readonly names: ReadonlySet<string>;
}

/** The packages that a project names, wherever it names them. */
export function readDependencies(outline: Outline, folder: string, pyproject: Pyproject): Dependencies {
  const extras = keysOf(tableAt(pyproject, "project", "optional-dependencies")).filter((name) => FOR_CHECKS.test(name));
  const groups = keysOf(tableAt(pyproject, "dependency-groups")).filter((name) => FOR_CHECKS.test(name));
  const poetryGroups = keysOf(tableAt(pyproject, "tool", "poetry", "group")).filter((name) => FOR_CHECKS.test(name));
  const files = listRequirements(outline, folder);
  const development = files.filter(isForChecks);
  const production = files.filter((path) => isForProduction(path, files));
  const chosen = [...production, ...development];
  const included = followIncludes(outline, chosen);
  const pipfile = readPipfile(outline, folder);
  const ofPipfile = ["packages", "dev-packages"].flatMap((key) => Object.entries(tableAt(pipfile, key) ?? {}));
  const poetry = (...keys: string[]) => keysOf(tableAt(pyproject, "tool", "poetry", ...keys));
  const texts = [
    ...textsIn(valueAt(pyproject, "project", "dependencies")),
    ...extras.flatMap((name) => textsIn(valueAt(pyproject, "project", "optional-dependencies", name))),
    ...groups.flatMap((name) => textsIn(valueAt(pyproject, "dependency-groups", name))),
    ...textsIn(valueAt(pyproject, "tool", "uv", "dev-dependencies")),
    ...Object.values(tableAt(pyproject, "tool", "pdm", "dev-dependencies") ?? {}).flatMap(textsIn),
    ...ofPipfile.map(([name]) => name),
    ...poetry("dependencies"),
    ...poetry("dev-dependencies"),
    ...poetryGroups.flatMap((name) => poetry("group", name, "dependencies")),
    ...[...chosen, ...included].flatMap((path) => (outline.text(path) ?? "").split("\n")),
  ];
  const names = texts.map(nameOf).filter((name) => name !== undefined);
  return {
    extras,
    groups: [...groups, ...poetryGroups],
    production,
    development,
    included,
    local: [
      ...new Set([
        ...[...chosen, ...included].flatMap((path) => listLocal(outline, folder, path)),
        ...ofPipfile.flatMap(([, value]) => listPipfileLocal(folder, value)),
      ]),
    ],
    names: new Set(names),
  };
}

function keysOf(table: TomlTable | undefined): string[] {
  return Object.keys(table ?? {});
}

function stem(path: string): string {
  const inFolder = /requirements\/([\w.-]+)\.txt$/.exec(path)?.[1];
  return inFolder ?? (/([\w.-]+)\.txt$/.exec(path)?.[1] ?? "").replace(/^requirements[-_.]?|[-_]?requirements$/g, "");
}

function isForChecks(path: string): boolean {
  return FOR_CHECKS.test(stem(path));
}

/** `requirements.txt`, else `requirements/prod.txt` or `base.txt`. Files for anything else (docs, gpu) are nobody's guess. */
function isForProduction(path: string, files: readonly string[]): boolean {
  const wanted = ["", "prod", "production", "base", "main", "requirements"];
  const first = wanted.find((name) => files.some((file) => stem(file) === name));
  return first !== undefined && stem(path) === first;
}

function followIncludes(outline: Outline, files: readonly string[]): string[] {
  const seen = new Set(files);
  for (const path of seen) {
    for (const match of (outline.text(path) ?? "").matchAll(/^\s*(?:-r|--requirement|-c|--constraint)[ =]*(\S+)/gm)) {
      const other = normalize(pathIn(dirname(path), match[1] ?? ""));
      if (hasFile(outline, other)) seen.add(other);
    }
  }
  return [...seen].filter((path) => !files.includes(path));
}

/** A line of a requirement file that names a folder beside it, as sed and as we read it. */
export const LOCAL = "^[[:space:]]*((-e|--editable)[[:space:]=]*)?\\.";
const LOCAL_LINE = /^[ \t]*(?:(?:-e|--editable)[ \t=]*)?(\.[^\s[;#]*)/gm;

/** pip takes them from the folder that it runs in, not from that of the file. */
function listLocal(outline: Outline, folder: string, path: string): string[] {
  return [...(outline.text(path) ?? "").matchAll(LOCAL_LINE)].map((match) =>
    normalize(pathIn(folder, match[1] ?? "")).replace(/(?<=.)\/$/, ""),
  );
}

function nameOf(requirement: string): string | undefined {
  const name = /^\s*([A-Za-z0-9][\w.-]*)/.exec(requirement)?.[1];
  return name?.replace(/[-_.]+/g, "-").toLowerCase();
}

/** `{ path = ".", editable = true }` */
function listPipfileLocal(folder: string, value: TomlValue): string[] {
  const path = typeof value === "object" && !Array.isArray(value) ? value["path"] : undefined;
  return typeof path === "string" ? [normalize(pathIn(folder, path)).replace(/(?<=.)\/$/, "")] : [];
}

/** Whether the project is a package of its own that has to be installed: it says so, or how it is built. */
export function isPackage(pyproject: Pyproject): boolean {
  const switched: TomlValue | undefined =
    valueAt(pyproject, "tool", "uv", "package") ?? valueAt(pyproject, "tool", "poetry", "package-mode");
  return switched === true || (switched !== false && tableAt(pyproject, "build-system") !== undefined);
}

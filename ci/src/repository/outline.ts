import { basename, dirname } from "node:path/posix";

/**
 * What a repository looks like from above: the paths of its files, and the texts of those few that say what it is.
 *
 * Detection reads nothing else, so that it is plain computing: tests make an outline out of a few texts.
 */
export interface Outline {
  /** Every file by its path from the top, with forward slashes and without a leading one, in order of code units. */
  readonly paths: readonly string[];
  /** The same, to ask for one. */
  readonly files: ReadonlySet<string>;
  /** Every folder with a file in it or below it, "." among them, with the names directly in it in the order of `paths`. */
  readonly folders: ReadonlyMap<string, ReadonlySet<string>>;
  /** The files whose text was taken along, in the order of `paths`. */
  readonly told: ReadonlySet<string>;
  /**
   * The text of a file that says what a repository is; undefined when there is no such file.
   *
   * @throws Error when the file is there but its text was not read: then it is not in `told`
   */
  text(path: string): string | undefined;
}

/** Files that show which variables a program takes. */
export const EXAMPLES: readonly string[] = [
  ".env.example",
  ".env.sample",
  ".env.template",
  ".env.dist",
  ".env.defaults",
];

/**
 * Files whose text says what a repository is, wherever they lie; sources that may start a program come in addition
 * (`listSources`). All else is known by its name only.
 *
 * Patterns as `Directory.glob` and `include` take them. What is large and tells nothing (lock files of npm and pnpm,
 * sources) is left out on purpose: a lock file counts by its name.
 */
export const TOLD: readonly string[] = [
  "**/package.json",
  "**/pnpm-workspace.yaml",
  "**/.npmrc",
  "**/.yarnrc",
  "**/.yarnrc.yml",
  "**/.nvmrc",
  "**/.node-version",
  "**/.tool-versions",
  "**/tsconfig*.json",
  "**/pyproject.toml",
  "**/Pipfile",
  "**/setup.cfg",
  "**/setup.py",
  "**/tox.ini",
  "**/pytest.ini",
  "**/*requirements*.txt",
  "**/requirements/*.txt",
  "**/constraints*.txt",
  "**/main.py",
  "**/app.py",
  "**/server.py",
  "**/run.py",
  "**/wsgi.py",
  "**/asgi.py",
  "**/__main__.py",
  "**/.python-version",
  "**/runtime.txt",
  "**/uv.toml",
  "**/Procfile",
  "**/.go-version",
  "**/go.mod",
  "**/go.work",
  "**/main.go",
  "**/cmd/*/*.go",
  "**/pom.xml",
  "**/build.gradle",
  "**/build.gradle.kts",
  "**/settings.gradle",
  "**/settings.gradle.kts",
  "**/gradle.properties",
  "**/gradle-wrapper.properties",
  "**/maven-wrapper.properties",
  "**/src/main/resources/application.properties",
  "**/src/main/resources/application.yml",
  "**/src/main/resources/application.yaml",
  "**/.java-version",
  "**/.sdkmanrc",
  "**/Dockerfile",
  "**/Dockerfile.*",
  "**/*.Dockerfile",
  "**/*.dockerfile",
  "**/Containerfile",
  "**/Containerfile.*",
  "**/.dockerignore",
  ...EXAMPLES.map((name) => `**/${name}`),
  "**/compose.yaml",
  "**/compose.yml",
  "**/docker-compose.yaml",
  "**/docker-compose.yml",
  "**/kustomization.yaml",
  "**/kustomization.yml",
  "**/Kustomization",
  "**/Chart.yaml",
  "**/.gitignore",
  "**/Makefile",
  "**/.pre-commit-config.yaml",
  "**/.pre-commit-config.yml",
  "**/noxfile.py",
  "**/justfile",
  "**/Justfile",
  "**/Taskfile.yml",
  "**/Taskfile.yaml",
  ".github/workflows/*",
  ".circleci/config.yml",
  ".gitlab-ci.yml",
  ".travis.yml",
  "azure-pipelines.yml",
  "bitbucket-pipelines.yml",
  "codeship-services.yml",
  "codeship-steps.yml",
  "lefthook.yml",
  "lefthook.yaml",
  "**/.husky/*",
  "*.sh",
  "*/*.sh",
  "scripts/lint",
  "scripts/check",
  "scripts/test",
  "script/test",
  "bin/test",
  "slipway.yaml",
  "dagger.json",
  "manifests/*/*.yaml",
];

/** An outline of files with these texts. A text of `undefined` is a file that is known by its name only. */
export function outlineOf(files: Readonly<Record<string, string | undefined>>): Outline {
  const texts = new Map(Object.entries(files));
  const paths = [...texts.keys()].sort();
  return {
    paths,
    files: new Set(paths),
    folders: listFolders(paths),
    told: new Set(paths.filter((path) => texts.get(path) !== undefined)),
    text(path) {
      if (!texts.has(path)) return undefined;
      const text = texts.get(path);
      if (text === undefined) throw new Error(`the text of ${path} was not read`);
      return text;
    },
  };
}

/** The outline with more texts, such as only one function reads. */
export function withTexts(outline: Outline, texts: ReadonlyMap<string, string>): Outline {
  const textOf = (path: string) => texts.get(path) ?? (outline.told.has(path) ? outline.text(path) : undefined);
  return outlineOf(Object.fromEntries(outline.paths.map((path) => [path, textOf(path)])));
}

function listFolders(paths: readonly string[]): Map<string, Set<string>> {
  const folders = new Map([[".", new Set<string>()]]);
  for (const path of paths) {
    for (let inner = path; inner !== "."; inner = dirname(inner)) {
      const folder = dirname(inner);
      const names = folders.get(folder) ?? new Set();
      folders.set(folder, names.add(basename(inner)));
    }
  }
  return folders;
}

/** The path of `name` in a folder of the repository, where "." is the top. */
export function pathIn(folder: string, name: string): string {
  return folder === "." ? name : `${folder}/${name}`;
}

/** Whether a path is a folder or lies in it; everything lies at the top. */
export function isBelow(path: string, folder: string): boolean {
  return folder === "." || path === folder || path.startsWith(`${folder}/`);
}

/** A path as it is from a folder on; one outside of the folder stays as it is. */
export function pathBelow(path: string, folder: string): string {
  return folder !== "." && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

/** A folder and those above it, the nearest first: `a/b` → `a/b`, `a`, `.` */
export function foldersUp(path: string): string[] {
  return path === "." ? ["."] : [path, ...foldersUp(dirname(path))];
}

/** A folder as it is called in a message. */
export function tellFolder(path: string): string {
  return path === "." ? "the top" : path;
}

/** Whether the repository has a file of this path. */
export function hasFile({ files }: Outline, path: string): boolean {
  return files.has(path);
}

/** Whether the repository has a file or a folder of this path. */
export function isThere({ files, folders }: Outline, path: string): boolean {
  return files.has(path) || folders.has(path);
}

/** The names of the files and folders directly in a folder, each once. */
export function listFolder({ folders }: Outline, folder: string): string[] {
  return [...(folders.get(folder) ?? [])];
}

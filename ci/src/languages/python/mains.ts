import { hasFile, listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { type Pyproject, tableAt } from "./pyproject.ts";

/** Files that a program starts in, as projects call them, from the project's folder. */
const FILES = ["main.py", "app.py", "server.py", "run.py", "app/main.py", "src/main.py", "src/app.py", "api/main.py"];

/**
 * What starts a project, as a command line; the first of these that there is: the processes of a Procfile, a package
 * with `__main__.py`, an application of a web framework, a script, the only entry of [project.scripts].
 */
export function findPythonMains(
  outline: Outline,
  path: string,
  pyproject: Pyproject,
  names: ReadonlySet<string>,
): Found<string>[] {
  const sources = [
    () => readProcfile(outline, path),
    () => findPackages(outline, path),
    () => FILES.flatMap((file) => findApplication(outline, pathIn(path, file), file, names)).slice(0, 1),
    () => FILES.flatMap((file) => findScript(outline, pathIn(path, file), file)).slice(0, 1),
    () => listScripts(pyproject),
  ];
  return sources.map((find) => find()).find((found) => found.length > 0) ?? [];
}

/** The port of the only start that takes PORT: what it has for a PORT that is not set, otherwise the usual one. */
export function findPythonPort([main, ...others]: readonly Found<string>[]): Found<number> | undefined {
  const taken = /\$(?:\{PORT(?::-(\d+))?\}|PORT\b)/.exec(others.length > 0 ? "" : (main?.value ?? ""));
  return taken === null || main === undefined
    ? undefined
    : { value: Number(taken[1] ?? 8000), from: `${main.from} takes PORT` };
}

/** Heroku's file: a name and a command line for each process. What is run once at a release is no service. */
function readProcfile(outline: Outline, path: string): Found<string>[] {
  const from = pathIn(path, "Procfile");
  return [...(outline.text(from) ?? "").matchAll(/^(?!release\b)([\w-]+):[ \t]*(\S.*)$/gm)].map(([, name, line]) => ({
    value: (line ?? "").trim(),
    from: `${from} ${name}`,
  }));
}

function findPackages(outline: Outline, path: string): Found<string>[] {
  return [path, pathIn(path, "src")].flatMap((folder) =>
    listFolder(outline, folder)
      .map((name) => ({ name, from: pathIn(folder, `${name}/__main__.py`) }))
      .filter(({ from }) => hasFile(outline, from))
      .map(({ name, from }) => ({ value: `python -m ${name}`, from })),
  );
}

function findApplication(outline: Outline, from: string, file: string, names: ReadonlySet<string>): Found<string>[] {
  const text = outline.text(from) ?? "";
  const module = file
    .replace(/^src\//, "")
    .replace(/\.py$/, "")
    .replaceAll("/", ".");
  const where = file.startsWith("src/") ? " --app-dir src" : "";
  const asgi = /^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:FastAPI|Starlette|Litestar)\(/m.exec(text)?.[1];
  if (asgi !== undefined && (names.has("uvicorn") || names.has("fastapi")))
    return [{ value: `uvicorn ${module}:${asgi}${where} --host 0.0.0.0 --port \${PORT:-8000}`, from }];
  const wsgi = /^(\w+)\s*=\s*Flask\(/m.exec(text)?.[1];
  const folder = file.startsWith("src/") ? " --chdir src" : "";
  if (wsgi === undefined || !names.has("gunicorn")) return [];
  return [{ value: `gunicorn${folder} --bind 0.0.0.0:\${PORT:-8000} ${module}:${wsgi}`, from }];
}

function findScript(outline: Outline, from: string, file: string): Found<string>[] {
  return /^if __name__ == ["']__main__["']/m.test(outline.text(from) ?? "") ? [{ value: `python ${file}`, from }] : [];
}

function listScripts(pyproject: Pyproject): Found<string>[] {
  const names = Object.keys(
    tableAt(pyproject, "project", "scripts") ?? tableAt(pyproject, "tool", "poetry", "scripts") ?? {},
  );
  return names.length === 1 ? names.map((value) => ({ value, from: `${pyproject.path} project.scripts` })) : [];
}

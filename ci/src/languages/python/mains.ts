import { hasFile, listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { readProcfile } from "../procfile.ts";
import { USUAL } from "./listens.ts";
import { type Pyproject, tableAt } from "./pyproject.ts";

/** Files that a program starts in, as projects call them. */
const FILES = ["main.py", "app.py", "server.py", "run.py", "wsgi.py", "asgi.py"];

/** Those that are run as they are, from the project's folder. */
const SCRIPTS = [...FILES, "app/main.py", "src/main.py", "src/app.py", "api/main.py"];

/** Folders that show how something is used. */
const SHOWS = /(?:^|\/)(?:tests?|examples?|samples?|demos?|docs?|scripts|tools)\//;

/** The port of a server that is started by a shell. */
const PORT = `\${PORT:-${USUAL}}`;

/** Where an application of a web framework may be: at the top, in `src`, and in the packages there. */
function listFiles(outline: Outline, path: string): string[] {
  const inside = [".", "src"].flatMap((folder) =>
    listFolder(outline, folder === "." ? path : pathIn(path, folder)).map((name) => pathIn(folder, name)),
  );
  const folders = [".", "app", "src", ...inside];
  const all = folders.flatMap((folder) => FILES.map((file) => pathIn(folder, file)));
  return [...new Set(all)].filter((file) => hasFile(outline, pathIn(path, file)) && !SHOWS.test(file));
}

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
  const files = listFiles(outline, path);
  const { web, others } = readProcfile(outline, path);
  const isTool = isPublished(outline, path, pyproject);
  const sources = [
    () => (web === undefined ? [...others] : [web]),
    () => (isTool ? [] : findPackages(outline, path)),
    () => files.flatMap((file) => findApplication(outline, pathIn(path, file), file, names)).slice(0, 1),
    () => findDjango(outline, path, names),
    () => SCRIPTS.flatMap((file) => findScript(outline, pathIn(path, file), file)).slice(0, 1),
    () => (isTool ? [] : listScripts(pyproject)),
  ];
  return sources.map((find) => find()).find((found) => found.length > 0) ?? [];
}

/** Classifiers that only a package has which others are to find in an index. */
const PUBLISHED = /["'\s](?:Development Status|Intended Audience|Topic) ::/;

/** Whether a project is a library or a tool for others: then its commands are for people, and start no service. */
export function isPublished(outline: Outline, path: string, pyproject: Pyproject): boolean {
  const files = [pyproject.path, pathIn(path, "setup.cfg"), pathIn(path, "setup.py")];
  const text = files.map((file) => outline.text(file) ?? "").join("\n");
  return PUBLISHED.test(text) && !/["'\s]Private ::/.test(text);
}

/** Django, by a server that is among the packages. Its own one is for development. */
function findDjango(outline: Outline, path: string, names: ReadonlySet<string>): Found<string>[] {
  if (!hasFile(outline, pathIn(path, "manage.py")) || !names.has("django")) return [];
  const find = (file: string) =>
    listFolder(outline, path).find((name) => hasFile(outline, pathIn(path, `${name}/${file}`)));
  const wsgi = find("wsgi.py");
  const asgi = find("asgi.py");
  if (wsgi !== undefined && names.has("gunicorn"))
    return [{ value: `gunicorn --bind 0.0.0.0:${PORT} ${wsgi}.wsgi`, from: pathIn(path, `${wsgi}/wsgi.py`) }];
  if (asgi === undefined || !names.has("uvicorn")) return [];
  const value = `uvicorn ${asgi}.asgi:application --host 0.0.0.0 --port ${PORT}`;
  return [{ value, from: pathIn(path, `${asgi}/asgi.py`) }];
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
  const assigned = (made: RegExp) =>
    new RegExp(`^(\\w+)\\s*(?::\\s*\\w+\\s*)?=\\s*(?:${made.source})\\(`, "m").exec(text)?.[1];
  const asgi = assigned(
    names.has("flask") ? /FastAPI|Starlette|Litestar|Quart/ : /FastAPI|Starlette|Litestar|Quart|create_app/,
  );
  if (asgi !== undefined && (names.has("uvicorn") || names.has("fastapi")))
    return [{ value: `uvicorn ${module}:${asgi}${where} --host 0.0.0.0 --port ${PORT}`, from }];
  const wsgi = assigned(/Flask|create_app/);
  const folder = file.startsWith("src/") ? " --chdir src" : "";
  if (wsgi === undefined || !names.has("gunicorn")) return [];
  return [{ value: `gunicorn${folder} --bind 0.0.0.0:${PORT} ${module}:${wsgi}`, from }];
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

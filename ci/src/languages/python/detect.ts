import { hasFile, isBelow, isThere, listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import { pythonImage } from "../../tool-images.ts";
import { decideAll } from "../decide.ts";
import type { Answers, Project } from "../language.ts";
import { readProcfile, remarkOthers } from "../procfile.ts";
import { findPort, present, readSources } from "../reads.ts";
import { listPythonCommands } from "./commands.ts";
import { isPackage, readDependencies } from "./dependencies.ts";
import { planPython } from "./install.ts";
import { findPythonPort } from "./listens.ts";
import { findPythonMains, isPublished } from "./mains.ts";
import { findPythonManager, findPythonRoot, listUvMembers } from "./manager.ts";
import { type Pyproject, readPyproject, tableAt, textIn } from "./pyproject.ts";
import { findPythonVersion } from "./version.ts";

/** Files beside pyproject.toml that an install reads. */
const INSTALL = [
  "pyproject.toml",
  "uv.lock",
  "uv.toml",
  "poetry.lock",
  "poetry.toml",
  "pdm.lock",
  "pdm.toml",
  "Pipfile",
  "Pipfile.lock",
  ".python-version",
];

/** What tools of Python write. */
const MADE = [
  "__pycache__",
  "*.pyc",
  ".venv",
  "venv",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  "*.egg-info",
  ".coverage",
];

/** A project of Python: what pyproject.toml, the lock file, requirement files and configured tools say of it. */
export function detectPython(outline: Outline, path: string, answers: Answers = {}): Project | undefined {
  if (!isProject(outline, path)) return undefined;
  const pyproject = readPyproject(outline, path);
  const root = findPythonRoot(outline, path);
  const { manager, version } = decideAll({
    manager: () => findPythonManager(outline, root, readPyproject(outline, root), answers.manager),
    version: () => findPythonVersion(outline, [...new Set([path, root])], pyproject, answers.version),
  });
  const dependencies = readDependencies(outline, path, pyproject);
  const { commands, remarks } = listPythonCommands(outline, path, pyproject, dependencies.names);
  const name = textIn(pyproject, "project", "name") ?? textIn(pyproject, "tool", "poetry", "name");
  const mains = findPythonMains(outline, path, pyproject, dependencies.names);
  const port = findPort(outline, path) ?? findPythonPort(outline, path, mains);
  const members = listUvMembers(outline, root);
  // Members of a workspace may need each other; only the lock file knows which.
  const siblings = path === root ? [] : members.filter((folder) => folder !== path);
  const local = dependencies.local.filter((folder) => !isBelow(folder, path) && isThere(outline, folder));
  const isOwn = isPackage(pyproject) || (manager.value === "pip" && isSetup(outline, path));
  return {
    language: "python",
    path,
    root,
    ...(name === undefined ? {} : { name: { value: name, from: `${pyproject.path} name` } }),
    manager,
    version,
    image: { value: pythonImage(version.value), from: version.from },
    packages: {
      include: [
        ...present(outline, root, INSTALL),
        ...members.map((folder) => pathIn(folder, "pyproject.toml")),
        ...(manager.value === "pip"
          ? [...dependencies.production, ...dependencies.development, ...dependencies.included]
          : []),
      ],
      exclude: [],
    },
    reads: readSources(outline, [path, ...siblings, ...local], MADE, listKept(outline, path)),
    ...planPython({ path, manager: manager.value, locked: isLocked(outline, root), isOwn, dependencies, pyproject }),
    commands,
    mains,
    ...(port === undefined ? {} : { port }),
    remarks: [...remarks, ...remarkOthers(readProcfile(outline, path)), ...remarkTool(outline, path, pyproject)],
  };
}

/** Why what people could start is no service. */
function remarkTool(outline: Outline, path: string, pyproject: Pyproject): string[] {
  const scripts = Object.keys(tableAt(pyproject, "project", "scripts") ?? {});
  if (scripts.length === 0 || !isPublished(outline, path, pyproject)) return [];
  return [
    `${pyproject.path} has the classifiers of a published package: ${scripts.join(", ")} is treated as a tool for people, not as a service`,
  ];
}

/** What a build of a package reads though it is for people: it ends without the README that pyproject.toml names. */
function listKept(outline: Outline, path: string): string[] {
  const text = ["pyproject.toml", "setup.py", "setup.cfg"]
    .map((name) => outline.text(pathIn(path, name)) ?? "")
    .join("\n");
  return listFolder(outline, path)
    .filter((name) => text.includes(name) || (/^LICENSE/.test(name) && /license/.test(text)))
    .map((name) => pathIn(path, name));
}

function isLocked(outline: Outline, root: string): boolean {
  return ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"].some((name) => hasFile(outline, pathIn(root, name)));
}

/** A setup.py that says how a package is built, and not a module of that name. */
function isSetup(outline: Outline, path: string): boolean {
  return /\b(?:from|import)\s+(?:setuptools|distutils|skbuild|pbr|numpy\.distutils)\b/.test(
    outline.text(pathIn(path, "setup.py")) ?? "",
  );
}

/** pyproject.toml with more than the configuration of tools, or requirement files or setup.py beside sources. */
function isProject(outline: Outline, path: string): boolean {
  const names = listFolder(outline, path);
  if (["uv.lock", "poetry.lock", "pdm.lock", "Pipfile"].some((name) => names.includes(name))) return true;
  if (isSetup(outline, path)) return true;
  if (names.includes("pyproject.toml")) {
    const pyproject = readPyproject(outline, path);
    const said = ["project", "build-system"].some((key) => tableAt(pyproject, key) !== undefined);
    if (said || tableAt(pyproject, "tool", "poetry") !== undefined) return true;
  }
  if (!names.includes("requirements.txt") && !names.includes("requirements")) return false;
  return outline.paths.some((one) => isBelow(one, path) && one.endsWith(".py"));
}

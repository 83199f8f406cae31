import { relative } from "node:path/posix";
import { PACKAGE_MANAGERS } from "../../tool-images.ts";
import type { Command, Step } from "../language.ts";
import { type Dependencies, LOCAL } from "./dependencies.ts";
import type { PythonManager } from "./manager.ts";
import { type Pyproject, textsIn, valueAt } from "./pyproject.ts";

/** What the plan depends on. */
interface Installed {
  readonly path: string;
  readonly manager: PythonManager;
  /** Whether there is a lock file. */
  readonly locked: boolean;
  /** Whether the project is a package itself, which is installed once its sources are there. */
  readonly isOwn: boolean;
  readonly dependencies: Dependencies;
  readonly pyproject: Pyproject;
}

/** The steps before the sources for checks and for production, and those after the sources. */
export interface PythonPlan {
  readonly install: readonly Step[];
  readonly production: readonly Step[];
  readonly setup: readonly Step[];
  /** The same for production: the package itself, not as a link to its sources. */
  readonly productionSetup: readonly Step[];
}

/** How the packages come into `.venv`, by the program that made the lock file. */
export function planPython(installed: Installed): PythonPlan {
  const { install, production, setup, productionSetup } = plans[installed.manager](installed);
  const here = (commands: readonly Command[]): Step[] =>
    commands.map((command) => ({ command, folder: installed.path }));
  return {
    install: here(install),
    production: here(production),
    setup: here(setup),
    productionSetup: here(productionSetup),
  };
}

type Commands = Readonly<Record<keyof PythonPlan, readonly Command[]>>;

const PIP: Command = ["pip", "install", "--root-user-action=ignore", "--disable-pip-version-check", "--no-compile"];

const plans: Readonly<Record<PythonManager, (installed: Installed) => Commands>> = { uv, poetry, pdm, pipenv, pip };

function uv({ locked, dependencies, isOwn, pyproject }: Installed): Commands {
  const get: Command = [...PIP, `uv==${PACKAGE_MANAGERS.uv}`];
  const sync: Command = ["uv", "sync", ...(locked ? ["--frozen"] : [])];
  const { extras, groups } = dependencies;
  const checks = [...extras.flatMap((name) => ["--extra", name]), ...groups.flatMap((name) => ["--group", name])];
  // Without a lock file uv asks the package itself what it needs, and the package may read that from its sources.
  const early = locked || !isOwn || valueAt(pyproject, "project", "dynamic") === undefined;
  return {
    install: early ? [get, [...sync, "--no-install-workspace", ...checks]] : [get],
    production: early ? [get, [...sync, "--no-install-workspace", "--no-default-groups"]] : [get],
    setup: isOwn ? [[...sync, ...checks]] : [],
    productionSetup: isOwn ? [[...sync, "--no-default-groups", "--no-editable"]] : [],
  };
}

function poetry({ dependencies: { extras, groups }, isOwn }: Installed): Commands {
  const get: Command = [...PIP, `poetry==${PACKAGE_MANAGERS.poetry}`];
  const install: Command = ["poetry", "install", "--no-interaction"];
  const checks = [...extras.flatMap((name) => ["--extras", name]), ...groups.flatMap((name) => ["--with", name])];
  return {
    install: [get, [...install, "--no-root", ...checks]],
    production: [get, [...install, "--no-root", "--only", "main"]],
    setup: isOwn ? [[...install, "--only-root"]] : [],
    productionSetup: isOwn ? [[...install, "--only-root"]] : [],
  };
}

function pdm({ locked, dependencies: { extras }, isOwn }: Installed): Commands {
  // Its cache came with another version of a package that it names no limit for.
  const get: Command = [...PIP, `pdm==${PACKAGE_MANAGERS.pdm}`, "hishel<2"];
  const install: Command = locked ? ["pdm", "sync"] : ["pdm", "install", "--no-lock"];
  const checks = extras.flatMap((name) => ["-G", name]);
  return {
    install: [get, ENVIRONMENT, [...install, "--no-self", ...checks]],
    production: [get, ENVIRONMENT, [...install, "--no-self", "--prod"]],
    setup: isOwn ? [[...install, ...checks]] : [],
    productionSetup: isOwn ? [[...install, "--prod", "--no-editable"]] : [],
  };
}

function pipenv({ locked, dependencies: { local } }: Installed): Commands {
  const get: Command = [...PIP, `pipenv==${PACKAGE_MANAGERS.pipenv}`];
  const install: Command = locked ? ["pipenv", "sync"] : ["pipenv", "install", "--skip-lock"];
  const all = [ENVIRONMENT, [...install, "--dev"]];
  const production = [ENVIRONMENT, install];
  // A package that lies in the repository is built from its sources, so all waits for them.
  const later = local.length > 0;
  return {
    install: [get, ...(later ? [] : all)],
    production: [get, ...(later ? [] : production)],
    setup: later ? all : [],
    productionSetup: later ? production : [],
  };
}

/** The environment that pdm and pipenv find by themselves in a project's folder. */
const ENVIRONMENT: Command = ["python", "-m", "venv", ".venv"];

function pip({ path: folder, dependencies, pyproject, isOwn }: Installed): Commands {
  const make: Command = ["python", "-m", "venv", "--without-pip", ".venv"];
  const into: Command = ["pip", "--python", ".venv/bin/python", ...PIP.slice(1)];
  const { production, development, extras } = dependencies;
  const fromFiles = (files: readonly string[]) => files.flatMap((path) => ["-r", relative(folder, path)]);
  const named = (...lists: readonly string[][]) => lists.flatMap((keys) => textsIn(valueAt(pyproject, ...keys)));
  const plain = production.length > 0 ? fromFiles(production) : named(["project", "dependencies"]);
  const checks = [
    ...fromFiles(development),
    ...named(...extras.map((name) => ["project", "optional-dependencies", name])),
    ...named(...dependencies.groups.map((name) => ["dependency-groups", name])),
  ];
  const later = dependencies.local.length > 0;
  // What lies in the repository is taken out of the files until it is there.
  const files = [...production, ...development, ...dependencies.included].map((path) => relative(folder, path));
  const first = later ? [make, ["sed", "-i", "-E", `/${LOCAL}/d`, ...files]] : [make];
  const run = (wanted: readonly string[]) => (wanted.length === 0 ? first : [...first, [...into, ...wanted]]);
  const again = (wanted: readonly string[]) => (later && wanted.length > 0 ? [[...into, ...wanted]] : []);
  const names = dependencies.local.includes(folder);
  const all = extras.length === 0 ? "." : `.[${extras.join(",")}]`;
  return {
    install: run([...plain, ...checks]),
    production: run(plain),
    setup: [...again([...plain, ...checks]), ...(isOwn && !names ? [[...into, "--editable", all]] : [])],
    productionSetup: [...again(plain), ...(isOwn ? [[...into, "."]] : [])],
  };
}

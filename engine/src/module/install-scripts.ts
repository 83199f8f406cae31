import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EMPTY_CONTAINER } from "../api/container.ts";
import { runCommand } from "../api/container-exec.ts";
import { ExecFailure } from "../api/errors.ts";
import { type Command, PLAIN_COMMAND } from "../api/exec.ts";
import type { Session } from "../api/session.ts";
import type { ContainerValue } from "../api/values.ts";
import { isOffline, LOAD_IT } from "../store/offline.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { digestOf } from "../store/store.ts";
import { ModuleProblem } from "./config.ts";
import { NPM, type PackageManager, PNPM_OF_LOCK_9 } from "./package-manager.ts";
import { byNode, PROGRAM_PLACE } from "./package-room.ts";
import { fetchProgram } from "./run-package-manager.ts";
import { RUNTIME_ENV } from "./sandbox.ts";

/** Packages whose scripts have not been run yet. */
export interface InstalledPackages {
  readonly manager: PackageManager;
  /** `node_modules` in the folder of the package. */
  readonly packages: Snapshot;
  /** The root of functions. */
  readonly runtime: Snapshot;
  /** Absolute folder of the package in the container. */
  readonly packageDir: string;
  /** What was beside `node_modules` when they were installed. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** For errors: `module "x"`. */
  readonly subject: string;
}

/**
 * Runs the install scripts of a module's packages as an exec in the system of functions, which has nothing of this machine and
 * nothing of what the person has set for package managers. Once for the same packages.
 *
 * @param onNote told whose scripts are not run
 * @returns the packages, and above them what the scripts have written
 * @throws ModuleProblem with the package manager's words
 */
export async function runInstallScripts(
  session: Session,
  installed: InstalledPackages,
  onNote: (text: string) => void,
): Promise<Snapshot> {
  const { manager, packages, runtime, packageDir, files, subject } = installed;
  const { store } = session;
  const [layer] = packages.layers;
  if (layer === undefined || areOff(files[".npmrc"])) return packages;
  const findNames = () => packagesWithScripts(join(store.layerDir(layer), packageDir, "node_modules")).join(", ");
  if (manager.name === "bun") {
    const names = findNames();
    if (names !== "") onNote(`${subject}: the install scripts of its packages are not run for Bun (${names})`);
    return packages;
  }
  const key = ["install scripts", manager, packageDir, runtime.layers, packages.layers];
  return await store.once(key, async () => {
    const names = findNames();
    if (names === "") return packages;
    const { args, env, program } = await commandFor(session, manager, onNote);
    const beside = await store.change({ layers: [...runtime.layers, ...packages.layers] }, async (root) => {
      for (const [path, content] of Object.entries(files)) await writeFile(join(root, packageDir, path), content);
    });
    const place = dirname(PROGRAM_PLACE);
    const source = { snapshot: program, path: "/" };
    const container: ContainerValue = {
      ...EMPTY_CONTAINER,
      rootfs: beside,
      workdir: packageDir,
      env: new Map(Object.entries({ ...ENVIRONMENT, ...env })),
      mounts: [{ kind: "directory", path: place, target: place, source, readOnly: true }],
    };
    const command: Command = { ...PLAIN_COMMAND, args, trustsHost: true };
    const name = `run the install scripts of ${names}`;
    const request = { container, command, expect: "SUCCESS", name, key: digestOf(key) };
    const { rootfs } = await runCommand(session, request).catch((error: unknown) => {
      throw error instanceof ExecFailure ? problemOf(error, manager, subject) : error;
    });
    return { layers: rootfs.layers.slice(runtime.layers.length) };
  });
}

/** Whether the module's settings say so. pnpm reads it only where it installs. */
function areOff(npmrc: string | Buffer = ""): boolean {
  return /^\s*ignore-scripts\s*(?:=\s*["']?true["']?\s*)?$/m.test(npmrc.toString("utf8"));
}

/** With the programs of the package manager. */
const ENVIRONMENT = {
  ...RUNTIME_ENV,
  PATH: `${RUNTIME_ENV.PATH}:${PROGRAM_PLACE}/.bin`,
  npm_config_update_notifier: "false",
};

/** npm runs those of packages that Yarn has installed as well: both put them into the same folders. */
async function commandFor(session: Session, manager: PackageManager, onNote: (text: string) => void) {
  if (manager.name !== "pnpm") {
    const version = (manager.name === "npm" && manager.version) || NPM;
    const program = await fetchProgram(session.store, "npm", version, onNote);
    return { program, env: {}, args: [...byNode("npm"), "rebuild", "--no-audit", "--no-fund", "--logs-max=0"] };
  }
  const { version = "" } = manager;
  const program = await fetchProgram(session.store, "pnpm", version, onNote);
  const env = {
    npm_config_store_dir: "/caches/pnpm-store",
    npm_config_side_effects_cache: "false",
    npm_config_unsafe_perm: "true",
    // It stands in for one that runs all of them without being asked to.
    ...(version === PNPM_OF_LOCK_9 ? { npm_config_dangerously_allow_all_builds: "true" } : {}),
  };
  return { program, env, args: [...byNode("pnpm"), "rebuild"] };
}

const WITHOUT_THEM =
  "  to do: if the packages work without them, write ignore-scripts=true into .npmrc beside package.json: no script is run then, also by Dagger's own engine";

function problemOf({ message, exec }: ExecFailure, { name }: PackageManager, subject: string): ModuleProblem {
  const words = exec.stderr.trim() || exec.stdout.trim() || message;
  const todo = isOffline() ? LOAD_IT : WITHOUT_THEM;
  return new ModuleProblem(
    `${name} could not run the install scripts of the packages of ${subject}: ${words}\n${todo}`,
  );
}

/**
 * Names of the packages that have something to run when they are installed, sorted.
 *
 * @param folder a folder `node_modules`, also one that pnpm has made
 */
function packagesWithScripts(folder: string): readonly string[] {
  const found = new Set<string>();
  const look = (modules: string): void => {
    for (const dir of packagesIn(modules)) {
      const named = scriptsIn(dir);
      if (named !== undefined) found.add(named);
      look(join(dir, "node_modules"));
    }
  };
  look(folder);
  for (const one of foldersIn(join(folder, ".pnpm"))) look(join(folder, ".pnpm", one, "node_modules"));
  return [...found].sort();
}

/** Only real folders: a link leads to what is found elsewhere, or out of the packages. */
function foldersIn(dir: string): readonly string[] {
  if (lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const entries = readdirSync(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function packagesIn(modules: string): readonly string[] {
  const names = foldersIn(modules).filter((name) => !name.startsWith("."));
  return names.flatMap((name) =>
    name.startsWith("@")
      ? foldersIn(join(modules, name)).map((one) => join(modules, name, one))
      : [join(modules, name)],
  );
}

const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"];

/** The package's name if it has scripts; a `binding.gyp` is a script of its own. */
function scriptsIn(dir: string): string | undefined {
  const isFile = (file: string) => lstatSync(join(dir, file), { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile("package.json")) return undefined;
  const text = readFileSync(join(dir, "package.json"), "utf8");
  const { name, scripts } = JSON.parse(text.replace(/^\uFEFF/, "")) as Readonly<Record<string, unknown>>;
  const written = Object.keys((scripts ?? {}) as object);
  const has = INSTALL_SCRIPTS.some((script) => written.includes(script)) || isFile("binding.gyp");
  return has ? String(name) : undefined;
}

import { existsSync, realpathSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { isOffline, LOAD_IT } from "../store/offline.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { type EndedProgram, type ProgramOptions, runProgram } from "../store/start-program.ts";
import type { Store } from "../store/store.ts";
import { ModuleProblem } from "./config.ts";
import { refuseLocalPackages } from "./local-packages.ts";
import { LOG_IN, NpmAnswers, REACH_IT, saysLogin, saysUnreachable } from "./npm-answers.ts";
import { BUN, NPM, type PackageManager, PNPM, PNPM_OF_LOCK_9, YARN } from "./package-manager.ts";
import { byNode, type NpmSettings, PROGRAM_PLACE, runInPackageRoom } from "./package-room.ts";

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** What the versions are that this engine takes by itself. */
const INTEGRITY: Readonly<Record<string, string>> = {
  [`npm@${NPM}`]: "sha512-n19sJeW+RGKdkHo8SCc5xhSwkKhQUFfZaFzSc+EsYXLjSqIV0tl72aDYQVuzVvfrbysGwdaQsNLNy58J10EBSQ==",
  [`yarn@${YARN}`]: "sha512-prL3kGtyG7o9Z9Sv8IPfBNrWTDmXB4Qbes8A9rEzt6wkJV8mUvoirjU0Mp3GGAU06Y0XQyA3/2/RQFVuK7MTfg==",
  [`pnpm@${PNPM}`]: "sha512-C9Opvp6w6aaSZ23uwAowO6IYuiedmSQUdWFrOY267t0RFG+SwoQ0WPVXsdEn4J1MFx4QW9zWthACs5aFqAFrng==",
  [`pnpm@${PNPM_OF_LOCK_9}`]:
    "sha512-9JtajqD97bRLs8DB1ldQkqU8KVDZW3rRXfEfF5dId6LeOgHAfpNOmyjOcW5RwJqUlixzBtCb4uHksYqMh2L9Mg==",
  [`@oven/bun-linux-x64@${BUN}`]:
    "sha512-sGEWoJQXO4GDr0x4t/yJQ/Bq1yNkOdX9tHbZZ+DBGJt3z3r7jeb4Digv8xQUk6gdTFC9vnGHuin+KW3/yD1Aww==",
  [`@oven/bun-linux-aarch64@${BUN}`]:
    "sha512-WHthS/eLkCNcp9pk4W8aubRl9fIUgt2XhHyLrP0GClB1FVvmodu/zIOtG0NXNpzlzB8+gglOkGo4dPjfVf4Z+g==",
};

/** `install` and not what demands that the lock fits: the lock of a module may hold the packages that the runtime provides. */
const NPM_ARGS = [
  "--omit=dev",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  // Its requests are read: by itself it would wait for over a minute for each package where there is no network.
  "--loglevel=http",
  // Its file would lie where the room is.
  "--logs-max=0",
];
const ARGS = {
  yarn: ["install", "--prod", "--ignore-scripts", "--ignore-engines", "--non-interactive", "--no-progress", "--silent"],
  pnpm: [
    "install",
    "--prod",
    "--shamefully-hoist=true",
    "--ignore-scripts",
    "--ignore-pnpmfile",
    "--ignore-workspace",
    "--no-frozen-lockfile",
    // Its own store holds what a container of a function must not change.
    "--package-import-method=copy",
    "--reporter=append-only",
    "--loglevel=error",
  ],
  bun: [
    "install",
    "--no-verify",
    "--omit=dev",
    "--omit=peer",
    "--omit=optional",
    "--ignore-scripts",
    "--no-progress",
    "--save-text-lockfile",
  ],
} as const;

/** Whose packages are installed where, and who is told what. */
export interface Installation {
  /** The folder with package.json. */
  readonly dir: string;
  /** Where that will be in the container of a function; pnpm writes it down. */
  readonly place: string;
  /** Shows the system of functions. */
  readonly systemDir: string;
  /** For errors: `module "x"`. */
  readonly subject: string;
  /** Told when nobody answers. */
  readonly onNote: (text: string) => void;
}

/**
 * Installs what package.json and the lock file in a folder say, without scripts of packages and in a room of its own. Yarn, pnpm and
 * Bun come from npm's registry first, once.
 *
 * @throws ModuleProblem with the package manager's words
 */
export async function runPackageManager(
  store: Store,
  { name, version = "", skipsPeers = false }: PackageManager,
  { dir, place, systemDir, subject, onNote }: Installation,
): Promise<void> {
  const could = `${name} could not install the packages of ${subject}`;
  if (name === "bun" && isOffline())
    throw new ModuleProblem(`${could}: it cannot install without a network\n${LOAD_IT}`);
  const program = name === "bun" ? `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : "x64"}` : name;
  const fetching = async () => {
    const { layers } = await fetchProgram(store, program, version, onNote);
    return join(store.layerDir(layers[0] as string), "node_modules");
  };
  const finding = name === "npm" && version === "" ? findNpm() : fetching();
  const [programDir, settings] = await Promise.all([finding, readNpmSettings()]);
  const inRoom = async (args: readonly string[], options: ProgramOptions = {}) => {
    const rootDir = await store.makeScratch("package-room");
    const needsProc = name === "yarn" || name === "bun";
    const limits = { timeout: INSTALL_TIMEOUT_MS, ...options };
    return await runInPackageRoom({ systemDir, rootDir, dir, place, programDir, args, settings, needsProc }, limits);
  };
  if (name === "npm") {
    const peers = skipsPeers ? ["--legacy-peer-deps"] : [];
    await runNpm(["install", ...peers], could, onNote, (args, options) => inRoom([...byNode(name), ...args], options));
  } else {
    const command =
      name === "bun"
        ? [join(PROGRAM_PLACE, program, "bin/bun"), ...ARGS.bun]
        : [...byNode(name), ...ARGS[name], ...offline("--offline")];
    const ended = await inRoom(command);
    if (ended.code !== 0) throw failureOf(name, ended, could);
  }
  refuseLocalPackages(name, dir, subject);
}

const SETTINGS = ["userconfig", "globalconfig", "cache", "cafile"];

/** A module's own `.npmrc` is not asked. */
async function readNpmSettings(): Promise<NpmSettings> {
  const { stdout } = await runProgram(["npm", "config", "get", ...SETTINGS], { cwd: "/" });
  const lines = stdout.toString("utf8").split("\n");
  const found = SETTINGS.map((key) => [key, lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== "" && value !== "null"));
}

const NPM_SCRIPT = "/npm/bin/npm-cli.js";

/**
 * The folder that npm of this machine lies in, with what it needs beside it. The command is a link to its script where it comes with
 * Node or from the system; a version manager has a program of its own in that place, which has to be asked.
 *
 * @throws ModuleProblem where it cannot be found
 */
async function findNpm(): Promise<string> {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((folder) => resolve("/", folder, "npm"));
  const command = places.find((place) => existsSync(place));
  const linked = command === undefined ? "" : realpathSync(command);
  if (linked.endsWith(NPM_SCRIPT)) return dirname(dirname(dirname(linked)));
  const { stdout } = await runProgram(["npm", "exec", "--offline", "--call", 'echo "$npm_execpath"'], { cwd: "/" });
  const script = stdout.toString("utf8").trim();
  if (script.endsWith(NPM_SCRIPT) && existsSync(script)) return dirname(dirname(dirname(realpathSync(script))));
  throw new ModuleProblem(
    `npm of this machine cannot be used to install packages: it does not say where its program is (npm exec --call 'echo "$npm_execpath"')`,
  );
}

function offline(flag: string): readonly string[] {
  // What the package manager has in its own cache will do.
  return isOffline() ? [flag] : [];
}

/** `node_modules` with one package of npm's registry in it; the versions above are held to their digests. */
export async function fetchProgram(
  store: Store,
  name: string,
  version: string,
  onNote: (text: string) => void,
): Promise<Snapshot> {
  return await store.once(["package manager", name, version], async () => {
    const dir = await store.makeScratch("package-manager");
    const integrity = INTEGRITY[`${name}@${version}`];
    const dependencies = { [name]: version };
    await writeFile(join(dir, "package.json"), JSON.stringify({ private: true, dependencies }));
    if (integrity !== undefined) {
      const place = `https://registry.npmjs.org/${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
      const packages = {
        "": { dependencies },
        [`node_modules/${name}`]: { version, resolved: place, integrity },
      };
      await writeFile(join(dir, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
    }
    const could = `npm could not get ${name} ${version}`;
    await runNpm([integrity === undefined ? "install" : "ci"], could, onNote, (args, options) =>
      // It ends with this process.
      runProgram(["setpriv", "--pdeathsig", "KILL", "npm", ...args], {
        cwd: dir,
        timeout: INSTALL_TIMEOUT_MS,
        ...options,
      }),
    );
    return { layers: [await store.addLayer(dir)] };
  });
}

async function runNpm(
  [verb = "", ...more]: readonly string[],
  could: string,
  onNote: (text: string) => void,
  start: (args: readonly string[], options: ProgramOptions) => Promise<EndedProgram>,
): Promise<void> {
  const answers = new NpmAnswers(onNote);
  const ended = await start([verb, ...NPM_ARGS, ...more, ...offline("--offline")], {
    onStderr: (part, end) => {
      if (answers.take(part) === "nobody") end();
    },
  });
  if (ended.code === 0) return;
  if (answers.nobody !== undefined) throw new ModuleProblem(`${could}: ${answers.nobody}\n${REACH_IT}`);
  throw failureOf("npm", { ...ended, stderr: withoutRequests(ended.stderr) }, could);
}

/** What npm says beside its requests. */
function withoutRequests(stderr: string): string {
  return stderr.replaceAll(/^npm (?:http|notice|warn|WARN)\b.*\n?/gm, "");
}

function failureOf(program: string, { code, signal, stdout, stderr }: EndedProgram, could: string): ModuleProblem {
  const told = `${program} ended with ${signal ?? `exit code ${code}`} and said nothing`;
  const reason = stderr.trim() || stdout.toString("utf8").trim() || told;
  const todo = isOffline() ? LOAD_IT : saysUnreachable(reason) ? REACH_IT : saysLogin(reason) ? LOG_IN : "";
  return new ModuleProblem([`${could}: ${reason}`, todo].filter((part) => part !== "").join("\n"));
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isOffline, LOAD_IT } from "../store/offline.ts";
import { type EndedProgram, type ProgramOptions, runProgram } from "../store/start-program.ts";
import type { Store } from "../store/store.ts";
import { ModuleProblem } from "./config.ts";
import { NpmAnswers, REACH_IT, saysUnreachable } from "./npm-answers.ts";
import { BUN, type PackageManager, PNPM, PNPM_OF_LOCK_9, YARN } from "./package-manager.ts";
import { findRuntimeNode } from "./runtime-files.ts";

/** Yarn would run what a package from git says about its own making. */
const NO_GIT = { GIT_ALLOW_PROTOCOL: "none" };

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** What the versions are that this engine takes by itself. */
const INTEGRITY: Readonly<Record<string, string>> = {
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
  bun: ["install", "--no-verify", "--omit=dev", "--omit=peer", "--omit=optional", "--ignore-scripts", "--no-progress"],
} as const;

/**
 * Installs what package.json and the lock file in a folder say, without scripts of packages: this happens outside of any
 * sandbox. Yarn, pnpm and Bun come from npm's registry first, once.
 *
 * @param subject whose packages these are, for errors: `module "x"`
 * @param onNote told when nobody answers
 * @throws ModuleProblem with the package manager's words
 */
export async function runPackageManager(
  store: Store,
  { name, version = "", skipsPeers = false }: PackageManager,
  dir: string,
  subject: string,
  onNote: (text: string) => void,
): Promise<void> {
  const could = `${name} could not install the packages of ${subject}`;
  if (name === "npm") {
    const peers = skipsPeers ? ["--legacy-peer-deps"] : [];
    return await runNpm(["install", ...peers], dir, could, onNote);
  }
  if (name === "bun") {
    if (isOffline()) throw new ModuleProblem(`${could}: it cannot install without a network\n${LOAD_IT}`);
    const program = `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : "x64"}`;
    return await run([join(await fetchProgram(store, program, version, onNote), "bin/bun"), ...ARGS.bun], dir, could);
  }
  const folder = await fetchProgram(store, name, version, onNote);
  const script = join(folder, "bin", name === "yarn" ? "yarn.js" : "pnpm.cjs");
  const command = [findRuntimeNode(), script, ...ARGS[name], ...offline("--offline")];
  await run(command, dir, could, name === "yarn" ? NO_GIT : {});
}

function offline(flag: string): readonly string[] {
  // What the package manager has in its own cache will do.
  return isOffline() ? [flag] : [];
}

/** The folder of a package of npm's registry; the versions above are held to their digests. */
async function fetchProgram(
  store: Store,
  name: string,
  version: string,
  onNote: (text: string) => void,
): Promise<string> {
  const { layers } = await store.once(["package manager", name, version], async () => {
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
    await runNpm([integrity === undefined ? "install" : "ci"], dir, `npm could not get ${name} ${version}`, onNote);
    return { layers: [await store.addLayer(dir)] };
  });
  return join(store.layerDir(layers[0] as string), "node_modules", name);
}

async function runNpm(
  [verb = "", ...more]: readonly string[],
  cwd: string,
  could: string,
  onNote: (text: string) => void,
): Promise<void> {
  const answers = new NpmAnswers(onNote);
  const ended = await runToEnd(["npm", verb, ...NPM_ARGS, ...more, ...offline("--offline")], cwd, {
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

async function run(
  command: readonly string[],
  cwd: string,
  could: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ended = await runToEnd(command, cwd, { env: { ...process.env, ...env } });
  if (ended.code !== 0) throw failureOf(command[0] ?? "", ended, could);
}

async function runToEnd(command: readonly string[], cwd: string, options: ProgramOptions): Promise<EndedProgram> {
  // It ends with this process.
  return await runProgram(["setpriv", "--pdeathsig", "KILL", ...command], {
    cwd,
    timeout: INSTALL_TIMEOUT_MS,
    ...options,
  });
}

function failureOf(program: string, { code, signal, stdout, stderr }: EndedProgram, could: string): ModuleProblem {
  const told = `${program} ended with ${signal ?? `exit code ${code}`} and said nothing`;
  const reason = stderr.trim() || stdout.toString("utf8").trim() || told;
  const todo = isOffline() ? `\n${LOAD_IT}` : saysUnreachable(reason) ? `\n${REACH_IT}` : "";
  return new ModuleProblem(`${could}: ${reason}${todo}`);
}

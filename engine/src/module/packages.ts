import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { InStep } from "../api/session.ts";
import { isOffline, LOAD_IT } from "../store/offline.ts";
import { EMPTY, type Snapshot } from "../store/snapshot.ts";
import type { Store } from "../store/store.ts";
import { ModuleProblem } from "./config.ts";
import { type ModuleSource, sourceText } from "./source.ts";

/** The runtime has these itself. */
const PROVIDED = ["typescript", "@dagger.io/dagger"];
const NPM_LOCKS = ["package-lock.json", "npm-shrinkwrap.json"];
const OTHER_LOCKS = ["yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];
const INSTALL_TIMEOUT_MS = 10 * 60_000;

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly overrides?: unknown;
  readonly [key: string]: unknown;
}

/** The module's package.json as the real runtime makes it: an ES module that does not bring the SDK. */
export function normalisePackageJson(source: ModuleSource): string {
  const { dependencies = {}, ...rest } = readPackageJson(source);
  const { "@dagger.io/dagger": _sdk, ...kept } = dependencies;
  return `${JSON.stringify({ ...rest, type: "module", dependencies: kept }, undefined, 2)}\n`;
}

function readPackageJson(source: ModuleSource): PackageJson {
  const text = sourceText(source, "package.json");
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as PackageJson;
  } catch (error) {
    throw new ModuleProblem(`package.json of module "${source.config.name}" is not JSON: ${(error as Error).message}`);
  }
}

/**
 * The module's production dependencies as a layer with `node_modules` in the folder of the package.
 *
 * npm installs them, whatever package manager the module names, and runs no scripts of theirs: this happens outside of
 * any sandbox. Once for each content of what npm reads.
 *
 * @param packageDir absolute folder of the package in the container
 * @param onNote told when a lock file of another package manager is not followed
 * @param inStep gets the installation as a step
 * @throws ModuleProblem with npm's words
 */
export async function installPackages(
  store: Store,
  source: ModuleSource,
  packageDir: string,
  onNote: (text: string) => void,
  inStep: InStep,
): Promise<Snapshot> {
  const { dependencies = {}, overrides } = readPackageJson(source);
  const wanted = Object.fromEntries(Object.entries(dependencies).filter(([name]) => !PROVIDED.includes(name)));
  if (Object.keys(wanted).length === 0) return EMPTY;
  const lock = NPM_LOCKS.find((name) => sourceText(source, name) !== undefined);
  const foreign = OTHER_LOCKS.find((name) => sourceText(source, name) !== undefined);
  if (lock === undefined && foreign !== undefined) {
    onNote(`module ${source.config.name}: npm installs its packages without looking at ${foreign}`);
  }
  const inputs: Record<string, string> = {
    "package.json": JSON.stringify({
      private: true,
      dependencies: wanted,
      ...(overrides === undefined ? {} : { overrides }),
    }),
  };
  for (const name of [...(lock === undefined ? [] : [lock]), ".npmrc"]) {
    const text = sourceText(source, name);
    if (text !== undefined) inputs[name] = text;
  }
  return await store.once(["npm packages", packageDir, inputs], async () => {
    const dir = await store.makeScratch("packages");
    await Promise.all(Object.entries(inputs).map(([name, text]) => writeFile(join(dir, name), text)));
    await inStep("install its packages by npm", () => runNpm(dir, source.config.name));
    const layer = await store.makeScratch("packages-layer");
    await mkdir(dirname(join(layer, packageDir, "node_modules")), { recursive: true });
    await rename(join(dir, "node_modules"), join(layer, packageDir, "node_modules"));
    return { layers: [await store.addLayer(layer)] };
  });
}

/** `install`, not `ci`: a lock file of the module may hold the packages that were left out above. */
async function runNpm(dir: string, moduleName: string): Promise<void> {
  const args = [
    "install",
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
    // What npm has in its own cache will do.
    ...(isOffline() ? ["--offline"] : []),
  ];
  const { execa } = await import("execa");
  const ended = await execa("npm", args, { cwd: dir, stdin: "ignore", timeout: INSTALL_TIMEOUT_MS, reject: false });
  if (!ended.failed) return;
  const reason = ended.stderr.trim() || ended.shortMessage;
  const advice = isOffline() ? `\n${LOAD_IT}` : "";
  throw new ModuleProblem(`npm could not install the packages of module "${moduleName}": ${reason}${advice}`);
}

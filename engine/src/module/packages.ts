import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { InStep, Session } from "../api/session.ts";
import { EMPTY, type Snapshot } from "../store/snapshot.ts";
import { ModuleProblem } from "./config.ts";
import { runInstallScripts } from "./install-scripts.ts";
import { packageManagerOf } from "./package-manager.ts";
import { runPackageManager } from "./run-package-manager.ts";
import { type ModuleSource, sourceContent, sourceText } from "./source.ts";

/** The runtime has these itself. */
const PROVIDED = ["typescript", "@dagger.io/dagger"];

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
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

/** The variables in a module's settings are those of its own container, which has none; they must not be read from this machine. */
function withoutVariables(settings: string | Buffer): string {
  return settings.toString("utf8").replace(/\$\{/g, "\\${");
}

/** What of package.json says which packages there are, beside the dependencies. */
const READ_ALSO = ["optionalDependencies", "peerDependencies", "overrides", "resolutions", "pnpm"];

/**
 * The module's production dependencies as a layer with `node_modules` in the folder of the package, by the package manager
 * that the TypeScript SDK takes and from its lock file. Once for each content of what that reads.
 *
 * @param runtime the root of functions
 * @param packageDir absolute folder of the package in the container
 * @param onNote told when a lock file of another package manager is not followed, and when nobody answers
 * @param inStep gets the installation as a step
 * @throws ModuleProblem with the package manager's words
 */
export async function installPackages(
  session: Session,
  source: ModuleSource,
  runtime: Snapshot,
  packageDir: string,
  onNote: (text: string) => void,
  inStep: InStep,
): Promise<Snapshot> {
  const { store } = session;
  const { dependencies = {}, packageManager, ...rest } = readPackageJson(source);
  const manager = packageManagerOf(packageManager, (path) => sourceText(source, path));
  const wanted = Object.fromEntries(Object.entries(dependencies).filter(([name]) => !PROVIDED.includes(name)));
  if (Object.keys(wanted).length === 0) return EMPTY;
  const { name, version, lock, ignored, insteadOf, skipsPeers } = manager;
  const subject = `module ${JSON.stringify(source.config.name)}`;
  if (ignored !== undefined)
    onNote(`module ${source.config.name}: ${name} installs its packages without looking at ${ignored}`);
  if (insteadOf !== undefined)
    onNote(
      `module ${source.config.name}: the npm of this machine installs its packages instead of ${insteadOf}, which is too old for it`,
    );
  const also = Object.fromEntries(Object.entries(rest).filter(([key]) => READ_ALSO.includes(key)));
  const inputs: Record<string, string | Buffer> = {
    "package.json": JSON.stringify({ private: true, dependencies: wanted, ...also }),
  };
  for (const path of [...(lock === undefined ? [] : [lock]), ".npmrc"]) {
    const content = sourceContent(source, path);
    if (content !== undefined) inputs[path] = path === ".npmrc" ? withoutVariables(content) : content;
  }
  const key = Object.entries(inputs).map(([path, content]) => [path, Buffer.from(content).toString("base64")]);
  const packages = await store.once(
    ["packages", name, version ?? "", ...(skipsPeers ? ["no peers"] : []), packageDir, key],
    async () => {
      const dir = await store.makeScratch("packages");
      await Promise.all(Object.entries(inputs).map(([path, content]) => writeFile(join(dir, path), content)));
      const title = `install its packages by ${name}${version === undefined ? "" : ` ${version}`}`;
      const installation = { dir, place: packageDir, systemDir: await store.view(runtime), subject, onNote };
      await inStep(title, () => runPackageManager(store, manager, installation));
      const layer = await store.makeScratch("packages-layer");
      const [made, place] = [join(dir, "node_modules"), join(layer, packageDir, "node_modules")];
      await mkdir(dirname(place), { recursive: true });
      // Bun makes no folder for nothing.
      if (existsSync(made)) await rename(made, place);
      return { layers: [await store.addLayer(layer)] };
    },
  );
  const installed = { manager, packages, runtime, packageDir, files: inputs, subject };
  return await runInstallScripts(session, installed, onNote);
}

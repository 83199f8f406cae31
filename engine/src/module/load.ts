import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { engineSteps, type InStep } from "../api/session.ts";
import { shortDigest } from "../api/step-inputs.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { digestOf, type Store } from "../store/store.ts";
import { resultLifetime } from "./cache-policy.ts";
import { exportDependencies } from "./client-code.ts";
import { customise } from "./customise.ts";
import { defineModule } from "./define.ts";
import type { ModuleHost } from "./host.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { installPackages, normalisePackageJson } from "./packages.ts";
import { ENGINE_DIR, MODULES_DIR, PLAN_FILE } from "./paths-inside.ts";
import type { LaunchPlan } from "./plan.ts";
import { openRuntimeRoot } from "./runtime-root.ts";
import { placeSdk, scanModule } from "./scan.ts";
import type { ScannedModule } from "./scanned.ts";
import type { ModuleSource } from "./source.ts";
import { entryFilesOf, transformSource } from "./transform.ts";

/** Files of a module's code that are told apart to say which of them changed. */
const MOST_INPUTS = 500;

/** What is kept of a module's code between two commands. */
interface StoredModule {
  readonly scanned: ScannedModule;
  /** Root of a function's container. */
  readonly root: Snapshot;
  /** The files of the package alone, below `packageDir`. */
  readonly source: Snapshot;
}

/**
 * Gets a module ready: types, JavaScript and packages come from the store when this content was loaded before.
 *
 * @throws ModuleProblem
 */
export async function loadModule(source: ModuleSource, host: ModuleHost): Promise<LoadedModule> {
  const [runtime, dependencies] = await Promise.all([
    openRuntimeRoot(host.session.store, host.bundlesDir),
    Promise.all(source.dependencies.map((dependency) => loadModule(dependency, host))),
  ]);
  const code = digestOf(["code", source.digest, runtime.digest]);
  const packageDir = posix.join(MODULES_DIR, source.sourcePath);
  const stored = await loadCode(code, { source, runtime: runtime.snapshot, dependencies, packageDir }, host);
  const { name, config, customizations } = source;
  const defs = dependencies.map((dependency) => dependency.def);
  return {
    def: customise(defineModule(name, stored.scanned, defs, config.name), customizations),
    digest: digestOf(["module", code, name, customizations]),
    moduleSource: source,
    packageDir,
    sourceSnapshot: stored.source,
    root: stored.root,
    dependencies,
    lifetimeOf: (def) => resultLifetime(def.cache, source.config),
  };
}

function recallModule(code: string, { session: { store } }: ModuleHost): StoredModule | undefined {
  for (const found of store.recallAll<StoredModule>(code)) if (store.has(found.root)) return found;
  return undefined;
}

/** The module as it was kept, or made ready now: a step either way, because it says which files of the code changed. */
async function loadCode(code: string, parts: Parts, host: ModuleHost): Promise<StoredModule> {
  const { report } = host.session;
  const { config, files } = parts.source;
  const id = `load ${code}`;
  const inputs = files.slice(0, MOST_INPUTS).map((file) => ({
    name: file.path,
    digest: shortDigest("link" in file ? file.link : file.content),
  }));
  report({ kind: "start", id, name: `load module ${config.name}`, key: code, inputs, ofEngine: true });
  const known = recallModule(code, host);
  let outcome: "cached" | "done" | "failed" = known === undefined ? "failed" : "cached";
  try {
    const stored = known ?? (await registerModule(code, parts, host, engineSteps(report, id)));
    if (known === undefined) outcome = "done";
    return stored;
  } finally {
    report({ kind: "end", id, outcome });
  }
}

interface Parts {
  readonly source: ModuleSource;
  readonly runtime: Snapshot;
  readonly dependencies: readonly LoadedModule[];
  readonly packageDir: string;
}

async function registerModule(code: string, parts: Parts, host: ModuleHost, inStep: InStep): Promise<StoredModule> {
  const { source, runtime, packageDir } = parts;
  const { store, report } = host.session;
  const { name } = source.config;
  const dependencies = parts.dependencies.map((dependency) => dependency.def);
  const entryFiles = entryFilesOf(source, packageDir);
  // First, because it waits for answers of a registry.
  const installing = installPackages(
    host.session,
    source,
    runtime,
    packageDir,
    (text) => report({ kind: "note", text }),
    inStep,
  );
  const placing = placeSource(store, source, packageDir);
  const scanning = placing.then((sourceLayer) =>
    scanModule(
      host,
      { layers: [...runtime.layers, sourceLayer] },
      { name, packageDir, files: entryFiles, dependencies },
    ),
  );
  // Whoever has changed a module calls it next, and hears then why it cannot be.
  host.session.network.open().catch(() => undefined);
  const transforming = transformSource(source, packageDir);
  // Also where one fails, all have ended: the store cannot be left while one of them works in it.
  await Promise.allSettled([transforming, scanning, installing]);
  const [scripts, scanned, packages] = await Promise.all([transforming, scanning, installing]);
  const sourceLayer = await placing;
  // What is refused is not kept.
  const own = defineModule(name, scanned, dependencies);
  const called = source.config.selfCalls ? [...dependencies, own] : dependencies;
  const plan: LaunchPlan = { sourceDir: packageDir, entryFiles, ...scripts, scanned, dependencies: called };
  const planDir = await store.makeScratch("plan");
  await mkdir(dirname(join(planDir, PLAN_FILE)), { recursive: true });
  await writeFile(join(planDir, PLAN_FILE), JSON.stringify(plan));
  const dependencyCode = called.length === 0 ? undefined : exportDependencies(called, `${ENGINE_DIR}/sdk/index.js`);
  await placeSdk(planDir, packageDir, dependencyCode);
  const planLayer = await store.addLayer(planDir);
  const stored: StoredModule = {
    scanned,
    root: { layers: [...runtime.layers, ...packages.layers, sourceLayer, planLayer] },
    source: { layers: [sourceLayer] },
  };
  store.remember(code, stored);
  return stored;
}

const PACKAGE_FILE = "package.json";

/** Writes the files of a module's package as a layer. */
async function placeSource(store: Store, source: ModuleSource, packageDir: string): Promise<string> {
  const rootDir = await store.makeScratch("module");
  const top = join(rootDir, packageDir);
  const folders = new Set<string>();
  const makeFolder = (folder: string) => {
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
  };
  makeFolder(top);
  // At once: to wait for each of some hundred small files takes ten times as long.
  for (const file of source.files) {
    // It is made anew below. As a link it would lead out of the store.
    if (file.path === PACKAGE_FILE) continue;
    const place = join(top, file.path);
    makeFolder(dirname(place));
    if ("link" in file) symlinkSync(file.link, place);
    else {
      writeFileSync(place, file.content);
      chmodSync(place, file.mode);
    }
  }
  writeFileSync(join(top, PACKAGE_FILE), normalisePackageJson(source), { flag: "wx" });
  return await store.addLayer(rootDir);
}

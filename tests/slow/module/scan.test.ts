import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { defineModule } from "../../../engine/src/module/define.ts";
import type { ModuleDef } from "../../../engine/src/module/definition.ts";
import { MODULES_DIR, SCAN_SNAPSHOT } from "../../../engine/src/module/paths-inside.ts";
import { placeIn } from "../../../engine/src/module/runtime-files.ts";
import { openRuntimeRoot } from "../../../engine/src/module/runtime-root.ts";
import { runScan, type ScanInput, type ScanRun, scanModule, scannedOf } from "../../../engine/src/module/scan.ts";
import { type ModuleSource, readModuleSource } from "../../../engine/src/module/source.ts";
import { entryFilesOf } from "../../../engine/src/module/transform.ts";
import type { Snapshot } from "../../../engine/src/store/snapshot.ts";
import { writeModule } from "../../support/served-module.ts";
import { openTestSession } from "../../support/test-session.ts";
import { writeFiles } from "../../support/write-files.ts";

/** Modules whose types come from where the snapshot has parsed and bound them before. */
const WITH_DECLARATIONS: Readonly<Record<string, string>> = {
  inferred: `
    @object() export class Inferred {
      @func() async page(address: string) { return await (await fetch(address)).text(); }
      @func() size(text: string) { return new TextEncoder().encode(text).length; }
      @func() part(address: string) { return new URL(address).hostname; }
      @func() later() { return Promise.resolve(dag.container()); }
    }`,
  merged: `
    declare global {
      interface Response { readonly more: string }
      interface Array<T> { first(): T }
    }
    @object() export class Merged {
      @func() async more(address: string) { return (await fetch(address)).more; }
      @func() first(names: string[]) { return names.first(); }
    }`,
  extended: `
    declare module "@dagger.io/dagger" { interface Container { more(): boolean } }
    @object() export class Extended {
      @func() more(container: Container) { return container.more(); }
    }`,
  shadowing: `
    interface Response { readonly length: number }
    class Directory {}
    @object() export class Shadowing {
      @func() length(text: string) { const found: Response = text; return found.length; }
      @func() other(one: Directory): string { return String(one); }
    }`,
  unknown: `
    @object() export class Unknown { @func() page(address: string) { return fetch(address); } }`,
};

const HEAD = `import { Container, dag, func, object } from "@dagger.io/dagger";\n`;

const scans = suite("the introspector, ready to read");

const dir = mkdtempSync(join(tmpdir(), "slipway-scan-"));
let open: OpenSession;
let runtime: Snapshot;

scans.before(async () => {
  open = await openTestSession({ workdir: dir, storeDir: join(dir, "store") });
  runtime = (await openRuntimeRoot(open.session.store, resolve("engine/dist/module"))).snapshot;
});
scans.after(async () => {
  await open.close();
  rmSync(dir, { recursive: true, force: true });
});

const GOLDEN = "tests/conformance/golden/modules";
const recorded = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith("dagger.json") && existsSync(join(GOLDEN, dirname(path))))
  .map((path) => join(GOLDEN, dirname(path)));

for (const folder of [".", "bench/module", ...recorded]) {
  scans(`finds in ${folder} what it finds when it is started anew`, async () => {
    const own = join(dir, folder === "." ? "repository" : folder);
    for (const part of folder === "." ? ["dagger.json", "ci"] : ["."]) {
      cpSync(join(folder, part), join(own, part), { recursive: true, filter: (path) => !/node_modules/.test(path) });
    }
    await compare(own);
  });
}

for (const [name, source] of Object.entries(WITH_DECLARATIONS)) {
  scans(`finds in the module ${name} what it finds when it is started anew`, async () => {
    const folder = join(dir, "own", name);
    writeModule(folder, name, HEAD + source);
    await compare(folder);
  });
}

scans("finds in a module with declarations of its own what it finds when it is started anew", async () => {
  const folder = join(dir, "own", "packages");
  const source = `import { made } from "./made.js"; @object() export class Packages { @func() made() { return made(); } }`;
  const declared = `/// <reference lib="dom" />\nexport declare function made(): Promise<Response["status"]>;\n`;
  writeModule(folder, "packages", HEAD + source, { "ci/src/made.d.ts": declared });
  await compare(folder);
});

scans("is started anew where Node refuses to take it ready", async () => {
  const bundles = join(dir, "bundles");
  cpSync(resolve("engine/dist/module"), bundles, { recursive: true });
  writeFileSync(join(bundles, "digest"), "made by another Node");
  const snapshot = placeIn(bundles, SCAN_SNAPSHOT);
  const bytes = readFileSync(snapshot);
  bytes.write("24.13.0", bytes.indexOf("24.13.1"));
  writeFileSync(snapshot, bytes);
  const folder = join(dir, "own", "another");
  writeModule(folder, "another", `${HEAD}@object() export class Another { @func() one(): string { return "1"; } }`);
  const source = readModuleSource(folder);
  const { layers } = (await openRuntimeRoot(open.session.store, bundles)).snapshot;
  const root = { layers: [...layers, await layerOf(source)] };
  const input = await inputOf(source);
  assert.is((await runScan(open.session, root, input, "ready")).exit.code, 14);
  const { objects } = await scanModule({ session: open.session, bundlesDir: bundles }, root, input);
  assert.equal(Object.keys(objects["Another"]?.methods ?? {}), ["one"]);
});

async function compare(folder: string): Promise<void> {
  let source: ModuleSource;
  try {
    source = readModuleSource(folder);
  } catch {
    // What is wrong is not in its code: no introspector gets it.
    return;
  }
  const input = await inputOf(source);
  const root = { layers: [...runtime.layers, await layerOf(source)] };
  const plain = await runScan(open.session, root, input, "plain");
  const ready = await runScan(open.session, root, input, "ready");
  assert.equal(outcomeOf(ready), outcomeOf(plain));
}

async function inputOf(source: ModuleSource): Promise<ScanInput> {
  const { name } = source.config;
  const packageDir = posix.join(MODULES_DIR, source.sourcePath);
  const files = entryFilesOf(source, packageDir);
  const dependencies = await Promise.all(source.dependencies.map(definitionOf));
  return { name, packageDir, files, dependencies };
}

async function definitionOf(source: ModuleSource): Promise<ModuleDef> {
  const input = await inputOf(source);
  const root = { layers: [...runtime.layers, await layerOf(source)] };
  return defineModule(input.name, scannedOf(await runScan(open.session, root, input, "plain")), input.dependencies);
}

async function layerOf({ sourcePath, files }: ModuleSource): Promise<string> {
  const scratch = await open.session.store.makeScratch("module");
  for (const file of files) {
    if ("content" in file) writeFiles(join(scratch, MODULES_DIR, sourcePath), { [file.path]: String(file.content) });
  }
  return await open.session.store.addLayer(scratch);
}

/** What it found, or why not, without the places in its own code. */
function outcomeOf(run: ScanRun): unknown {
  if (run.exit.code === 0) return scannedOf(run);
  return { code: run.exit.code, reason: run.stderr.split("\n").filter((line) => /^\w*Error\b/.test(line)) };
}

scans.run();

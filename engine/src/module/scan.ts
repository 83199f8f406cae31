import { appendFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { exitText } from "../api/exit-text.ts";
import type { Exit, RunningContainer } from "../run/container.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { declareDependencies } from "./client-code.ts";
import { ModuleProblem } from "./config.ts";
import type { ModuleDef } from "./definition.ts";
import type { ModuleHost } from "./host.ts";
import { readOutput } from "./output.ts";
import { ENGINE_DIR } from "./paths-inside.ts";
import { scanEnvironment } from "./runtime-files.ts";
import { openSandbox } from "./sandbox.ts";
import type { ScannedModule } from "./scanned.ts";

const SDK_PACKAGE = "node_modules/@dagger.io/dagger";
const CLIENT_FILE = "api/client.gen.ts";

/**
 * Reads the types of a module by the SDK's introspector, in a container; no code of the module runs but default values.
 *
 * @param root the runtime root and the module's source
 * @param options.packageDir absolute folder of the package in the container
 * @throws ModuleProblem with the introspector's words
 */
export async function scanModule(
  host: ModuleHost,
  root: Snapshot,
  options: {
    readonly name: string;
    readonly packageDir: string;
    readonly files: readonly string[];
    readonly dependencies: readonly ModuleDef[];
  },
): Promise<ScannedModule> {
  const { name, packageDir, files, dependencies } = options;
  if (files.length === 0) {
    throw new ModuleProblem(
      `failed to initialize module: failed to call sdk moduleTypes: there is no TypeScript file in ${packageDir}/src`,
    );
  }
  const client = posix.join(packageDir, SDK_PACKAGE, CLIENT_FILE);
  const sandbox = await openSandbox(
    host,
    root,
    ["/usr/local/bin/node", `${ENGINE_DIR}/scan/scan.cjs`, name, ...files, client],
    { env: scanEnvironment(ENGINE_DIR) },
  );
  try {
    await placeTypes(sandbox.spec.rootDir, packageDir, dependencies);
    const container = await host.session.start(sandbox.spec);
    const output = await collectAll(container);
    const exit = await container.exit;
    if (exit.code !== 0) throw scanProblem(name, exit, output.stderr);
    return JSON.parse(output.stdout.trimEnd().split("\n").at(-1) ?? "") as ScannedModule;
  } finally {
    await sandbox.close();
  }
}

/** The SDK's declarations lie in the root already; only a client with more than the core has to be written. */
async function placeTypes(rootDir: string, packageDir: string, dependencies: readonly ModuleDef[]): Promise<void> {
  const types = `${ENGINE_DIR}/types/@dagger.io/dagger`;
  const target = join(rootDir, packageDir, SDK_PACKAGE);
  await mkdir(dirname(target), { recursive: true });
  if (dependencies.length === 0) {
    await symlink(types, target);
    return;
  }
  await cp(join(rootDir, types), target, { recursive: true });
  await appendFile(join(target, CLIENT_FILE), `\n${declareDependencies(dependencies)}\n`);
}

async function collectAll(container: RunningContainer): Promise<{ stdout: string; stderr: string }> {
  const stdout: string[] = [];
  const { stderr } = await readOutput(container, (stream, text) => {
    if (stream === "stdout") stdout.push(text);
  });
  return { stdout: stdout.join(""), stderr };
}

/** The line with the reason; a stack of the introspector's own code says nothing to whoever wrote the module. */
function scanProblem(name: string, exit: Exit, stderr: string): ModuleProblem {
  const reason =
    /^(?:Uncaught )?(\w*Error(?: \[\w+\])?: [^\n]*(?:\n(?! {4}at)[^\n]+)*)/m.exec(stderr)?.[1] ?? stderr.trim();
  return new ModuleProblem(
    `failed to initialize module "${name}": failed to call sdk moduleTypes: ${reason || exitText(exit)}`,
  );
}

/** Writes the package `@dagger.io/dagger` of a function's container: the SDK bundle, and the types of dependencies. */
export async function placeSdk(rootDir: string, packageDir: string, dependencyCode: string | undefined): Promise<void> {
  const target = join(rootDir, packageDir, SDK_PACKAGE);
  await mkdir(dirname(target), { recursive: true });
  if (dependencyCode === undefined) {
    await symlink(`${ENGINE_DIR}/sdk`, target);
    return;
  }
  await mkdir(target);
  const exports = { ".": "./index.js", "./telemetry": "./telemetry.js" };
  await Promise.all([
    writeFile(join(target, "index.js"), dependencyCode),
    writeFile(join(target, "telemetry.js"), `export * from ${JSON.stringify(`${ENGINE_DIR}/sdk/telemetry.js`)};\n`),
    writeFile(join(target, "package.json"), JSON.stringify({ name: "@dagger.io/dagger", type: "module", exports })),
  ]);
}

import { existsSync } from "node:fs";
import { appendFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { exitText } from "../api/exit-text.ts";
import type { Session } from "../api/session.ts";
import type { Exit, RunningContainer } from "../run/container.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { declareDependencies } from "./client-code.ts";
import { ModuleProblem } from "./config.ts";
import type { ModuleDef } from "./definition.ts";
import type { ModuleHost } from "./host.ts";
import { readOutput } from "./output.ts";
import { CLIENT_FILE, ENGINE_DIR, SCAN_SNAPSHOT, TYPES_DIR } from "./paths-inside.ts";
import { placeIn, scanEnvironment } from "./runtime-files.ts";
import { openSandbox } from "./sandbox.ts";
import type { ScannedModule } from "./scanned.ts";

const SDK_PACKAGE = "node_modules/@dagger.io/dagger";
const CLIENT_NAME = "api/client.gen.ts";

/** Node's exit code where a snapshot was made by another Node, or for another kind of processor. */
const SNAPSHOT_REFUSED = 14;

/** What is read: the package in the container, and what its client has beside the core. */
export interface ScanInput {
  readonly name: string;
  /** Absolute folder of the package. */
  readonly packageDir: string;
  readonly files: readonly string[];
  readonly dependencies: readonly ModuleDef[];
}

/** The end of the introspector, and what it printed. */
export interface ScanRun {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the introspector is started: ready to read a module, or, where Node refuses that, from its code. Both find the same. */
export const SCAN_PROGRAMS = {
  ready: ["--snapshot-blob", SCAN_SNAPSHOT, "scan"],
  plain: [`${ENGINE_DIR}/scan/scan.cjs`],
} as const;

/**
 * Reads the types of a module by the SDK's introspector, in a container; no code of the module runs but default values.
 *
 * @param root the runtime root and the module's source
 * @throws ModuleProblem with the introspector's words
 */
export async function scanModule(
  { session, bundlesDir }: Pick<ModuleHost, "session" | "bundlesDir">,
  root: Snapshot,
  input: ScanInput,
): Promise<ScannedModule> {
  const { name, packageDir, files } = input;
  if (files.length === 0) {
    throw new ModuleProblem(
      `failed to initialize module: failed to call sdk moduleTypes: there is no TypeScript file in ${packageDir}/src`,
    );
  }
  // The npm package is without it: it would be most of what is downloaded.
  const hasSnapshot = existsSync(placeIn(bundlesDir, SCAN_SNAPSHOT));
  const ready = hasSnapshot ? await runScan(session, root, input, "ready") : undefined;
  const isRead = ready !== undefined && ready.exit.code !== SNAPSHOT_REFUSED;
  const ran = isRead ? ready : await runScan(session, root, input, "plain");
  if (ran.exit.code !== 0) throw scanProblem(name, ran);
  return scannedOf(ran);
}

/** Runs the introspector in a throw-away copy of `root`. */
export async function runScan(
  session: Session,
  root: Snapshot,
  { name, packageDir, files, dependencies }: ScanInput,
  program: keyof typeof SCAN_PROGRAMS,
): Promise<ScanRun> {
  // Without dependencies the package is a link, and the compiler knows its files by where they really are.
  const client = dependencies.length === 0 ? CLIENT_FILE : posix.join(packageDir, SDK_PACKAGE, CLIENT_NAME);
  const command = ["/usr/local/bin/node", ...SCAN_PROGRAMS[program], name, ...files, client];
  const env = scanEnvironment(ENGINE_DIR);
  const sandbox = await openSandbox(session, root, session.network.alone(), command, { env });
  try {
    await placeTypes(sandbox.spec.rootDir, packageDir, dependencies);
    const container = await session.start(sandbox.spec);
    const output = await collectAll(container);
    return { exit: await container.exit, ...output };
  } finally {
    await sandbox.close();
  }
}

/** The result is in the last line. */
export function scannedOf({ stdout }: ScanRun): ScannedModule {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as ScannedModule;
}

/** The SDK's declarations lie in the root already; only a client with more than the core has to be written. */
async function placeTypes(rootDir: string, packageDir: string, dependencies: readonly ModuleDef[]): Promise<void> {
  const target = join(rootDir, packageDir, SDK_PACKAGE);
  await mkdir(dirname(target), { recursive: true });
  if (dependencies.length === 0) {
    await symlink(TYPES_DIR, target);
    return;
  }
  await cp(join(rootDir, TYPES_DIR), target, { recursive: true });
  await appendFile(join(target, CLIENT_NAME), `\n${declareDependencies(dependencies)}\n`);
}

async function collectAll(container: RunningContainer): Promise<{ stdout: string; stderr: string }> {
  const stdout: string[] = [];
  const { stderr } = await readOutput(container, (stream, text) => {
    if (stream === "stdout") stdout.push(text);
  });
  return { stdout: stdout.join(""), stderr };
}

/** The line with the reason; a stack of the introspector's own code says nothing to whoever wrote the module. */
function scanProblem(name: string, { exit, stderr }: ScanRun): ModuleProblem {
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

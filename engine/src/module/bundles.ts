import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { cp } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { DEFAULT_LICENCE, LIBRARY_FOLDER } from "./author/library-folder.ts";
import { libraryDeclarations } from "./author/sdk-library.ts";
import { readSdkWords } from "./author/sdk-words.ts";
import { CLIENT_FILE, SAMPLE_FILE, SCAN_SNAPSHOT, TYPES_DIR } from "./paths-inside.ts";
import { findRuntimeNode, placeIn, scanEnvironment } from "./runtime-files.ts";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

/** Some dependencies of the SDK are CommonJS and ask for Node's own modules by `require`. */
const REQUIRE = {
  js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`,
};

/** Folder of the SDK's compiled sources. */
function findSdkDir(): string {
  return dirname(require.resolve("@dagger.io/dagger"));
}

/** The SDK has a TypeScript of its own version. */
function findCompiler(): string {
  return createRequire(join(findSdkDir(), "index.js")).resolve("typescript");
}

/**
 * Makes all files that function containers get from the engine, below `outDir`:
 *
 *     start.js launcher.js chunk-*.js   what runs a function
 *     sdk/                              the package `@dagger.io/dagger`
 *     compiled/                         V8's compile cache of the above
 *     scan/scan.cjs scan/lib            the introspector, with its TypeScript and the latter's declarations
 *     scan/compiled/                    V8's compile cache of it, and a snapshot of it when it has read its declarations
 *     types/@dagger.io/dagger           the SDK's declarations in the form in which the introspector takes them
 *     library/                          what is written into the `sdk/` of a module, and its licence: for no container
 *     digest                            SHA-256 of all but compile caches and the library
 */
export async function buildBundles(outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  await Promise.all([
    buildLauncher(outDir),
    buildScanner(join(outDir, "scan")),
    buildLibrary(join(outDir, LIBRARY_FOLDER)),
  ]);
  await writeDeclarations(placeIn(outDir, TYPES_DIR));
  const sample = writeSample(outDir);
  await Promise.all([fillCompileCaches(outDir), makeScanSnapshot(outDir)]);
  rmSync(sample, { recursive: true });
  allowAll(outDir);
  writeFileSync(join(outDir, "digest"), digestOf(outDir));
}

/** Names the content of the bundles; the compile caches follow from the rest. */
function digestOf(outDir: string): string {
  const hash = createHash("sha256");
  for (const path of readdirSync(outDir, { recursive: true, encoding: "utf8" }).sort()) {
    if (/(^|\/)compiled\/|^library\//.test(path) || statSync(join(outDir, path)).isDirectory()) continue;
    hash.update(`${path}\0`).update(readFileSync(join(outDir, path)));
  }
  return hash.digest("hex");
}

async function buildLauncher(outDir: string): Promise<void> {
  await build({
    entryPoints: {
      start: join(here, "inside", "start.ts"),
      launcher: join(here, "inside", "launcher.ts"),
      "sdk/index": join(here, "inside", "sdk.ts"),
      "sdk/telemetry": join(here, "inside", "telemetry.ts"),
    },
    outdir: outDir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // ES modules of the dependencies where they have them: what is not used is then left out.
    mainFields: ["module", "main"],
    legalComments: "linked",
    logLevel: "error",
    banner: { js: `const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);` },
    plugins: [
      sdkSources(),
      withoutCompiler(),
      withoutExporters(),
      withoutProvisioning(),
      withErrorFormat(),
      withBuiltinsAsked(),
      withPlainHeaders(),
    ],
  });
  const { version } = JSON.parse(readFileSync(join(findSdkDir(), "../../package.json"), "utf8")) as { version: string };
  const exports = { ".": "./index.js", "./telemetry": "./telemetry.js" };
  writeFileSync(
    join(outDir, "sdk", "package.json"),
    JSON.stringify({ name: "@dagger.io/dagger", version, type: "module", main: "./index.js", exports }),
  );
  writeFileSync(join(outDir, "package.json"), JSON.stringify({ type: "module" }));
}

/** The introspector and its TypeScript. */
const SCANNER = {
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  legalComments: "linked",
  logLevel: "error",
  plugins: [sdkSources(), withoutExporters(), withoutProvisioning()],
} satisfies BuildOptions;

async function buildScanner(outDir: string): Promise<void> {
  await build({ ...SCANNER, entryPoints: { scan: join(here, "inside", "scan.ts") }, outdir: outDir });
  // The compiler looks for its declarations beside the file that it runs from.
  const libraries = dirname(findCompiler());
  for (const name of readdirSync(libraries)) {
    if (/^lib\..*d\.ts$/.test(name)) copyDeclarations(join(libraries, name), join(outDir, name));
  }
}

/** The SDK as one file, its declarations, and what its client says beside the schema. */
async function buildLibrary(outDir: string): Promise<void> {
  const sdkDir = findSdkDir();
  await build({
    entryPoints: { core: join(sdkDir, "index.js") },
    outdir: outDir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["typescript"],
    mainFields: ["module", "main"],
    minify: true,
    // Names of classes are names of types.
    keepNames: true,
    legalComments: "eof",
    logLevel: "error",
    banner: REQUIRE,
  });
  const client = readFileSync(join(sdkDir, "api/client.gen.d.ts"), "utf8");
  writeFileSync(join(outDir, "core.d.ts"), libraryDeclarations(sdkDir));
  writeFileSync(join(outDir, "words.json"), JSON.stringify(readSdkWords(client)));
  copyFileSync(join(here, "../../../LICENSE"), join(outDir, `${DEFAULT_LICENCE}.txt`));
}

/**
 * The introspector knows a core type by the end of its file's name, `client.gen.ts`, and takes no declaration files: the
 * package's `client.gen.d.ts` gets that name.
 */
async function writeDeclarations(outDir: string): Promise<void> {
  const sdkDir = findSdkDir();
  for (const name of [
    "index",
    "connect",
    "connectOpts",
    "common/context",
    "common/graphql/connection",
    "module/decorators",
    "module/registry",
    "module/entrypoint/entrypoint",
    "telemetry/index",
    "telemetry/telemetry",
    "telemetry/tracer",
  ]) {
    mkdirSync(dirname(join(outDir, name)), { recursive: true });
    copyDeclarations(join(sdkDir, `${name}.d.ts`), join(outDir, `${name}.d.ts`));
  }
  await cp(join(sdkDir, "common/errors"), join(outDir, "common/errors"), {
    recursive: true,
    filter: (source) => !/\.(js|map)$/.test(source),
  });
  mkdirSync(join(outDir, "api"), { recursive: true });
  copyDeclarations(join(sdkDir, "api/client.gen.d.ts"), join(outDir, "api/client.gen.ts"));
  writeFileSync(
    join(outDir, "package.json"),
    JSON.stringify({ name: "@dagger.io/dagger", types: "./index.d.ts", main: "./index.d.ts" }),
  );
}

/** Without doc comments: nobody reads those of the core types, and they are most of what the compiler would parse. */
function copyDeclarations(from: string, to: string): void {
  writeFileSync(to, readFileSync(from, "utf8").replace(/^[ \t]*\/\*\*[\s\S]*?\*\/[ \t]*\n/gm, ""));
}

/** Runs the bundles once with next to nothing to do, so that V8's compiled form of them lies beside them. */
async function fillCompileCaches(outDir: string): Promise<void> {
  const node = findRuntimeNode();
  await run(node, [join(outDir, "start.js")], { env: { SLIPWAY_COMPILE_ONLY: "1" } });
  const scan = [join(outDir, "scan", "scan.cjs"), "sample", placeIn(outDir, SAMPLE_FILE), placeIn(outDir, CLIENT_FILE)];
  await run(node, scan, { env: scanEnvironment(outDir) });
}

/** Node keeps its caches to the user who made them, and that need not be the one who runs the engine. */
function allowAll(outDir: string): void {
  for (const folder of [join(outDir, "compiled"), join(outDir, "scan", "compiled")]) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
    }
  }
}

/** A package with a module that uses most of what the introspector knows. */
function writeSample(outDir: string): string {
  const file = placeIn(outDir, SAMPLE_FILE);
  const folder = dirname(dirname(file));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, SAMPLE_MODULE);
  mkdirSync(join(folder, "node_modules/@dagger.io"), { recursive: true });
  symlinkSync(placeIn(outDir, TYPES_DIR), join(folder, "node_modules/@dagger.io/dagger"));
  return folder;
}

async function makeScanSnapshot(outDir: string): Promise<void> {
  const program = join(outDir, "scan", "scan-snapshot.cjs");
  await build({
    ...SCANNER,
    entryPoints: [join(here, "inside", "scan-snapshot.ts")],
    outfile: program,
    // The text of the program is a part of the snapshot. A fault shows the line that it is in.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    legalComments: "none",
    plugins: [...SCANNER.plugins, withKeptSources()],
  });
  const args = [
    "--no-warnings",
    "--snapshot-blob",
    placeIn(outDir, SCAN_SNAPSHOT),
    "--build-snapshot",
    program,
    outDir,
  ];
  await run(findRuntimeNode(), args, { env: {} });
  rmSync(program);
}

const SAMPLE_MODULE = `
  import { check, func, object, type Directory } from "@dagger.io/dagger";
  enum Kind { A = "a" }
  type Size = { width: number };
  @object() export class Part { @func() name: string; constructor(name: string = "x") {} }
  @object() export class Sample {
    /** says hello */
    @func({ cache: "never" }) @check() async hello(name: string, kind: Kind = Kind.A, tags: string[] = []): Promise<string> { return name }
    @func() parts(): Part[] { return [] }
    @func() size(size?: Size): Size { return size }
  }`;

/** `dagger-sdk/x.js` is the file x.js of the SDK, which its package does not offer by name. */
function sdkSources(): Plugin {
  return {
    name: "sdk-sources",
    setup({ onResolve }) {
      onResolve({ filter: /^dagger-sdk\// }, ({ path }) => ({
        path: join(findSdkDir(), path.slice("dagger-sdk/".length)),
      }));
    },
  };
}

/** The introspector of the snapshot gets a compiler that keeps files. What it is made of is the SDK's own compiler. */
function withKeptSources(): Plugin {
  const keeping = join(here, "inside", "kept-sources.ts");
  return {
    name: "with-kept-sources",
    setup({ onResolve }) {
      onResolve({ filter: /^typescript$/ }, ({ importer }) => ({
        path: importer.startsWith(here) ? findCompiler() : keeping,
      }));
    },
  };
}

/** A call needs what the compiler found, not the compiler: its classes are filled from the stored scan. */
function withoutCompiler(): Plugin {
  return replaceModules("without-compiler", /^typescript$/, "export default { SyntaxKind: {} };");
}

/** Trace exporters are the slowest part of the SDK to load, and are used only where OTEL variables are set: never here. */
function withoutExporters(): Plugin {
  return replaceModules(
    "without-exporters",
    /^@opentelemetry\/(exporter-trace-otlp-proto|sdk-node|sdk-trace-base)$/,
    "export class OTLPTraceExporter {}; export class NodeSDK {}; export class BatchSpanProcessor {};",
  );
}

/** A function's session is given by its environment: nothing is ever downloaded. */
function withoutProvisioning(): Plugin {
  return replaceModules(
    "without-provisioning",
    /provisioning\/index\.js$/,
    `export function withEngineSession() { throw new Error("no engine session: DAGGER_SESSION_PORT is not set"); }`,
  );
}

/**
 * Node's own modules without an import, which reads all names that one has and loads what is behind them: for those of `node:http` all
 * of undici, for those of `node:util` the terminal. What only other addresses and compressed answers need comes when it is asked for.
 */
function withBuiltinsAsked(): Plugin {
  const asked = (path: string) => `process.getBuiltinModule(${JSON.stringify(path)})`;
  return {
    name: "with-builtins-asked",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(node:)?\w+(\/\w+)?$/ }, ({ path }) =>
        isBuiltin(path) ? { path: path.replace(/^(node:)?/, "node:"), namespace: "builtin" } : undefined,
      );
      onLoad({ filter: /^node:(https?|zlib)$/, namespace: "builtin" }, ({ path }) => ({
        contents: `export default new Proxy({}, { get: (_, name) => ${asked(path)}[name] });`,
      }));
      onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({ contents: `module.exports = ${asked(path)};` }));
    },
  };
}

/** The client of GraphQL takes Node's own headers, which need all of undici as well, and sends them by node-fetch. */
function withPlainHeaders(): Plugin {
  const plain = JSON.stringify(join(here, "inside", "plain-headers.ts"));
  return {
    name: "with-plain-headers",
    setup({ onLoad }) {
      onLoad({ filter: /graphql-request\/build\/(lib\/prelude|legacy\/helpers\/runRequest)\.js$/ }, ({ path }) => ({
        contents: `import { Headers } from ${plain};\n${readFileSync(path, "utf8")}`,
        loader: "js",
      }));
    },
  };
}

function replaceModules(name: string, filter: RegExp, contents: string): Plugin {
  return {
    name,
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path }) => ({ path, namespace: name }));
      onLoad({ filter: /.*/, namespace: name }, () => ({ contents, loader: "js" }));
    },
  };
}

/** The SDK keeps to itself how an error is put into words for the engine; the launcher has to do the same. */
function withErrorFormat(): Plugin {
  return {
    name: "with-error-format",
    setup({ onLoad }) {
      onLoad({ filter: /module\/entrypoint\/entrypoint\.js$/ }, ({ path }) => ({
        contents: `${readFileSync(path, "utf8")}\nexport { formatError };\n`,
        loader: "js",
      }));
    },
  };
}

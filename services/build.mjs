/**
 * Bundles a service into one file that needs nothing beside it. Run by `npm run build` in the folder of the service.
 */
import { build } from "esbuild";

/** @param {Record<string, string>} define Constants that are put into the code, as JavaScript text. */
export async function buildService(define = {}) {
  await build({
    entryPoints: ["src/main.ts"],
    outfile: "dist/main.js",
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    sourcemap: "linked",
    legalComments: "none",
    minifySyntax: true,
    logLevel: "warning",
    define,
    // Only for runs from source: builds what a bundle already holds.
    external: ["esbuild"],
    // CommonJS packages inside a bundle ask for Node's own modules by require().
    banner: {
      js: 'import { createRequire as slipwayCreateRequire } from "node:module"; const require = slipwayCreateRequire(import.meta.url);',
    },
  });
}

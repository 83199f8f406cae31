/** Makes the bundles of function containers: `node --import tsx build-bundles.ts FOLDER`. A part of the engine's build. */
import { buildBundles } from "./bundles.ts";

const outDir = process.argv[2];
if (outDir === undefined) throw new Error("usage: build-bundles.ts FOLDER: the folder is emptied and filled");
await buildBundles(outDir);

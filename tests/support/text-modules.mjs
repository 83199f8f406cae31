/**
 * Lets Node import the engine's schema files as text, as esbuild does in the bundles. Loaded by `--import` beside tsx.
 */
import { addHooks } from "./add-hooks.mjs";

await addHooks(new URL("./text-hooks.mjs", import.meta.url));

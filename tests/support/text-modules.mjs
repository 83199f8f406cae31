/**
 * Lets Node import the engine's schema files as text, as esbuild does in the bundles. Loaded by `--import` beside tsx.
 */
import { register } from "node:module";

const hooks = `
  import { readFile } from "node:fs/promises";
  export async function load(url, context, next) {
    if (!url.endsWith(".graphqls")) return next(url, context);
    const text = await readFile(new URL(url), "utf8");
    return { format: "module", shortCircuit: true, source: "export default " + JSON.stringify(text) };
  }
`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);

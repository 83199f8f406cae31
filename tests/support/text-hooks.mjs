/** The hook of `text-modules.mjs`. */
import { readFileSync } from "node:fs";

export function load(url, context, next) {
  if (!url.endsWith(".graphqls")) return next(url, context);
  const text = readFileSync(new URL(url), "utf8");
  return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(text)}` };
}

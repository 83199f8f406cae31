/**
 * Writes into package.json that the npm package depends on what engine/runtime installs in a checkout, or takes it out again.
 *
 *     node engine/depend-on-runtime.mjs          before the package is made
 *     node engine/depend-on-runtime.mjs --not    afterwards
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

const path = join(here, "..", "package.json");
const description = read(path);
for (const [name, version] of Object.entries(read(join(here, "runtime", "package.json")).dependencies)) {
  if (process.argv[2] === "--not") delete description.dependencies[name];
  else description.dependencies[name] = version;
}
writeFileSync(path, `${JSON.stringify(description, null, 2)}\n`);

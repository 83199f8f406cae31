/** The first file that runs in a function container. It is small, so that all the rest comes out of the compile cache. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache({ directory: join(import.meta.dirname, "compiled"), portable: true });
// A variable keeps the bundler from joining the two files.
const launcher = "./launcher.js";
await import(launcher);

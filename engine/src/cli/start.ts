import { fileURLToPath } from "node:url";
import { keepCompiled } from "./compiled.ts";

// Nothing else is imported here: what is, is compiled at each start.
keepCompiled(process.env, fileURLToPath(import.meta.url));
await import("./main.ts");

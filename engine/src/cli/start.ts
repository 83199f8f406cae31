import { fileURLToPath } from "node:url";
import { loadCompiled } from "./compiled.ts";

// Nothing else is imported here: what is, is compiled at each start.
const file = new URL(process.env["SLIPWAY_PROGRAM"] ?? "", import.meta.url);
const program = loadCompiled(process.env, fileURLToPath(file)) as typeof import("./main.ts");
await program.main();

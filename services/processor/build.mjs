import { buildService } from "../build.mjs";

await buildService();

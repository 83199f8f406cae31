/** Prints the pages of docs/reference from the code: `npm run reference`. */
import { writeFileSync } from "node:fs";
import { PAGES } from "./pages.ts";

process.chdir(new URL("../../", import.meta.url).pathname);
for (const [path, print] of Object.entries(PAGES)) writeFileSync(path, print());

/** Writes docs/api-coverage.md: `npm run coverage:api`. */
import { writeFileSync } from "node:fs";
import { coveragePage } from "./coverage.ts";

writeFileSync(new URL("../../docs/api-coverage.md", import.meta.url), coveragePage());

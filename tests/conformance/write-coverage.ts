/** Writes docs/api-coverage.md and the section of fields in docs/conformance.md: `npm run coverage:api`. */
import { readFileSync, writeFileSync } from "node:fs";
import { coveragePage } from "./coverage.ts";
import { withFieldSection } from "./field-table.ts";

const docs = (name: string) => new URL(`../../docs/${name}`, import.meta.url);

writeFileSync(docs("api-coverage.md"), coveragePage());
writeFileSync(docs("conformance.md"), withFieldSection(readFileSync(docs("conformance.md"), "utf8")));

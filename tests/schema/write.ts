/** Writes the schema of slipway.yaml for editors, and its tables into docs/slipway-yaml.md: `npm run schema`. */
import { readFileSync, writeFileSync } from "node:fs";
import { writeJsonSchema } from "./json-schema.ts";
import { printInto } from "./page.ts";

const top = new URL("../../", import.meta.url);
const page = new URL("docs/slipway-yaml.md", top);
writeFileSync(new URL("ci/slipway.schema.json", top), writeJsonSchema());
writeFileSync(page, printInto(readFileSync(page, "utf8")));

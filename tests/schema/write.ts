/** Writes the schema of slipway.yaml for editors: `npm run schema`. */
import { writeFileSync } from "node:fs";
import { writeJsonSchema } from "./json-schema.ts";

writeFileSync(new URL("../../ci/slipway.schema.json", import.meta.url), writeJsonSchema());

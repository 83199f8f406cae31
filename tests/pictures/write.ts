/**
 * Draws the pictures of the documents from the records beside them:
 *
 *     npm run pictures                        both
 *     npm run pictures -- run TRACE.json      from a run that the engine has kept, whose record it keeps
 *     npm run pictures -- release RING.json   from what SLIPWAY_DOCS_RECORD=RING.json npm run test:docs -- tutorial wrote
 */
import { readFileSync, writeFileSync } from "node:fs";
import { drawPictures } from "./pictures.ts";
import { condenseRing } from "./release-record.ts";
import { condenseTrace } from "./run-record.ts";

const FOLDER = "docs/pictures";

const [kind, file] = process.argv.slice(2);
if (kind !== undefined && file !== undefined) {
  const text = readFileSync(file, "utf8");
  const record = kind === "run" ? condenseTrace(text) : condenseRing(text);
  writeFileSync(`${FOLDER}/${kind}.json`, `${JSON.stringify(record)}\n`);
}
for (const [name, svg] of drawPictures(FOLDER)) writeFileSync(`${FOLDER}/${name}.svg`, svg);

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRowId, READING_SCHEMA, reading, rowId } from "../../../../services/contracts/src/index.ts";

const compatibility = suite("events of every version");

const folder = "tests/data/events";
const files = readdirSync(folder);

compatibility("have an example in the corpus for the version that is written now", () => {
  assert.ok(files.includes(`${READING_SCHEMA.replace("/", "-")}.json`), files.join(", "));
});

for (const file of files) {
  compatibility(`${file} can still be read, and nothing of it gets lost`, () => {
    const event: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    assert.equal(reading.parse(event), event);
  });
}

compatibility("name the row of an upload in a way that is read back", () => {
  assert.equal(parseRowId(rowId("up-1", 42)), { uploadId: "up-1", row: 42 });
  for (const id of ["plain", "#1", "up#", "up#0", "up#x", "up#1.5"]) assert.is(parseRowId(id), undefined, id);
});

compatibility.run();

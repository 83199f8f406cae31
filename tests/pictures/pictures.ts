import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { drawRelease } from "./draw-release.ts";
import { drawRun } from "./draw-run.ts";
import { releaseRecordSchema } from "./release-record.ts";
import { runRecordSchema } from "./run-record.ts";

const DRAWN: Readonly<Record<string, (record: unknown) => string>> = {
  run: (record) => drawRun(runRecordSchema.parse(record)),
  release: (record) => drawRelease(releaseRecordSchema.parse(record)),
};

/** The pictures of the documents, by name, drawn from the records that are in a folder. */
export function drawPictures(folder: string): Map<string, string> {
  const records = Object.entries(DRAWN).map(([name, draw]) => ({ name, draw, path: join(folder, `${name}.json`) }));
  return new Map(
    records
      .filter(({ path }) => existsSync(path))
      .map(({ name, draw, path }) => [name, draw(JSON.parse(readFileSync(path, "utf8")))]),
  );
}

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { mergeProcessCovs, type ProcessCov } from "@bcoe/v8-coverage";

/** What a process of Node leaves below `NODE_V8_COVERAGE`. */
interface ProcessRecord extends ProcessCov {
  readonly "source-map-cache"?: { readonly [url: string]: unknown };
}

/** Whose code counts, below the top of the repository. */
const COUNTED = ["ci/src/", "engine/dist/", "engine/src/", "services/"];

/**
 * Makes one record of all that processes left in `folder`, writes it to `path` and takes the folder away. A test file of
 * the engine starts many commands, of which each leaves 8 MB: all together would be more than a report can read.
 */
export function condense(folder: string, path: string): void {
  if (!existsSync(folder)) return;
  const urls = COUNTED.map((name) => pathToFileURL(join(process.cwd(), name)).href);
  let coverage: ProcessCov = { result: [] };
  const maps: { [url: string]: unknown } = {};
  for (const name of readdirSync(folder)) {
    const record = readRecord(join(folder, name));
    if (record === undefined) continue;
    const result = record.result.filter(({ url }) => urls.some((counted) => url.startsWith(counted)));
    coverage = mergeProcessCovs([coverage, { result }]);
    for (const [url, map] of Object.entries(record["source-map-cache"] ?? {}))
      if (result.some((one) => one.url === url)) maps[url] = map;
  }
  writeFileSync(path, JSON.stringify({ ...coverage, "source-map-cache": maps }));
  rmSync(folder, { recursive: true });
}

/** `undefined` for a process that was killed while it wrote. */
function readRecord(path: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ProcessRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes files below a folder, and makes the folders that they lie in. @param mode of each file that is new */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>, mode = 0o666): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  }
}

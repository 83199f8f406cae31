import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Says a line about this machine, unless it was the last one that was said to whoever uses this store. */
export function tellOnce(storeDir: string, line: string, tell: (line: string) => void): void {
  const told = join(storeDir, "told");
  if (readText(told) === line) return;
  tell(line);
  try {
    writeFileSync(told, line);
  } catch {
    // It is said again then.
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Figure, figureOf, measureProgram, repeat } from "./figure.ts";

const FILES = 50_000;
const BYTES_OF_ONE = Math.floor(2 ** 30 / FILES);

/** Files that were changed within this time are read each time. */
const SETTLED_MS = 2100;

/** A call that takes a whole repository of 50,000 files and 1 GiB. @param place a folder on a disk with 3 GiB of room */
export async function largeTreeFigures(
  program: string,
  moduleFolder: string,
  place: string,
): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(place, "bench-tree-"));
  const env = { ...process.env, SLIPWAY_STORE: join(folder, "store") };
  const repository = join(folder, "repository");
  try {
    writeTree(join(repository, "data"));
    cpSync(moduleFolder, join(repository, ".dagger"), { recursive: true });
    renameSync(join(repository, ".dagger/dagger.json"), join(repository, "dagger.json"));
    writeFileSync(
      join(repository, "dagger.json"),
      JSON.stringify({ name: "bench", engineVersion: "v0.21.8", sdk: { source: "typescript" }, source: ".dagger" }),
    );
    mkdirSync(join(repository, ".git"));
    await delay(SETTLED_MS);
    const call = () => measureProgram([program, "call", "count"], { cwd: repository, env });
    const first = [await call()];
    const later = await repeat(5, call);
    return [
      figureOf("50,000 files and 1 GiB, the first time", first, 60_000),
      figureOf("50,000 files and 1 GiB, after that", later, 3000),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeTree(top: string): void {
  const bytes = Buffer.alloc(BYTES_OF_ONE, "slipway");
  for (let nth = 0; nth < FILES; nth++) {
    const folder = join(top, String(Math.floor(nth / 1000)), String(Math.floor(nth / 50) % 20));
    if (nth % 50 === 0) mkdirSync(folder, { recursive: true });
    bytes.writeUInt32LE(nth);
    writeFileSync(join(folder, `${nth}.bin`), bytes);
  }
}

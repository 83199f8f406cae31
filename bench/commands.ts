import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figure, figureOf, type Measured, measureProgram, repeat } from "./figure.ts";

/** What commands of a small module take. */
export async function commandFigures(program: string, moduleFolder: string, runs: number): Promise<readonly Figure[]> {
  const call = (...words: readonly string[]) => measureProgram([program, ...words], { cwd: moduleFolder });
  const onEmptyStore = await repeat(Math.min(3, runs), () => callOnEmptyStore(program, moduleFolder));
  await call("functions");
  await call("call", "hello");
  return [
    figureOf("functions, warm", await repeat(runs, () => call("functions")), 250, "300–600 ms"),
    figureOf("a TAB", await repeat(runs, () => call("__complete", "call", "")), 200),
    figureOf("trivial call, cached", await repeat(runs, () => call("call", "hello")), 250, "400–600 ms"),
    figureOf("trivial call, not cached", await repeat(runs, () => call("call", "hello-again")), 350, "3000–3400 ms"),
    figureOf(
      "first call of a changed module",
      await repeat(runs, (run) => callChanged(program, moduleFolder, run)),
      1000,
    ),
    figureOf("first call on an empty store", onEmptyStore, 4000, "8300 ms, with the SDK loaded already"),
  ];
}

/** The first call of a module on a store that holds nothing. */
async function callOnEmptyStore(program: string, moduleFolder: string): Promise<Measured> {
  const store = mkdtempSync(join(tmpdir(), "bench-store-"));
  try {
    return await measureProgram([program, "call", "hello"], {
      cwd: moduleFolder,
      env: { ...process.env, SLIPWAY_STORE: store },
    });
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** The first call of a module with a source that was never seen. */
async function callChanged(program: string, moduleFolder: string, run: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "bench-module-"));
  try {
    cpSync(moduleFolder, folder, { recursive: true });
    const source = join(folder, "src/index.ts");
    writeFileSync(source, `${readFileSync(source, "utf8")}\n// ${Date.now()} ${run}\n`);
    return await measureProgram([program, "call", "hello"], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

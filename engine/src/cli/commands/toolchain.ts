import { compareText } from "../chain.ts";
import { type Run, writeResult } from "../console.ts";
import type { Engine } from "../engine.ts";
import { firstLine } from "../help.ts";
import { nameTable } from "../table.ts";

/** `toolchain list`: the toolchains of the module, with what their modules say about themselves. */
export async function listToolchains(engine: Engine, run: Run): Promise<void> {
  if (engine.moduleDir === undefined) throw new Error("module must be fully initialized");
  const rows = engine.offered
    .filter(({ toolchain }) => toolchain !== undefined)
    .map(({ def }) => [def.name, firstLine(def.description)] as const)
    .sort(([a], [b]) => compareText(a, b));
  await writeResult(run, nameTable(rows));
}

import { kebabName } from "../../api/names.ts";
import type { TypeRef } from "../../module/definition.ts";
import { compareText, objectOf, supportedFunctions } from "../chain.ts";
import { type Run, writeResult } from "../console.ts";
import type { Engine, ObjectInfo } from "../engine.ts";
import { UsageError } from "../errors.ts";
import { firstLine } from "../help.ts";
import { nearestTo } from "../nearest.ts";
import { nameTable } from "../table.ts";

/** `functions [FUNCTION …]`: what can be called, on the main object or on what a chain returns. Runs nothing. */
export async function listFunctions(engine: Engine, run: Run, path: readonly string[]): Promise<void> {
  let owner = engine.start;
  for (const [place, name] of path.entries()) owner = follow(engine, owner, name, place === 0);
  const { supported, skipped } =
    owner === undefined ? { supported: [], skipped: [] } : supportedFunctions(owner, engine.types);
  if (supported.length === 0) {
    run.note("No functions found.");
    return;
  }
  const rows = [...supported]
    .sort((a, b) => compareText(a.name, b.name))
    .map((called) => [kebabName(called.name), firstLine(called.description)] as const);
  const note =
    skipped.length === 0 || owner?.isCore === true
      ? undefined
      : `Skipped ${skipped.length} function(s) with unsupported types: ${skipped.join(", ")}`;
  await writeResult(run, nameTable(rows, note));
}

function follow(engine: Engine, owner: ObjectInfo | undefined, name: string, isFirst: boolean): ObjectInfo {
  const called = owner?.functions.find((f) => kebabName(f.name) === name || f.name === name);
  if (called === undefined) {
    const meant = nearestTo(name, owner?.functions.map((one) => kebabName(one.name)) ?? []);
    const type = isFirst ? "Query" : (owner?.name ?? "Query");
    throw new UsageError(`no function ${JSON.stringify(name)} in type "${type}"`, undefined, meant);
  }
  const next = objectOf(called.returns, engine.types);
  if (next === undefined) {
    throw new Error(
      `function ${JSON.stringify(name)} returns type "${kindText(called.returns)}" with no further functions available`,
    );
  }
  return next;
}

function kindText(type: TypeRef): string {
  return `${type.kind.toUpperCase()}_KIND`;
}

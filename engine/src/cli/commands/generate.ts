import { type Run, writeAbove, writeResult } from "../console.ts";
import type { Engine, Handle } from "../engine.ts";
import { evaluate } from "../evaluate.ts";
import { withinStep } from "../progress/step-scope.ts";
import { nameTable } from "../table.ts";
import { applyChanges } from "./changes.ts";
import { constructMains, type Mains, mainOf } from "./construct-mains.ts";
import { type Entry, findEntries, matchEntries, tellUnmatched, unmatchedPatterns } from "./entry-tree.ts";

/** `generate [PATTERN …]`: runs all generators side by side and applies what they changed. */
export async function runGenerators(
  engine: Engine,
  run: Run,
  list: boolean,
  patterns: readonly string[],
): Promise<void> {
  const entries = await chosenEntries(engine, run, list, patterns, "generator");
  if (entries.length === 0) return;
  const mains = await constructMains(engine, run, entries);
  const changes = await Promise.all(entries.map((entry) => valueOfEntry(engine, run, mains, entry)));
  await applyChanges(engine, run, changes);
}

/** `up [PATTERN …]`: runs the services until it is interrupted. */
export async function runServices(engine: Engine, run: Run, list: boolean, patterns: readonly string[]): Promise<void> {
  const entries = await chosenEntries(engine, run, list, patterns, "service");
  if (entries.length === 0) return;
  const mains = await constructMains(engine, run, entries);
  const services = await Promise.all(entries.map((entry) => valueOfEntry(engine, run, mains, entry)));
  await Promise.all(services.map((service) => engine.select(service, "up", {})));
}

async function chosenEntries(
  engine: Engine,
  run: Run,
  list: boolean,
  patterns: readonly string[],
  kind: "generator" | "service",
): Promise<readonly Entry[]> {
  const { offered } = engine;
  if (offered.length === 0) throw new Error(`no module found here: a ${kind} is a function of a module (dagger.json)`);
  const all = findEntries(offered, kind);
  for (const pattern of unmatchedPatterns(all, patterns)) {
    await writeAbove(run, run.console.stderr, tellUnmatched(kind, pattern, all));
  }
  const chosen = matchEntries(all, patterns);
  if (!list) return chosen;
  await writeResult(run, nameTable(chosen.map((entry) => [entry.name, entry.description])));
  return [];
}

async function valueOfEntry(engine: Engine, run: Run, mains: Mains, entry: Entry): Promise<Handle> {
  const selections = entry.path.map((field) => ({ field, args: {} }));
  return (await withinStep(entry.name, run.renderer, () =>
    evaluate(engine, mainOf(mains, entry), selections),
  )) as Handle;
}

import { type Run, writeAbove, writeResult } from "../console.ts";
import type { Engine, Handle } from "../engine.ts";
import { messageOf } from "../errors.ts";
import { evaluate } from "../evaluate.ts";
import { withinStep } from "../progress/step-scope.ts";
import { nameTable } from "../table.ts";
import { constructMains, type Mains, mainOf } from "./construct-mains.ts";
import { type Entry, findEntries, matchEntries, tellUnmatched, unmatchedPatterns } from "./entry-tree.ts";

export interface CheckOptions {
  readonly list: boolean;
  readonly failFast: boolean;
  readonly withGenerators: boolean;
  readonly withChecks: boolean;
}

/**
 * `check [PATTERN …]`: runs all checks side by side. A pattern that matches nothing passes, as in the real command line,
 * but is named on standard error.
 *
 * @throws Error with one line for each check that failed
 */
export async function runChecks(
  engine: Engine,
  run: Run,
  options: CheckOptions,
  patterns: readonly string[],
): Promise<void> {
  const { offered } = engine;
  if (offered.length === 0) throw new Error("no module found here: checks are functions of a module (dagger.json)");
  const checks = options.withChecks ? findEntries(offered, "check") : [];
  const generators = options.withGenerators ? findEntries(offered, "generator") : [];
  for (const pattern of unmatchedPatterns([...checks, ...generators], patterns)) {
    await writeAbove(run, run.console.stderr, tellUnmatched("check", pattern, [...checks, ...generators]));
  }
  const chosen = {
    checks: matchEntries(checks, patterns),
    generators: matchEntries(generators, patterns),
  };
  if (options.list) {
    await writeResult(run, listText(chosen.checks, chosen.generators));
    return;
  }
  if (chosen.checks.length + chosen.generators.length === 0) return;
  const mains = await constructMains(engine, run, [...chosen.checks, ...chosen.generators]);
  const running = [
    ...chosen.checks.map((entry) => runEntry(engine, run, mains, entry, forceResult)),
    ...chosen.generators.map((entry) => runEntry(engine, run, mains, entry, expectNoChanges)),
  ];
  const failures = options.failFast
    ? await firstFailure(running)
    : (await Promise.all(running)).filter((f) => f !== undefined);
  if (failures.length > 0) throw failureOf(failures);
}

interface Failure {
  readonly entry: Entry;
  readonly error: unknown;
}

type Judge = (engine: Engine, value: unknown, entry: Entry) => Promise<void>;

async function runEntry(
  engine: Engine,
  run: Run,
  mains: Mains,
  entry: Entry,
  judge: Judge,
): Promise<Failure | undefined> {
  try {
    await withinStep(entry.name, run.renderer, async () => {
      const selections = entry.path.map((field) => ({ field, args: {} }));
      await judge(engine, await evaluate(engine, mainOf(mains, entry), selections), entry);
    });
    return undefined;
  } catch (error) {
    return { entry, error };
  }
}

async function forceResult(engine: Engine, value: unknown): Promise<void> {
  if (Array.isArray(value)) await Promise.all(value.map((item) => forceResult(engine, item)));
  else if (typeof value === "object" && value !== null) await engine.force(value as Handle);
}

async function expectNoChanges(engine: Engine, value: unknown, entry: Entry): Promise<void> {
  if ((await engine.select(value as Handle, "isEmpty", {})) === true) return;
  throw new Error(`generate function ${entry.name} produced changes; run 'slipway generate ${entry.name}' to apply`);
}

async function firstFailure(running: readonly Promise<Failure | undefined>[]): Promise<readonly Failure[]> {
  const failed = running.map(async (one) => {
    const failure = await one;
    if (failure === undefined) throw new Error("passed");
    return failure;
  });
  try {
    return [await Promise.any(failed)];
  } catch {
    return [];
  }
}

function failureOf(failures: readonly Failure[]): Error {
  const lines = failures.map(({ entry, error }) => `${messageOf(error)} (${entry.name})`);
  return new Error(lines.join("\n"));
}

function listText(checks: readonly Entry[], generators: readonly Entry[]): string {
  const rows = (entries: readonly Entry[]) => entries.map((entry) => [entry.name, entry.description] as const);
  const text = nameTable(rows(checks));
  return generators.length === 0 ? text : `${text}\nGenerators\n${nameTable(rows(generators))}`;
}

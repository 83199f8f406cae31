import type { Args, Engine, Handle } from "./engine.ts";

/** One field to take, with the arguments for it. */
export interface Selection {
  readonly field: string;
  readonly args: Args;
}

/**
 * Takes one field after the other. Over a list of objects the rest is taken from each, and gives one object of JSON for
 * each, as the API answers it: `[{"title": "bread"}, {"title": "soup"}]`.
 */
export async function evaluate(engine: Engine, on: Handle, selections: readonly Selection[]): Promise<unknown> {
  const [first, ...rest] = selections;
  if (first === undefined) return on;
  return await follow(engine, await engine.select(on, first.field, first.args), rest);
}

async function follow(engine: Engine, value: unknown, rest: readonly Selection[]): Promise<unknown> {
  if (rest.length === 0 || value === null || value === undefined) return value;
  if (Array.isArray(value)) return await Promise.all(value.map((item) => below(engine, item as Handle, rest)));
  return await evaluate(engine, value as Handle, rest);
}

/** Inside of a list every level keeps its name. */
async function below(engine: Engine, item: Handle, selections: readonly Selection[]): Promise<unknown> {
  const [first, ...rest] = selections;
  if (first === undefined || item === null) return item;
  const value = await engine.select(item, first.field, first.args);
  if (rest.length === 0 || value === null || value === undefined) return { [first.field]: value ?? null };
  const inner = Array.isArray(value)
    ? await Promise.all(value.map((one) => below(engine, one as Handle, rest)))
    : await below(engine, value as Handle, rest);
  return { [first.field]: inner };
}

import { kebabName } from "../../api/names.ts";
import { constructorField } from "../../module/schema-text.ts";
import type { OfferedModule } from "../../module/serve.ts";
import type { Run } from "../console.ts";
import type { Engine, Handle } from "../engine.ts";
import { evaluate } from "../evaluate.ts";
import { type ChainContext, defaultsFor, firstStep, prepareChain, readChain } from "../prepared-chain.ts";
import type { Entry } from "./entry-tree.ts";

/** The main object of each module that is needed. */
export type Mains = ReadonlyMap<OfferedModule, Handle>;

/** The main objects that entries start from, as calls without constructor flags make them. */
export async function constructMains(engine: Engine, run: Run, entries: readonly Entry[]): Promise<Mains> {
  const modules = [...new Set(entries.map(({ module }) => module))];
  const context: ChainContext = {
    engine,
    commandPath: "",
    commonFlags: [],
    isCore: false,
    findDefault: defaultsFor(engine, run.note),
    note: run.note,
  };
  return new Map(await Promise.all(modules.map(async (one) => [one, await construct(context, one)] as const)));
}

export function mainOf(mains: Mains, { module, name }: Entry): Handle {
  const main = mains.get(module);
  if (main === undefined) throw new Error(`the main object of ${name} was not made`);
  return main;
}

async function construct(context: ChainContext, { def, isEntry }: OfferedModule): Promise<Handle> {
  const { engine } = context;
  if (isEntry || def.main === undefined) {
    const { construct: args } = await prepareChain(context, [firstStep(engine, "", false)]);
    return await engine.construct(args, "");
  }
  const steps = readChain(context, [kebabName(constructorField(def.main))], false);
  const { selections } = await prepareChain(context, steps);
  return (await evaluate(engine, engine.root, selections)) as Handle;
}

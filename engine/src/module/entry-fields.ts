import { readsValue } from "../api/field-kinds.ts";
import type { Field } from "../api/graph.ts";
import type { ModuleEntry } from "./module-entries.ts";
import { loadedModuleValue } from "./module-value.ts";

const reads = readsValue<{ readonly entry: ModuleEntry }>;

/** What a check, a generator and a service of a module say alike of the function that they are. */
export const entryFields = {
  description: reads(({ entry }) => entry.description),
  name: reads(({ entry }) => entry.name),
  originalModule: reads(({ entry }) => loadedModuleValue(entry.module)),
  path: reads(({ entry }) => entry.path),
} satisfies Readonly<Record<string, Field>>;

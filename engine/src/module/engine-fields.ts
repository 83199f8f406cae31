import { fields } from "../api/fields.ts";
import type { Fields } from "../api/graph.ts";
import { mergeFields } from "../api/merge-fields.ts";
import { checkFields } from "./check-fields.ts";
import { currentCallFields } from "./current-call.ts";
import { generatorFields } from "./generator-fields.ts";
import { loadedModuleFields } from "./loaded-module-fields.ts";
import { moduleSourceFields } from "./module-source-fields.ts";
import { schemaFields } from "./schema-fields.ts";
import { upFields } from "./up-fields.ts";
import { workspaceLockFields } from "./workspace-lock.ts";

/** All that the engine answers, with what needs modules; a field that is not here is refused. */
export const engineFields: Fields = mergeFields(
  fields,
  currentCallFields(fields),
  moduleSourceFields,
  loadedModuleFields,
  checkFields,
  generatorFields,
  schemaFields,
  upFields,
  workspaceLockFields,
);

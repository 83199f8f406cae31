import { flag } from "../api/arguments.ts";
import { coreCatalogue } from "../api/catalogue.ts";
import { newFile } from "../api/file-contents.ts";
import type { Fields, Graph } from "../api/graph.ts";
import type { ModuleValue, TypeValue } from "../api/type-values.ts";
import { loadSource } from "./load-source.ts";
import type { LoadedModule } from "./loaded-module.ts";
import type { LoadedModuleValue } from "./module-value.ts";
import { schemaJson } from "./schema-json.ts";
import { typesOfCatalogue, withoutCoreRoot } from "./schema-types.ts";
import { modulesOf, withModules } from "./session-modules.ts";
import type { SourceValue } from "./source-value.ts";

/** What a client sees of the API, and what the code of a module does. */
export const schemaFields: Fields = {
  Query: {
    currentTypeDefs: {
      // Modules that are served later are seen when it is asked again.
      fresh: () => true,
      run: (_self, args, graph): readonly TypeValue[] => {
        const modules = modulesOf(graph);
        const types = typesOfCatalogue(modules.catalogueOf(graph), (field) => modules.moduleOfField(graph, field));
        // All types that something names are there already.
        return flag(args["hideCore"]) ? withoutCoreRoot(types) : types;
      },
    },
  },
  Module: {
    introspectionSchemaJSON: {
      run: async (self, _args, graph) => {
        const module = await self.value<ModuleValue | LoadedModuleValue>();
        return schemaFile(graph, "loaded" in module ? module.loaded.dependencies : []);
      },
    },
  },
  ModuleSource: {
    introspectionSchemaJSON: {
      run: async (self, _args, graph) => {
        const { dependencies, toolchains } = await self.value<SourceValue>();
        const loaded = [...dependencies, ...toolchains].map((one) => loadSource(graph, one));
        return schemaFile(graph, await Promise.all(loaded));
      },
    },
  },
};

function schemaFile(graph: Graph, dependencies: readonly LoadedModule[]): Promise<unknown> {
  const catalogue =
    dependencies.length === 0
      ? coreCatalogue()
      : withModules(
          coreCatalogue(),
          dependencies.map(({ def }) => def),
        );
  return newFile(graph, "schema.json", schemaJson(catalogue), FILE_MODE);
}

const FILE_MODE = 0o644;

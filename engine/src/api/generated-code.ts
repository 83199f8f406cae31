import { object, texts } from "./arguments.ts";
import { readsValue } from "./field-kinds.ts";
import type { Field, Fields } from "./graph.ts";
import type { DirectoryValue } from "./values.ts";

/** What an SDK has generated, and what git is to be told of it. */
interface GeneratedCodeValue {
  readonly code: DirectoryValue;
  readonly vcsGeneratedPaths: readonly string[];
  readonly vcsIgnoredPaths: readonly string[];
}

const reads = readsValue<GeneratedCodeValue>;

function withPaths(list: "vcsGeneratedPaths" | "vcsIgnoredPaths"): Field {
  return {
    run: async (self, args) => ({ ...(await self.value<GeneratedCodeValue>()), [list]: texts(args["paths"]) }),
  };
}

export const generatedCodeFields: Fields = {
  Query: {
    generatedCode: {
      run: async (_self, args): Promise<GeneratedCodeValue> => ({
        code: await object(args["code"]).value<DirectoryValue>(),
        vcsGeneratedPaths: [],
        vcsIgnoredPaths: [],
      }),
    },
  },
  GeneratedCode: {
    code: reads(({ code }) => code),
    vcsGeneratedPaths: reads(({ vcsGeneratedPaths }) => vcsGeneratedPaths),
    vcsIgnoredPaths: reads(({ vcsIgnoredPaths }) => vcsIgnoredPaths),
    withVCSGeneratedPaths: withPaths("vcsGeneratedPaths"),
    withVCSIgnoredPaths: withPaths("vcsIgnoredPaths"),
  },
};

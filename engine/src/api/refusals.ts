/**
 * Why the fields that Dagger's engine answers and this one refuses are refused. The page docs/api-coverage.md is written from
 * it, and a client reads the reason in the error.
 */
const WHY = {
  cloud: "it needs Dagger Cloud",
  gpu: "it needs a GPU",
  llm: "it needs a language model",
  terminal: "it needs a terminal, which containers have none of here",
  "image store": "it needs the images of a container engine beside this one",
  inner: "no field of the API leads to one",
  "not yet": undefined,
} as const;

/** What a refused field needs that is not here. */
export type RefusalKind = keyof typeof WHY;

/** Types all of whose fields are refused, and single fields: name → what is missing. */
export const REFUSED: Readonly<Record<string, RefusalKind>> = {
  "Container.experimentalWithAllGPUs": "gpu",
  "Container.experimentalWithGPU": "gpu",
  "Container.exportImage": "image store",
  "Container.terminal": "terminal",
  Cloud: "cloud",
  "CurrentModule.generatedContextDirectory": "not yet",
  "Directory.terminal": "terminal",
  "Env.withCurrentModule": "not yet",
  "Host.containerImage": "image store",
  LLM: "llm",
  LLMTokenUsage: "llm",
  "Module.introspectionSchemaJSON": "not yet",
  "Module.runtime": "not yet",
  "Module.userDefaults": "not yet",
  ModuleSource: "not yet",
  "Query.cloud": "cloud",
  "Query.currentEnv": "not yet",
  "Query.currentTypeDefs": "not yet",
  "Query.llm": "llm",
  "Service.terminal": "terminal",
  Terminal: "inner",
  "Workspace.update": "not yet",
  _DirectiveApplication: "inner",
  _DirectiveApplicationArg: "inner",
};

/** What a field that is refused is refused for; `undefined` when the table does not name it. */
export function refusalOf(type: string, field: string): RefusalKind | undefined {
  return REFUSED[`${type}.${field}`] ?? REFUSED[type];
}

/** The reason as a part of a sentence; `undefined` where it is only not made yet. */
export function whyRefused(kind: RefusalKind): string | undefined {
  return WHY[kind];
}

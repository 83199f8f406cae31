/**
 * Why the fields that Dagger's engine answers and this one refuses are refused. The page docs/api-coverage.md is written from
 * it, and a client reads the reason in the error.
 */
const WHY = {
  cloud: "it needs Dagger Cloud",
  gpu: "it needs a GPU",
  llm: "it needs a language model",
  "image store": "it needs the images of a container engine beside this one",
  inner: "no field of the API leads to one",
  runtime: "functions run in processes of the engine, not in a container of the API",
} as const;

/** What a refused field needs that is not here. */
export type RefusalKind = keyof typeof WHY;

/** Types all of whose fields are refused, and single fields: name → what is missing. */
export const REFUSED: Readonly<Record<string, RefusalKind>> = {
  "Container.experimentalWithAllGPUs": "gpu",
  "Container.experimentalWithGPU": "gpu",
  "Container.exportImage": "image store",
  Cloud: "cloud",
  "Host.containerImage": "image store",
  LLM: "llm",
  LLMTokenUsage: "llm",
  "Module.runtime": "runtime",
  "Query.cloud": "cloud",
  "Query.llm": "llm",
  Terminal: "inner",
  _DirectiveApplication: "inner",
  _DirectiveApplicationArg: "inner",
};

/** What a field that is refused is refused for; `undefined` when the table does not name it. */
export function refusalOf(type: string, field: string): RefusalKind | undefined {
  return REFUSED[`${type}.${field}`] ?? REFUSED[type];
}

/** The reason as a part of a sentence. */
export function whyRefused(kind: RefusalKind): string {
  return WHY[kind];
}

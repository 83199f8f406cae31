import type { Graph } from "../api/graph.ts";
import type { StepInput } from "../api/session.ts";
import { folderOf, nameOf, shortDigest, someFolders } from "../api/step-inputs.ts";
import type { WorkspaceRead } from "../api/workspace-reads.ts";
import { recallFolder } from "../store/import.ts";
import type { Store } from "../store/store.ts";
import type { FunctionCall } from "./call.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { foldersIn } from "./object-state.ts";

/**
 * What a call of a function depends on, for who wants to see what changed: the code, the object and the arguments.
 *
 * @param contents of the object, then of the arguments
 */
export async function inputsOfCall(
  module: LoadedModule,
  call: FunctionCall,
  contents: readonly unknown[],
  graph: Graph,
): Promise<StepInput[]> {
  const [object, ...args] = contents;
  const made = async (name: string, content: unknown, text: string): Promise<StepInput> => ({
    name,
    digest: shortDigest(content ?? null),
    ...someFolders(await foldersIn(JSON.parse(text), graph)),
  });
  return [
    {
      name: `the code of module ${module.def.name}`,
      digest: shortDigest(module.digest),
      ...someFolders(folderOf(module.sourceSnapshot, module.packageDir)),
    },
    ...(call.name === "" ? [] : [await made(`the object ${call.parentName}`, object, call.parent)]),
    ...(await Promise.all(
      call.inputArgs.map(({ name, value }, place) => made(`argument ${name}`, args[place], value)),
    )),
  ];
}

/** What a call read of the workspace. */
export function inputsOfReads(reads: readonly WorkspaceRead[], store: Store): StepInput[] {
  return reads.map(({ field, args, answer }) => {
    const folder = field === "directory" ? recallFolder(store, answer) : undefined;
    return {
      name: `workspace ${nameOf(field, args)}`,
      digest: shortDigest([args, answer]),
      ...(folder === undefined ? {} : someFolders(folderOf(folder))),
    };
  });
}

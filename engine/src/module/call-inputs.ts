import type { StepInput } from "../api/session.ts";
import { nameOf, shortDigest } from "../api/step-inputs.ts";
import type { WorkspaceRead } from "../api/workspace-reads.ts";
import type { FunctionCall } from "./call.ts";
import type { LoadedModule } from "./loaded-module.ts";

/**
 * What a call of a function depends on, for who wants to see what changed: the code, the object and the arguments.
 *
 * @param contents of the object, then of the arguments
 */
export function inputsOfCall(module: LoadedModule, call: FunctionCall, contents: readonly unknown[]): StepInput[] {
  const [object, ...args] = contents;
  return [
    { name: `the code of module ${module.def.name}`, digest: shortDigest(module.digest) },
    ...(call.name === "" ? [] : [{ name: `the object ${call.parentName}`, digest: shortDigest(object ?? null) }]),
    ...call.inputArgs.map(({ name }, place) => ({
      name: `argument ${name}`,
      digest: shortDigest(args[place] ?? null),
    })),
  ];
}

/** What a call read of the workspace. */
export function inputsOfReads(reads: readonly WorkspaceRead[]): StepInput[] {
  return reads.map(({ field, args, answer }) => ({
    name: `workspace ${nameOf(field, args)}`,
    digest: shortDigest([args, answer]),
  }));
}

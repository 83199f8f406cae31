import { ApiError } from "../api/errors.ts";
import { type Args, type Graph, Obj } from "../api/graph.ts";
import { workspaceObject } from "../api/workspace.ts";
import type { FunctionCall } from "./call.ts";
import { contextual } from "./contextual.ts";
import { type ArgumentDef, type EnumDef, isWorkspace, type TypeRef } from "./definition.ts";
import type { ModuleObjectValue } from "./object-state.ts";
import type { ModuleSource } from "./source.ts";

/** What the values of a module's arguments depend on. */
export interface ArgumentRules {
  readonly source: ModuleSource;
  readonly enums: ReadonlyMap<string, EnumDef>;
  /** Names of the module's own objects: those travel as their state. */
  readonly ownObjects: ReadonlySet<string>;
  /** Whose host is this machine: contextual directories are of the module's folder, whoever calls. */
  readonly machine: Graph;
}

/**
 * The arguments of a call as the SDK takes them: given ones, then defaults of the signature, then what lies at a default
 * path or address, then the workspace. What is left is for TypeScript to fill in.
 *
 * @throws ApiError when an argument is missing
 */
export async function encodeArguments(
  defs: readonly ArgumentDef[],
  given: Args,
  graph: Graph,
  rules: ArgumentRules,
): Promise<FunctionCall["inputArgs"]> {
  const encoded = await Promise.all(
    defs.map(async (def) => {
      const value = await argumentValue(def, given[def.name], graph, rules);
      return value === undefined ? undefined : { name: def.originalName, value };
    }),
  );
  return encoded.filter((argument) => argument !== undefined);
}

async function argumentValue(
  def: ArgumentDef,
  given: unknown,
  graph: Graph,
  rules: ArgumentRules,
): Promise<string | undefined> {
  // A null takes the place of every default.
  if (given === null && def.type.optional) return "null";
  if (given !== undefined && given !== null)
    return JSON.stringify(await encode(def.type, withoutIgnored(given, def, graph), rules));
  if (def.defaultValue !== undefined) return def.defaultValue;
  if (def.defaultPath !== undefined) {
    const found = contextual(def, def.defaultPath, rules.source.defaults, rules.machine);
    return found === undefined ? undefined : JSON.stringify(await found.id());
  }
  if (def.defaultAddress !== undefined && def.type.name === "Container") {
    const container = graph.object("Container", { parent: graph.root, field: "container", args: {} });
    const from = graph.object("Container", { parent: container, field: "from", args: { address: def.defaultAddress } });
    return JSON.stringify(await from.id());
  }
  if (isWorkspace(def.type)) return JSON.stringify(await workspaceObject(graph).id());
  if (def.type.optional) return undefined;
  throw new ApiError(`missing required argument: ${JSON.stringify(def.name)}`);
}

async function encode(type: TypeRef, value: unknown, rules: ArgumentRules): Promise<unknown> {
  const { element } = type;
  if (element !== undefined && Array.isArray(value)) {
    return await Promise.all(value.map((item) => encode(element, item, rules)));
  }
  if (value instanceof Obj) {
    if (type.kind !== "interface" && rules.ownObjects.has(value.type))
      return (await value.value<ModuleObjectValue>()).state;
    return await value.id();
  }
  if (type.kind === "enum") {
    const members = rules.enums.get(type.name ?? "")?.members;
    return members?.find((member) => member.name === value)?.originalName ?? value;
  }
  return value;
}

/** `ignore` also counts for a directory that the caller gives. */
function withoutIgnored(given: unknown, def: ArgumentDef, graph: Graph): unknown {
  if (!(given instanceof Obj) || given.type !== "Directory" || def.ignore.length === 0) return given;
  const empty = graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
  const args = { path: "/", source: given, exclude: def.ignore };
  return graph.object("Directory", { parent: empty, field: "withDirectory", args });
}

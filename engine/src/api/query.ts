import { coreFieldNames, coreTypeTexts } from "./core-texts.ts";
import { ENGINE_VERSION } from "./engine-version.ts";
import { ApiError } from "./errors.ts";
import type { Field, Fields, Obj } from "./graph.ts";

/** What is asked of the root itself: the version, and objects by their id. */
export function queryFields(): Fields {
  return {
    Query: {
      version: { run: () => ENGINE_VERSION },
      id: {
        run: () => {
          throw new ApiError("result *core.Query is detached");
        },
      },
      node: {
        eager: true,
        run: (_self, args) => {
          if (args["id"] === undefined) throw new ApiError('missing required argument: "id"');
          return args["id"];
        },
      },
      ...loadFields(),
    },
  };
}

/** `loadContainerFromID` and its like, for every type. */
function loadFields(): Record<string, Field> {
  const loaded: Record<string, Field> = {};
  for (const name of coreFieldNames("Query")) {
    const type = /^load(\w+)FromID$/.exec(name)?.[1];
    if (type !== undefined) loaded[name] = { eager: true, run: (_self, args) => checkedObject(args["id"], type) };
  }
  return loaded;
}

function checkedObject(value: unknown, type: string): Obj {
  const object = value as Obj | undefined;
  if (object === undefined) throw new ApiError('missing required argument: "id"');
  if (!isOf(object, type)) throw new ApiError(`load ${type}: expected ${type}, got ${object.type}`);
  return object;
}

/** Whether an object has that type, or its own type has it as an interface. */
function isOf(object: Obj, type: string): boolean {
  if (object.type === type) return true;
  const [, interfaces = ""] = /^type \w+ implements ([^{]+)/.exec(coreTypeTexts().get(object.type)?.text ?? "") ?? [];
  return interfaces.trim().split(" & ").includes(type);
}

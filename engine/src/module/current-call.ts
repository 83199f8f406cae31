import { posix } from "node:path";
import { flag, object, text, texts } from "../api/arguments.ts";
import { type EnvValue, NO_ENV } from "../api/environment.ts";
import type { ErrorValue } from "../api/error.ts";
import { ApiError } from "../api/errors.ts";
import { property } from "../api/field-kinds.ts";
import type { Args, Field, Fields, Graph, Obj } from "../api/graph.ts";
import { hostDirectory, hostFile, readImported } from "../api/host.ts";
import type { Session } from "../api/session.ts";
import type { DirectoryValue } from "../api/values.ts";
import { leavesFolder } from "../store/paths.ts";
import type { CallContext } from "./call.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { loadedModuleValue } from "./module-value.ts";
import { MODULES_DIR } from "./paths-inside.ts";

/** The session as a function's process sees it. */
export interface FunctionSession extends Session {
  readonly functionContext: CallContext;
}

function contextOf(graph: Graph): CallContext | undefined {
  return (graph.session as Partial<FunctionSession>).functionContext;
}

/** The module that a function belongs to, as its code sees it. */
export interface CurrentModuleValue {
  readonly name: string;
  readonly loaded: LoadedModule;
}

/** Working directory of functions. */
export const FUNCTION_WORKDIR = "/scratch";

/**
 * What only the code of a module can ask for: its call, and its module. Any other client gets the answer of `base`.
 *
 * They belong into every graph of the session, because ids that come from a function lead through them.
 */
export function currentCallFields(base: Fields): Fields {
  const inFunction = (
    type: string,
    name: string,
    run: (context: CallContext, ...rest: Parameters<Field["run"]>) => unknown,
  ): Field => ({
    ...base[type]?.[name],
    run: (self, args, graph, pin) => {
      const context = contextOf(graph);
      if (context !== undefined) return run(context, self, args, graph, pin);
      const outside = base[type]?.[name];
      if (outside === undefined) throw new Error(`${type}.${name} is asked for outside of a function`);
      return outside.run(self, args, graph, pin);
    },
  });
  return {
    Query: {
      currentEnv: inFunction(
        "Query",
        "currentEnv",
        ({ module }, _self, _args, graph): EnvValue => ({
          ...NO_ENV,
          mainModule: objectOf(graph, module),
          workspace: { snapshot: module.sourceSnapshot, path: MODULES_DIR } satisfies DirectoryValue,
        }),
      ),
      currentFunctionCall: inFunction("Query", "currentFunctionCall", (context) => context.call),
      currentModule: inFunction(
        "Query",
        "currentModule",
        ({ module }): CurrentModuleValue => ({ name: module.def.name, loaded: module }),
      ),
    },
    Env: {
      // Which other modules there are is told to a model alone.
      withCurrentModule: inFunction("Env", "withCurrentModule", (_context, self) => self.value<EnvValue>()),
    },
    FunctionCall: {
      returnValue: inFunction("FunctionCall", "returnValue", (context, _self, args) => {
        context.returnValue(text(args["value"]));
        return null;
      }),
      returnError: inFunction("FunctionCall", "returnError", async (context, _self, args) => {
        context.returnError(await object(args["error"]).value<ErrorValue>());
        return null;
      }),
    },
    FunctionCallArgValue: { name: property("name"), value: property("value") },
    CurrentModule: {
      name: property("name"),
      source: {
        run: (_self, _args, graph, pin) => pin?.data ?? sourceOf(graph),
        pin: async (self, _args, graph) => {
          await self.value();
          const module = contextOf(graph)?.module;
          return { key: `module source ${module?.digest ?? ""}`, data: sourceOf(graph) };
        },
      },
      workdir: ofWorkdir("workdir", (args, graph) =>
        hostDirectory(graph, {
          path: workdirPath(args),
          include: texts(args["include"]),
          exclude: texts(args["exclude"]),
          gitignore: flag(args["gitignore"]),
          noCache: true,
        }),
      ),
      workdirFile: ofWorkdir("workdirFile", (args, graph) =>
        hostFile(graph, { path: workdirPath(args), noCache: true }),
      ),
    },
    Service: {
      // The function may connect by name as soon as it has the answer.
      start: {
        ...base["Service"]?.["start"],
        run: async (self, args, graph, pin) => {
          const started: unknown = await base["Service"]?.["start"]?.run(self, args, graph, pin);
          await contextOf(graph)?.refreshNames();
          return started;
        },
      },
    },
  };
}

/** Files of the container of a function. What is returned of them is their content: the container is gone by then. */
function ofWorkdir(name: string, read: (args: Args, graph: Graph) => Obj): Field {
  return {
    run: (_self, _args, graph, pin) => readImported(graph, pin),
    pin: async (self, args, graph) => {
      await self.value();
      if (contextOf(graph) === undefined) throw new Error(`CurrentModule.${name} is asked for outside of a function`);
      return await read(args, graph).pin();
    },
    fresh: () => true,
  };
}

/** The module of a function as an object that can be asked for its checks. */
function objectOf(graph: Graph, module: LoadedModule): Obj {
  const pin = { key: `current module ${module.digest}` };
  return graph.object(
    "Module",
    { parent: graph.root, field: "module", args: {} },
    { pin, value: loadedModuleValue(module) },
  );
}

/** @throws ApiError for a path that does not stay in the working directory */
function workdirPath(args: Args): string {
  const path = text(args["path"]);
  if (path === "" || path.startsWith("/") || leavesFolder(posix.normalize(path))) {
    throw new ApiError(`workdir path ${JSON.stringify(path)} escapes workdir`);
  }
  return posix.join(FUNCTION_WORKDIR, path);
}

function sourceOf(graph: Graph): DirectoryValue {
  const module = contextOf(graph)?.module;
  if (module === undefined) throw new Error("a module's source is asked for outside of a function");
  return { snapshot: module.sourceSnapshot, path: module.packageDir };
}

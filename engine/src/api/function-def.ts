import { parseGoDuration } from "../go-texts/duration.ts";
import { object, text, texts } from "./arguments.ts";
import { described, replaced } from "./described.ts";
import { ApiError } from "./errors.ts";
import { changesValue, nullableProperties, properties } from "./field-kinds.ts";
import type { Args, Field, Fields } from "./graph.ts";
import { fieldName } from "./names.ts";
import type { ArgumentValue, FunctionValue, SourceMapValue, TypeValue } from "./type-values.ts";

/** Functions and their arguments put together over the API. */

const functionDef: Record<string, Field> = {
  ...properties("name", "description", "deprecated", "args", "returnType"),
  ...nullableProperties("sourceMap"),
  ...properties("sourceModuleName"),
  withDescription: changesValue<FunctionValue>((f, args) => ({ ...f, description: text(args["description"]).trim() })),
  withDeprecated: changesValue<FunctionValue>((f, args) => ({
    ...f,
    deprecated: args["reason"] as string | undefined,
  })),
  withSourceMap: changesValue<FunctionValue>(async (f, args) => ({
    ...f,
    sourceMap: await object(args["sourceMap"]).value<SourceMapValue>(),
  })),
  withCheck: changesValue<FunctionValue>((f) => f),
  withGenerator: changesValue<FunctionValue>((f) => f),
  withUp: changesValue<FunctionValue>((f) => f),
  withCachePolicy: changesValue<FunctionValue>((f, args) => {
    checkCachePolicy(text(args["policy"]), args["timeToLive"] as string | undefined);
    return f;
  }),
  withArg: changesValue<FunctionValue>(async (f, args) => {
    const argument = await argumentOf(args);
    return { ...f, args: replaced(f.args, argument) };
  }),
};

async function argumentOf(args: Args): Promise<ArgumentValue> {
  const type = await object(args["typeDef"]).value<TypeValue>();
  const argument: ArgumentValue = {
    ...(await described(args, fieldName(text(args["name"])))),
    typeDef: type,
    defaultValue: args["defaultValue"] as string | undefined,
    defaultPath: text(args["defaultPath"]),
    defaultAddress: text(args["defaultAddress"]),
    ignore: texts(args["ignore"]),
  };
  checkDefaults(argument, type);
  const isGiven = argument.defaultPath !== "" || argument.defaultAddress !== "" || isWorkspace(type);
  return isGiven ? { ...argument, typeDef: { ...type, optional: true } } : argument;
}

function isWorkspace({ kind, name }: TypeValue): boolean {
  return kind === "OBJECT_KIND" && name === "Workspace";
}

const WITH_DEFAULT_PATH = new Set(["Directory", "File", "GitRepository", "GitRef"]);

function checkDefaults({ defaultValue, defaultPath, defaultAddress, ignore }: ArgumentValue, type: TypeValue): void {
  const defaults = [defaultValue !== undefined, defaultPath !== "", defaultAddress !== ""];
  if (defaults.filter(Boolean).length > 1) throw new ApiError("cannot set more than one default value");
  if (defaultPath !== "") {
    requireObject(type, "default path for Object");
    if (!WITH_DEFAULT_PATH.has(type.name)) throw new ApiError(`cannot set default path for ${type.name}`);
  }
  if (defaultAddress !== "") {
    requireObject(type, "default address for Object");
    if (type.name !== "Container") {
      throw new ApiError(`can only set default address for Container type, not ${type.name}`);
    }
  }
  if (ignore.length > 0) {
    requireObject(type, "ignore for Object type");
    if (type.name !== "Directory") throw new ApiError(`can only set ignore for Directory type, not ${type.name}`);
  }
}

function requireObject(type: TypeValue, what: string): void {
  if (type.kind !== "OBJECT_KIND") throw new ApiError(`can only set ${what}, not ${type.kind}`);
}

const MOST_LIVE_MS = 7 * 24 * 3_600_000;
const LEAST_LIVE_MS = 1_000;

function checkCachePolicy(policy: string, timeToLive: string | undefined): void {
  if (timeToLive === undefined) return;
  if (policy !== "Default") throw new ApiError("time to live can only be set with default cache policy");
  const shown = JSON.stringify(timeToLive);
  let ms: number;
  try {
    ms = parseGoDuration(timeToLive);
  } catch (error) {
    throw new ApiError(`failed to parse time to live duration ${shown}: ${(error as Error).message}`);
  }
  if (ms === 0) return;
  if (ms < LEAST_LIVE_MS) throw new ApiError(`time to live duration must be at least "1s", got ${shown}`);
  if (ms > MOST_LIVE_MS) throw new ApiError(`time to live duration must be at most "168h0m0s", got ${shown}`);
}

export const functionDefFields: Fields = {
  Query: {
    function: {
      run: async (_self, args): Promise<FunctionValue> => ({
        name: fieldName(text(args["name"])),
        description: "",
        deprecated: undefined,
        sourceMap: undefined,
        sourceModuleName: "",
        returnType: await object(args["returnType"]).value<TypeValue>(),
        args: [],
      }),
    },
  },
  Function: functionDef,
  FunctionArg: {
    ...properties(
      "name",
      "description",
      "typeDef",
      "defaultValue",
      "defaultPath",
      "defaultAddress",
      "ignore",
      "deprecated",
    ),
    ...nullableProperties("sourceMap"),
  },
};

import { digestOf } from "../store/store.ts";
import { object, text } from "./arguments.ts";
import { coreFieldNames } from "./core-texts.ts";
import { ApiError, unsupported } from "./errors.ts";
import { changesValue, readsValue } from "./field-kinds.ts";
import { type Args, type Field, type Fields, type Graph, keyOfArgs, Obj } from "./graph.ts";
import { sessionOf } from "./session.ts";
import { noCurrentModule } from "./type-def.ts";
import type { DirectoryValue } from "./values.ts";

/** Named values for a program that is given them one by one, and names of values that it is to give. */
export interface EnvValue {
  /** Absent: an empty folder. */
  readonly workspace: Obj | DirectoryValue | undefined;
  readonly mainModule: Obj | undefined;
  readonly inputs: ReadonlyMap<string, BindingValue>;
  readonly outputs: ReadonlyMap<string, BindingValue>;
}

interface BindingValue {
  readonly name: string;
  /** Absent: an output that nobody has given yet. */
  readonly value: Obj | string | undefined;
  /** The type of an output; of an input it is empty, as the real engine has it. */
  readonly expectedType: string;
}

/** Nothing is named, and nothing is to be given. */
export const NO_ENV: EnvValue = { workspace: undefined, mainModule: undefined, inputs: new Map(), outputs: new Map() };

/** Environments and their bindings: what of them needs no language model. */
export const environmentFields: Fields = {
  Query: { currentEnv: noCurrentModule(""), env: { run: () => NO_ENV } },
  Env: {
    ...fieldsLike("Env", /^with(\w+)Input$/, () => changesValue<EnvValue>(withInput)),
    ...fieldsLike("Env", /^with(\w+)Output$/, (type) =>
      changesValue<EnvValue>((env, args) => withOutput(env, args, type)),
    ),
    withCurrentModule: noCurrentModule("failed to get current module: "),
    withoutOutputs: changesValue<EnvValue>((env) => ({ ...env, outputs: new Map() })),
    inputs: readsValue<EnvValue>((env) => [...env.inputs.values()]),
    outputs: readsValue<EnvValue>((env) => [...env.outputs.values()]),
    input: { run: async (self, args) => named((await self.value<EnvValue>()).inputs, args, "input") },
    output: { run: async (self, args) => named((await self.value<EnvValue>()).outputs, args, "output") },
    withWorkspace: changesValue<EnvValue>((env, args) => ({ ...env, workspace: object(args["workspace"]) })),
    workspace: { eager: true, run: async (self, _args, graph) => workspaceOf(graph, await self.value<EnvValue>()) },
    // Which other modules there are is told to a model alone.
    withModule: changesValue<EnvValue>((env) => env),
    withMainModule: changesValue<EnvValue>((env, args) => ({ ...env, mainModule: object(args["module"]) })),
    checks: ofMainModule("CheckGroup", "checks"),
    check: ofMainModule("Check", "check"),
    services: ofMainModule("UpGroup", "services"),
  },
  Binding: {
    ...fieldsLike("Binding", /^as(\w+)$/, (type) => ({
      eager: true,
      run: async (self) => valueAs(await self.value<BindingValue>(), type),
    })),
    asString: readsValue<BindingValue>(({ value }) => (typeof value === "string" ? value : null)),
    name: readsValue<BindingValue>((binding) => binding.name),
    typeName: readsValue<BindingValue>((binding) => binding.expectedType),
    isNull: readsValue<BindingValue>((binding) => binding.value === undefined),
    digest: readsValue<BindingValue>(async ({ value }) => {
      const digest = digestOf(await keyOfArgs({ value: value ?? null }));
      return `xxh3:${digest.slice(0, DIGEST_DIGITS)}`;
    }),
  },
};

const DIGEST_DIGITS = 16;

/** A field for each name of a type that has this form; the form's word is the type that the field is about. */
function fieldsLike(type: string, form: RegExp, make: (about: string) => Field): Record<string, Field> {
  return Object.fromEntries(
    coreFieldNames(type).flatMap((name) => {
      const about = form.exec(name)?.[1];
      return about === undefined ? [] : [[name, make(about)]];
    }),
  );
}

function withInput(env: EnvValue, args: Args): EnvValue {
  const name = text(args["name"]);
  const binding: BindingValue = { name, value: args["value"] as Obj | string, expectedType: "" };
  return { ...env, inputs: new Map(env.inputs).set(name, binding) };
}

function withOutput(env: EnvValue, args: Args, expectedType: string): EnvValue {
  const name = text(args["name"]);
  return { ...env, outputs: new Map(env.outputs).set(name, { name, value: undefined, expectedType }) };
}

function named(bindings: ReadonlyMap<string, BindingValue>, args: Args, what: string): BindingValue {
  const found = bindings.get(text(args["name"]));
  if (found === undefined) throw new ApiError(`${what} not found: ${text(args["name"])}`);
  return found;
}

function workspaceOf(graph: Graph, { workspace }: EnvValue): Obj | DirectoryValue {
  if (workspace !== undefined) return workspace;
  if (sessionOf(graph).host.isContainer === true) throw unsupported("the workspace of an environment of a function");
  return graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
}

/** A field that asks the same of the module that the environment is about. */
function ofMainModule(type: string, field: string): Field {
  return {
    eager: true,
    run: async (self, args, graph) => {
      const { mainModule } = await self.value<EnvValue>();
      if (mainModule === undefined) throw new ApiError("no main module set on environment");
      if (!graph.supports("Module", field)) throw unsupported(`Module.${field}`);
      return graph.object(type, { parent: mainModule, field, args });
    },
  };
}

/** @throws ApiError when nothing has been given, or something of another type */
function valueAs({ name, value }: BindingValue, type: string): Obj {
  const shown = JSON.stringify(name);
  if (value === undefined) throw new ApiError(`binding ${shown} undefined`);
  const own = value instanceof Obj ? value.type : "String";
  if (!(value instanceof Obj) || own !== type) {
    throw new ApiError(`binding ${shown} type mismatch: expected ${type}, got ${own}!`);
  }
  return value;
}

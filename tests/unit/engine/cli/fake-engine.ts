import type {
  ArgumentInfo,
  Engine,
  FunctionInfo,
  Handle,
  ObjectInfo,
  OpenEngine,
  OpenOptions,
  Types,
} from "../../../../engine/src/cli/engine.ts";
import { startOf, typesOfModule } from "../../../../engine/src/cli/types-of-module.ts";
import type {
  ArgumentDef,
  FunctionDef,
  ModuleDef,
  ObjectDef,
  TypeRef,
} from "../../../../engine/src/module/definition.ts";
import type { OfferedModule } from "../../../../engine/src/module/serve.ts";
import { readUserDefaults } from "../../../../engine/src/module/user-defaults.ts";

/** Types as the tests write them: `string`, `[int?]`, `Directory`, `enum Colour`; a `?` makes it optional. */
export function type(text: string): TypeRef {
  const optional = text.endsWith("?");
  const bare = optional ? text.slice(0, -1) : text;
  if (bare.startsWith("[")) return { kind: "list", element: type(bare.slice(1, -1)), optional };
  if (bare.startsWith("enum ")) return { kind: "enum", name: bare.slice(5), optional };
  const plain = { string: "string", int: "integer", float: "float", bool: "boolean", void: "void" } as const;
  if (bare in plain) return { kind: plain[bare as keyof typeof plain], optional };
  if (bare === "Platform" || bare === "JSON") return { kind: "scalar", name: bare, optional };
  return { kind: "object", name: bare, optional };
}

export function argument(name: string, typeText: string, more: Partial<ArgumentDef> = {}): ArgumentDef {
  return { originalName: name, name, description: "", type: type(typeText), ignore: [], ...more };
}

export function fn(
  name: string,
  returns: string,
  args: readonly ArgumentDef[] = [],
  more: Partial<FunctionDef> = {},
): FunctionDef {
  return {
    originalName: name,
    name,
    description: "",
    args,
    returns: type(returns),
    cache: { policy: "default" },
    isCheck: false,
    isGenerator: false,
    isUp: false,
    ...more,
  };
}

export function object(name: string, functions: readonly FunctionDef[], more: Partial<ObjectDef> = {}): ObjectDef {
  return { originalName: name, name, description: "", functions, fields: [], ...more };
}

/** A module whose main object is the first one. */
export function moduleOf(name: string, objects: readonly ObjectDef[], more: Partial<ModuleDef> = {}): ModuleDef {
  const [main] = objects;
  return {
    name,
    description: "",
    ...(main === undefined ? {} : { main }),
    objects,
    enums: [],
    interfaces: [],
    ...more,
  };
}

const info = (name: string, returns: string, args: readonly ArgumentInfo[] = []): FunctionInfo => ({
  name,
  description: `What ${name} does.\n\nMore of it.`,
  args,
  returns: type(returns),
});

const CORE: Readonly<Record<string, ObjectInfo>> = {
  Container: {
    name: "Container",
    description: "",
    isCore: true,
    functions: [
      info("stdout", "string"),
      info("withExec", "Container", [argument("args", "[string]", { description: "Command to run" })]),
      info("file", "File", [argument("path", "string")]),
      info("sync", "Container"),
    ],
  },
  File: { name: "File", description: "", isCore: true, functions: [info("contents", "string")] },
  Directory: { name: "Directory", description: "", isCore: true, functions: [info("entries", "[string]")] },
};

const CORE_TYPES: Types = { object: (name) => CORE[name], enumMembers: () => undefined };

/** An object that knows how it came about. */
export class FakeHandle implements Handle {
  constructor(
    readonly type: string,
    readonly made: string,
  ) {}
}

export interface FakeAnswers {
  /** By `Type.field`: what the field gives; what is not here is an error. */
  readonly [field: string]: (args: Readonly<Record<string, unknown>>, on: FakeHandle) => unknown;
}

/** An engine with a module, whose functions are answered by the test. Records the arguments of the constructor and what was taken. */
export class FakeEngine implements Engine {
  readonly taken: string[] = [];
  readonly types: Types;
  readonly offered: readonly OfferedModule[];
  readonly start: ObjectInfo | undefined;
  readonly root = new FakeHandle("Query", "root");
  readonly moduleDir: string | undefined;
  constructed: Readonly<Record<string, unknown>> | undefined;
  closed = 0;
  options: OpenOptions | undefined;

  constructor(
    readonly module: ModuleDef | undefined,
    readonly answers: FakeAnswers = {},
    moduleDir?: string,
  ) {
    this.types = module === undefined ? CORE_TYPES : typesOfModule(module, CORE_TYPES);
    this.moduleDir = moduleDir;
    const userDefaults = () => {
      const envDirs = moduleDir === undefined ? undefined : [moduleDir];
      return readUserDefaults(this.module as ModuleDef, { envDirs, callerDir: this.options?.callerDir ?? "/" }, {});
    };
    this.offered = module === undefined ? [] : [{ def: module, isEntry: true, userDefaults }];
    this.start = startOf(this.offered);
  }

  readonly open: OpenEngine = async (options) => {
    this.options = options;
    return this;
  };

  hide(text: string): string {
    return text.replaceAll("a secret value", "***");
  }

  async construct(args: Readonly<Record<string, unknown>>): Promise<Handle> {
    this.constructed = args;
    return new FakeHandle(this.module?.main?.name ?? "Query", "main");
  }

  async select(on: Handle, field: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.taken.push(`${on.type}.${field}(${JSON.stringify(args)})`);
    if (on.type === "Query" && field === "address") return new FakeHandle("Address", String(args["value"]));
    if (on instanceof FakeHandle && on.type === "Address") {
      const made = this.answers[`Address.${field}`]?.(args, on);
      return made ?? new FakeHandle(field.charAt(0).toUpperCase() + field.slice(1), on.made);
    }
    const answer = this.answers[`${on.type}.${field}`];
    if (answer === undefined) throw new Error(`the test has no answer for ${on.type}.${field}`);
    return answer(args, on as FakeHandle);
  }

  async force(handle: Handle): Promise<void> {
    await this.answers[`${handle.type}.sync`]?.({}, handle as FakeHandle);
  }

  async reference(handle: Handle): Promise<string> {
    return `${handle.type}@xxh3:a6c00d4343445032`;
  }

  async query(): Promise<{ data: unknown }> {
    return { data: { sum: 3 } };
  }

  async listen(): Promise<{ port: number; token: string }> {
    return { port: 1, token: "t" };
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

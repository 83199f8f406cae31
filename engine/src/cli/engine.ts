import type { SessionEvent, TerminalAccess } from "../api/session.ts";
import type { ArgumentDef, FunctionDef, ModuleDef } from "../module/definition.ts";
import type { OfferedModule } from "../module/serve.ts";
import type { ServedSources } from "../module/served-sources.ts";

/**
 * What the command line needs from the engine, and all that it knows of it: types to make flags and help from, and a
 * way to take one field after another. `embedded.ts` gives the real one, the unit tests a small one.
 */
export interface Engine {
  /** The module whose functions stand at the top; undefined where there is none. */
  readonly module: ModuleDef | undefined;
  /** All modules that the command is about, in the order in which their checks are listed: that one, a blueprint's, toolchains. */
  readonly offered: readonly OfferedModule[];
  /** Folder that holds dagger.json; undefined outside of any module or when the module is not on this machine. */
  readonly moduleDir: string | undefined;
  readonly types: Types;
  /** The root of the core API. */
  readonly root: Handle;
  /** What can be called first: functions of the module, and the names of the modules beside it. */
  readonly start: ObjectInfo | undefined;
  /**
   * The object that the first function is taken from: the main object of the module, or the root for a module beside it.
   *
   * @throws when an argument of the constructor that has no default is not there: `missing required argument: "name"`
   */
  construct(args: Args, first: string): Promise<Handle>;
  /** Takes a field: a Handle for an object, a list of either, null, or a plain value. Objects may be lazy. */
  select(on: Handle, field: string, args: Args): Promise<unknown>;
  /** Runs what has to run for the object to exist, where the type can be forced (`sync`); else nothing. */
  force(object: Handle): Promise<void>;
  /** `Type@algorithm:hex`, as a call that ends in an object prints it. */
  reference(object: Handle): Promise<string>;
  /** Answers a GraphQL request over the core and the module. */
  query(request: QueryRequest): Promise<QueryAnswer>;
  /** A text that is to be shown, without what is secret in it; `isCut` when more came behind it. */
  hide(text: string, isCut?: boolean): string;
  /** Opens the session to other programs, on loopback. */
  listen(): Promise<{ readonly port: number; readonly token: string }>;
  /** Ends services and whatever else still runs. */
  close(): Promise<void>;
}

/** An object of the API, opaque. */
export interface Handle {
  readonly type: string;
}

export type Args = Readonly<Record<string, unknown>>;

/** What a type offers, by its name in the schema. */
export interface Types {
  /** The object or interface of that name; the module's main object by the name of the module. */
  object(name: string): ObjectInfo | undefined;
  /** Names of an enum's members, in order of declaration. */
  enumMembers(name: string): readonly string[] | undefined;
}

export interface ObjectInfo {
  readonly name: string;
  readonly description: string;
  /** Whether it belongs to Dagger itself and not to a module. */
  readonly isCore: boolean;
  /** Functions and fields, without `id`. */
  readonly functions: readonly FunctionInfo[];
}

export type FunctionInfo = Pick<FunctionDef, "name" | "description" | "returns"> & {
  readonly args: readonly ArgumentInfo[];
};

export type ArgumentInfo = Pick<
  ArgumentDef,
  "name" | "description" | "type" | "defaultValue" | "defaultPath" | "defaultAddress" | "ignore"
>;

export interface QueryRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

export interface QueryAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

export interface OpenOptions {
  /** `-m`: folder or address of a module. */
  readonly moduleRef: string | undefined;
  /** `-M`: the core alone. */
  readonly noModule: boolean;
  /** Modules that are offered instead of those that a dagger.json names. */
  readonly served?: ServedSources;
  /** Where to begin the search for dagger.json; absolute. */
  readonly searchDir: string;
  /** What relative paths of arguments start from; absolute. */
  readonly callerDir: string;
  readonly report: (event: SessionEvent) => void;
  /** The terminal of the command, for programs in containers. */
  readonly terminal: TerminalAccess;
  /** Resolves when the person wants the command to end. */
  readonly interrupted: Promise<void>;
}

export type OpenEngine = (options: OpenOptions) => Promise<Engine>;

/** What a failed exec left, when the error comes from one. */
export function execOutcome(error: unknown): { exitCode: number; stdout: string; stderr: string } | undefined {
  if (!(error instanceof Error) || !("extensions" in error)) return undefined;
  const extensions = error.extensions as Readonly<Record<string, unknown>> | undefined;
  if (extensions?.["_type"] !== "EXEC_ERROR") return undefined;
  return {
    exitCode: Number(extensions["exitCode"]),
    stdout: String(extensions["stdout"] ?? ""),
    stderr: String(extensions["stderr"] ?? ""),
  };
}

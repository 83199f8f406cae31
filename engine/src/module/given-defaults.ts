import { join } from "node:path";
import { isEnumType } from "graphql";
import { UNNAMED_SCHEME } from "../api/address.ts";
import { coreCatalogue } from "../api/catalogue.ts";
import { ApiError, messageOf } from "../api/errors.ts";
import type { Args, Graph } from "../api/graph.ts";
import { sessionOf } from "../api/session.ts";
import { defaultValue, isPlain, plainValue } from "./default-value.ts";
import {
  type ArgumentDef,
  type FunctionDef,
  isWorkspace,
  type ModuleDef,
  type ObjectDef,
  type TypeRef,
} from "./definition.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { type FindDefault, readUserDefaults, type UserDefault, type UserDefaults } from "./user-defaults.ts";

/** A function of a module, or the constructor of its main object. */
interface Called {
  readonly module: LoadedModule;
  readonly owner: ObjectDef;
  readonly def: FunctionDef;
}

/** What results of functions depend on beside their arguments. */
export interface DefaultsBehind {
  readonly lines: readonly (readonly unknown[])[];
  /** Some of them say where something is: what is there may be another thing next time. */
  readonly isOfSession: boolean;
}

/**
 * Gives the arguments of modules what `.env` files have for them, whoever calls: a command, a query, a check, or a function of
 * another module. The files are read for each call: a session may live long.
 */
export class GivenDefaults {
  readonly #told = new Set<string>();

  /** @param machine the graph of the command itself: its folder and its variables count */
  constructor(readonly machine: Graph) {}

  /** @throws Error naming the file and the line that cannot be read */
  of({ def, moduleSource }: LoadedModule): UserDefaults {
    const { workdir, env } = sessionOf(this.machine).host;
    const { envDirs, config } = moduleSource;
    return readUserDefaults({ ...def, originalName: config.name }, { envDirs, callerDir: workdir }, env);
  }

  /**
   * The arguments of a call, with those that nobody gave and that a file has. A null stays where it may be one.
   *
   * @throws ApiError `user defaults postal.send(count=...): parse as integer: …`
   */
  async fill(called: Called, given: Args): Promise<Args> {
    const { module, owner, def } = called;
    const open = def.args.filter(
      ({ name, type }) => !isWorkspace(type) && (given[name] === undefined || (given[name] === null && !type.optional)),
    );
    if (open.length === 0) return given;
    const { find } = this.of(module);
    const filled = open.map(async (argument) => {
      const found = find(placeOf(owner, def), argument.name);
      return found === undefined ? [] : [[argument.name, await this.#value(called, argument, found)] as const];
    });
    return { ...given, ...Object.fromEntries((await Promise.all(filled)).flat()) };
  }

  async #value({ module, def }: Called, argument: ArgumentDef, found: UserDefault): Promise<unknown> {
    const { text, baseDir, name } = found;
    const label = isConstructor(def) ? module.def.name : `${module.def.name}.${def.name}`;
    const isBare = isBareSecret(argument.type, text);
    this.#tell(`user default: ${label}(${argument.name}=${isBare ? "*****" : JSON.stringify(text)})`);
    if (isBare) this.#tell(UNNAMED_SCHEME);
    const membersOf = (type: string) => membersIn(module.def, type);
    try {
      return await defaultValue(text, argument, { baseDir, membersOf, machine: this.machine });
    } catch (error) {
      const where = `(${name} in ${join(baseDir, ".env")})`;
      const told = new ApiError(`user defaults ${label}(${argument.name}=...): ${messageOf(error)} ${where}`);
      throw Object.assign(told, { cause: error });
    }
  }

  /** What files have for the modules that functions of this one may call: their results depend on it. */
  behind(module: LoadedModule): DefaultsBehind {
    const callable = new Set<LoadedModule>();
    const add = (one: LoadedModule): void => {
      if (callable.has(one)) return;
      callable.add(one);
      one.dependencies.forEach(add);
    };
    module.dependencies.forEach(add);
    if (module.moduleSource.config.selfCalls) add(module);
    const lines = [...callable].flatMap((one) => this.#linesFor(one));
    return { lines: lines.map(({ line }) => line), isOfSession: lines.some(({ isRead }) => !isRead) };
  }

  #linesFor(module: LoadedModule) {
    const { find } = this.of(module);
    return module.def.objects.flatMap((owner) =>
      [...(owner.constructor_ === undefined ? [] : [owner.constructor_]), ...owner.functions].flatMap((called) =>
        called.args.flatMap(({ name, type }) => {
          const found = find(placeOf(owner, called), name);
          const line = [module.digest, owner.name, called.name, name, found?.text];
          return found === undefined ? [] : [{ line, isRead: isPlain(type) }];
        }),
      ),
    );
  }

  #tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    sessionOf(this.machine).report({ kind: "note", text });
  }

  /** The module as clients see it: what a file gives has that as its default, or need not be given. */
  shown(module: LoadedModule): ModuleDef {
    const find = this.#findOrNothing(module);
    const { def } = module;
    const objects = def.objects.map((owner): ObjectDef => {
      const withShown = (called: FunctionDef): FunctionDef => ({
        ...called,
        args: called.args.map((one) => shownArgument(one, find(placeOf(owner, called), one.name))),
      });
      const { constructor_, functions } = owner;
      const made = constructor_ === undefined ? {} : { constructor_: withShown(constructor_) };
      return { ...owner, ...made, functions: functions.map(withShown) };
    });
    const main = objects.find(({ name }) => name === def.main?.name);
    return { ...def, objects, ...(main === undefined ? {} : { main }) };
  }

  /** What is wrong with a file is said when something is called. */
  #findOrNothing(module: LoadedModule): FindDefault {
    try {
      return this.of(module).find;
    } catch {
      return () => undefined;
    }
  }
}

function placeOf(owner: ObjectDef, def: FunctionDef): { readonly owner?: string; readonly function?: string } {
  return isConstructor(def) ? {} : { owner: owner.name, function: def.name };
}

function isConstructor({ originalName }: FunctionDef): boolean {
  return originalName === "";
}

function shownArgument(argument: ArgumentDef, found: UserDefault | undefined): ArgumentDef {
  if (found === undefined) return argument;
  const { type } = argument;
  try {
    if (isPlain(type)) return { ...argument, defaultValue: JSON.stringify(plainValue(found.text, type)) };
  } catch {
    // The call says why.
  }
  return { ...argument, type: { ...type, optional: true } };
}

/** Whether the text may be the secret itself: it has no scheme that says where to look. */
function isBareSecret({ kind, name, element }: TypeRef, text: string): boolean {
  if (element !== undefined) return text.split(",").some((item) => isBareSecret(element, item.trim()));
  return kind === "object" && name === "Secret" && !/^([\w+.-]+:\/\/|(env|file|cmd):)/.test(text);
}

function membersIn({ enums }: ModuleDef, name: string): readonly string[] {
  const own = enums.find((one) => one.name === name)?.members;
  if (own !== undefined) return own.map((member) => member.name);
  const type = coreCatalogue().type(name);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
}

import { isEnumType } from "graphql";
import { coreCatalogue } from "../api/catalogue.ts";
import { directiveText } from "../api/directives.ts";
import { ApiError } from "../api/errors.ts";
import type { Args, Field, Fields, Graph, Obj, Pin } from "../api/graph.ts";
import type { FunctionCalls } from "./calls.ts";
import type { EnumDef, FunctionDef, ObjectDef, TypeRef } from "./definition.ts";
import { type ArgumentRules, encodeArguments } from "./encode-arguments.ts";
import type { GivenDefaults } from "./given-defaults.ts";
import type { HostGrants } from "./host-grants.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { keyOfState, type ModuleObjectValue } from "./object-state.ts";
import { constructorField } from "./schema-text.ts";

/** What a pinned object of a module carries in its id: its state, and its place when it came in a list. */
interface PinnedState {
  readonly state: unknown;
  readonly nth?: number;
}

/** Answers the fields of one module's types by running its functions. */
export class ModuleFields {
  readonly #enums: ReadonlyMap<string, EnumDef>;
  readonly #objects: ReadonlyMap<string, ObjectDef>;
  readonly #rules: ArgumentRules;

  constructor(
    readonly module: LoadedModule,
    readonly calls: FunctionCalls,
    readonly grants: HostGrants,
    readonly defaults: GivenDefaults,
  ) {
    this.#enums = new Map(module.def.enums.map((def) => [def.name, def]));
    this.#objects = new Map(module.def.objects.map((def) => [def.name, def]));
    const ownObjects = new Set(this.#objects.keys());
    this.#rules = { source: module.moduleSource, enums: this.#enums, ownObjects, machine: grants.machine };
  }

  /** Types of the module, and the field of the root that makes its main object. */
  fields(): Fields {
    const { main, objects } = this.module.def;
    const types = objects.map((def) => [def.name, this.#objectFields(def)] as const);
    const root = main === undefined ? {} : { [constructorField(main)]: this.#constructorOf(main) };
    return { ...Object.fromEntries(types), Query: root };
  }

  #objectFields(def: ObjectDef): Record<string, Field> {
    const functions = def.functions.map((item) => [item.name, this.#function(def, item)] as const);
    const properties = def.fields.map((item): readonly [string, Field] => [
      item.name,
      this.#field(item.name, item.type, async (self) => {
        const { state } = await self.value<ModuleObjectValue>();
        return (state as Readonly<Record<string, unknown>>)[item.originalName];
      }),
    ]);
    return Object.fromEntries([...functions, ...properties]);
  }

  #constructorOf(main: ObjectDef): Field {
    const { constructor_ } = main;
    const type: TypeRef = { kind: "object", name: main.name, optional: false };
    return this.#field(constructorField(main), type, async (_self, args, graph) => {
      // The real engine runs no code for a class without a constructor, not even the values of its properties.
      if (constructor_ === undefined) return {};
      return await this.#call(main, constructor_, "null", args, graph);
    });
  }

  #function(owner: ObjectDef, def: FunctionDef): Field {
    return this.#field(def.name, def.returns, async (self, args, graph) => {
      const { state } = await self.value<ModuleObjectValue>();
      return await this.#call(owner, def, JSON.stringify(state), args, graph);
    });
  }

  async #call(owner: ObjectDef, def: FunctionDef, parent: string, given: Args, graph: Graph): Promise<unknown> {
    const args = await this.defaults.fill({ module: this.module, owner, def }, given);
    await this.grants.add(Object.values(args));
    const inputArgs = await encodeArguments(def.args, args, graph, this.#rules);
    const call = { parentName: owner.originalName, name: def.originalName, parent, inputArgs };
    const defaults = this.defaults.behind(this.module);
    return JSON.parse(await this.calls.run({ module: this.module, def, call, graph, defaults }));
  }

  /** Functions run when they are asked for, not when their object is needed: what they return may be null. */
  #field(name: string, type: TypeRef, read: (self: Obj, args: Args, graph: Graph) => Promise<unknown>): Field {
    return {
      eager: true,
      keyArgs: (args) => ({ ...args, "": this.module.digest }),
      run: async (self, args, graph, pin) => {
        if (pin !== undefined) return pinnedValue(pin);
        return await this.#decode(type, await read(self, args, graph), { self, name, args, graph });
      },
    };
  }

  async #decode(type: TypeRef, json: unknown, from: Origin): Promise<unknown> {
    if (json === null || json === undefined) return absentValue(type);
    const { element } = type;
    if (element !== undefined && Array.isArray(json)) {
      return await Promise.all(json.map((item, nth) => this.#decode(element, item, { ...from, nth })));
    }
    if (type.kind === "enum") return this.#memberOf(type.name ?? "", json);
    if (type.kind !== "object" && type.kind !== "interface") return json;
    if (typeof json === "string") {
      const object = from.graph.decode(json);
      if (this.grants.isOfMachine(from.graph)) await this.grants.check(object);
      if (type.kind === "interface") this.#checkImplements(object, type.name ?? "", from.graph);
      return object;
    }
    if (type.kind === "interface") throw new ApiError(withoutId(type.name ?? ""));
    return await this.#objectOf(type.name ?? "", json, from);
  }

  /** @throws ApiError for an object that lacks a function of the interface */
  #checkImplements(object: Obj, name: string, graph: Graph): void {
    const functions = this.module.def.interfaces.find((one) => one.name === name)?.functions ?? [];
    if (functions.every((one) => graph.supports(object.type, one.name))) return;
    throw new ApiError(`type ${object.type} does not implement interface ${name}`);
  }

  /** @throws ApiError for a value that the enum does not have */
  #memberOf(name: string, value: unknown): string {
    const own = this.#enums.get(name)?.members.map((one) => [one.originalName, one.name] as const);
    const members = own ?? coreMembers(name);
    const member = members.find(([original]) => original === value);
    if (member !== undefined) return member[1];
    throw new ApiError(`invalid enum member ${JSON.stringify(value)} for ${own === undefined ? `core.${name}` : name}`);
  }

  async #objectOf(type: string, state: unknown, { self, name, args, graph, nth }: Origin): Promise<Obj> {
    const place = nth === undefined ? {} : { nth };
    const data: PinnedState = { state, ...place };
    const pin: Pin = { key: await keyOfState(`${this.module.digest} ${type}`, state, graph), data };
    const value: ModuleObjectValue = { state };
    return graph.object(type, { parent: self, field: name, args, ...place }, { pin, value });
  }
}

/** The names of the members of an enum of the core, by what code has of them: their values, and their names. */
function coreMembers(name: string): readonly (readonly [string, string])[] {
  const type = coreCatalogue().type(name);
  const members = isEnumType(type) ? type.getValues() : [];
  return members.flatMap((one) => [
    [one.name, one.name],
    [directiveText(one, "enumValue") ?? one.name, one.name],
  ]);
}

/** What stands for a value that was not set or not returned: Go's zero value where the type has one and says nothing of null. */
function absentValue({ kind, optional }: TypeRef): unknown {
  if (optional) return null;
  switch (kind) {
    case "string":
      return "";
    case "integer":
    case "float":
      return 0;
    case "boolean":
      return false;
    case "list":
      return [];
    default:
      return null;
  }
}

/** An object that a function makes by `new` has no id yet, and what stands for an interface is known by its id alone. */
function withoutId(name: string): string {
  const words = "unexpected interface value type for conversion from sdk result map[string]interface {}";
  return `${words}: ${name} is an interface, so return an object that dag made, not one that the code made by new`;
}

interface Origin {
  readonly self: Obj;
  readonly name: string;
  readonly args: Args;
  readonly graph: Graph;
  readonly nth?: number;
}

/** The value of an object whose id came from another session: the graph takes it out of its place in the list. */
function pinnedValue(pin: Pin): ModuleObjectValue | ModuleObjectValue[] {
  const { state, nth } = pin.data as PinnedState;
  if (nth === undefined) return { state };
  const list: ModuleObjectValue[] = [];
  list[nth] = { state };
  return list;
}

import * as core from "dagger-sdk/api/client.gen.js";
import { Context } from "dagger-sdk/common/context.js";
import { typeName } from "../../api/names.ts";
import { interfaceClient, splitArguments } from "../client-code.ts";
import type { ArgumentDef, EnumDef, FieldDef, FunctionDef, ModuleDef, TypeRef } from "../definition.ts";

/** Where the generated part of the package `@dagger.io/dagger` finds the classes. */
export const DEPENDENCY_TYPES = Symbol.for("slipway.dependency-types");

interface ClientObject {
  _ctx: Context;
}
type ClientClass = new (ctx?: Context) => ClientObject;
type EnumValues = Readonly<Record<string, string>>;

/**
 * Makes what the real engine generates for a module's dependencies: one class a type, and a field of `dag` a module.
 *
 * @returns the classes and enums by the names under which a module can import them
 */
export function addDependencies(modules: readonly ModuleDef[]): Readonly<Record<string, unknown>> {
  const types: Record<string, unknown> = {};
  const enums = new Map<string, EnumDef>();
  for (const module of modules) {
    for (const def of module.enums) {
      enums.set(def.name, def);
      types[def.name] = memberValues(def);
    }
  }
  const maker = new ClientMaker(types, enums);
  for (const module of modules) {
    for (const def of module.objects) types[def.name] = maker.makeClass(def.name, def.functions, def.fields);
    for (const def of module.interfaces) {
      const name = interfaceClient(def.name);
      types[name] = maker.makeClass(name, def.functions, []);
    }
  }
  for (const { main } of modules) {
    if (main === undefined) continue;
    const fieldName = main.name.charAt(0).toLowerCase() + main.name.slice(1);
    maker.addFunction(core.Client.prototype, {
      name: fieldName,
      args: main.constructor_?.args ?? [],
      returns: { kind: "object", name: main.name, optional: false },
    });
  }
  return types;
}

/** As in the generated code: the name in the schema in capital letters of words → value. */
function memberValues(def: EnumDef): EnumValues {
  return Object.fromEntries(def.members.map((member) => [typeName(member.name), member.value]));
}

class ClientMaker {
  readonly #base = Object.getPrototypeOf(core.Client) as ClientClass;

  constructor(
    readonly types: Readonly<Record<string, unknown>>,
    readonly enums: ReadonlyMap<string, EnumDef>,
  ) {}

  makeClass(name: string, functions: readonly FunctionDef[], fields: readonly FieldDef[]): ClientClass {
    const made = { [name]: class extends this.#base {} }[name] as ClientClass;
    const id: FunctionShape = { name: "id", args: [], returns: { kind: "scalar", name: "ID", optional: false } };
    for (const shape of [
      id,
      ...functions,
      ...fields.map((field) => ({ name: field.name, args: [], returns: field.type })),
    ]) {
      this.addFunction(made.prototype, shape);
    }
    Object.defineProperty(made.prototype, "with", {
      value(this: ClientObject, change: (self: ClientObject) => ClientObject) {
        return change(this);
      },
    });
    return made;
  }

  addFunction(prototype: object, shape: FunctionShape): void {
    const maker = this;
    Object.defineProperty(prototype, shape.name, {
      configurable: true,
      value(this: ClientObject, ...given: unknown[]) {
        return maker.#answer(this._ctx.select(shape.name, maker.#argumentsOf(shape.args, given)), shape.returns);
      },
    });
  }

  #argumentsOf(defs: readonly ArgumentDef[], given: readonly unknown[]): Record<string, unknown> | undefined {
    if (defs.length === 0) return undefined;
    const { placed: required } = splitArguments(defs);
    const args: Record<string, unknown> = { ...(given[required.length] as object | undefined) };
    for (const [place, def] of required.entries()) args[def.name] = given[place];
    const metadata: Record<string, unknown> = {};
    for (const def of defs) {
      const known = this.enums.get(def.type.name ?? "");
      if (known === undefined || def.type.kind !== "enum") continue;
      metadata[def.name] = { is_enum: true, value_to_name: (value: string) => memberOf(known, value) };
    }
    return Object.keys(metadata).length === 0 ? args : { ...args, __metadata: metadata };
  }

  #answer(ctx: Context, type: TypeRef): unknown {
    if (type.kind === "object" || type.kind === "interface") return this.#object(type, ctx);
    return this.#value(ctx, type);
  }

  async #value(ctx: Context, type: TypeRef): Promise<unknown> {
    const element = type.kind === "list" ? type.element : undefined;
    if (element !== undefined && (element.kind === "object" || element.kind === "interface")) {
      const found = (await ctx.select("id").execute()) as readonly { id: string }[];
      return found.map(({ id }) =>
        this.#object(
          element,
          new Context([], (ctx as unknown as { _connection: unknown })._connection).selectNode(id, element.name ?? ""),
        ),
      );
    }
    const answer = await ctx.execute();
    if (type.kind === "void") return undefined;
    const known = this.enums.get((element ?? type).name ?? "");
    if (known === undefined) return answer;
    return Array.isArray(answer) ? answer.map((name) => memberValue(known, name)) : memberValue(known, answer);
  }

  #object(type: TypeRef, ctx: Context): ClientObject {
    const name = type.name ?? "";
    const ofCore = core as unknown as Readonly<Record<string, unknown>>;
    const own = this.types[name] ?? this.types[interfaceClient(name)];
    const found = (own ?? ofCore[name] ?? ofCore[`${name}_`]) as ClientClass | undefined;
    if (found === undefined) throw new Error(`the client knows no type ${name}`);
    return new found(ctx);
  }
}

type FunctionShape = Pick<FunctionDef, "name" | "args" | "returns">;

function memberOf(def: EnumDef, value: string): string {
  return def.members.find((member) => member.value === value)?.name ?? value;
}

function memberValue(def: EnumDef, name: unknown): unknown {
  return def.members.find((member) => member.name === name)?.value ?? name;
}

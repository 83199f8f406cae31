import { enumMemberName, fieldName, namespacedTypeName, typeName } from "../api/names.ts";
import { parseGoDuration } from "../go-texts/duration.ts";
import { ModuleProblem } from "./config.ts";
import {
  type ArgumentDef,
  type EnumDef,
  type FieldDef,
  type FunctionDef,
  type InterfaceDef,
  isWorkspace,
  type ModuleDef,
  type ObjectDef,
  type TypeRef,
} from "./definition.ts";
import type {
  ScannedArgument,
  ScannedEnum,
  ScannedFunction,
  ScannedInterface,
  ScannedModule,
  ScannedObject,
  ScannedType,
} from "./scanned.ts";

/**
 * What the SDK's `Register` tells the real engine about a scan, and what that engine makes of it, in one step.
 *
 * @param moduleName what it is called here
 * @param originalName what it calls itself in its dagger.json
 * @throws ModuleProblem for what the real engine refuses when it loads the module
 */
export function defineModule(
  moduleName: string,
  scanned: ScannedModule,
  dependencies: readonly ModuleDef[],
  originalName = moduleName,
): ModuleDef {
  const definer = new Definer({ name: moduleName, originalName }, scanned, dependencies);
  const objects = Object.values(scanned.objects).map((object) => definer.object(object));
  const mainName = typeName(originalName);
  const main = objects.find((object) => typeName(object.originalName) === mainName);
  return {
    name: moduleName,
    description: scanned.description ?? "",
    ...(main === undefined ? {} : { main }),
    objects,
    enums: Object.values(scanned.enums).map((item) => definer.enum(item)),
    interfaces: Object.values(scanned.interfaces).map((item) => definer.interface(item)),
  };
}

const PRIMITIVES: readonly string[] = ["string", "integer", "float", "boolean", "enum"];
const RESERVED = "id";

class Definer {
  readonly #foreign: ReadonlyMap<string, string>;

  constructor(
    readonly module: { readonly name: string; readonly originalName: string },
    readonly scanned: ScannedModule,
    dependencies: readonly ModuleDef[],
  ) {
    this.#foreign = new Map(
      dependencies.flatMap((module) =>
        [...module.objects, ...module.enums, ...module.interfaces].map((def) => [def.name, module.name]),
      ),
    );
  }

  object(scanned: ScannedObject): ObjectDef {
    const name = this.#typeName(scanned.name, "a class");
    const fields = Object.values(scanned.properties)
      .filter((property) => property.isExposed)
      .map((property): FieldDef => {
        const originalName = property.alias ?? property.name;
        if (fieldName(originalName) === RESERVED) {
          throw new ModuleProblem(
            `cannot define field with reserved name "${RESERVED}" on object ${JSON.stringify(scanned.name)}`,
          );
        }
        const place = `object ${JSON.stringify(scanned.name)} field ${JSON.stringify(originalName)}`;
        const type = this.type(property.type, `field ${scanned.name}.${originalName}`, `${place} cannot reference`);
        if (isWorkspace(type)) {
          throw new ModuleProblem(
            `${place}: Workspace cannot be stored as a field on a module object; declare it as a function argument instead`,
          );
        }
        return {
          originalName,
          name: named(fieldName(originalName), originalName, `a field of ${scanned.name}`),
          description: property.description ?? "",
          type,
          ...optional("deprecated", property.deprecated),
        };
      });
    const constructor_ = scanned.constructorArguments && this.#constructorOf(scanned, name);
    return {
      originalName: scanned.name,
      name,
      description: scanned.description ?? "",
      ...optional("constructor_", constructor_),
      functions: Object.values(scanned.methods).map((method) => this.#function(method, "object", scanned.name)),
      fields,
      ...optional("deprecated", scanned.deprecated),
    };
  }

  #typeName(written: string, what: string): string {
    return named(namespacedTypeName(written, this.module.name, this.module.originalName), written, what);
  }

  #constructorOf(scanned: ScannedObject, name: string): FunctionDef {
    const args = Object.values(scanned.constructorArguments ?? {});
    return {
      originalName: "",
      name: "",
      description: "",
      args: args.map((argument) =>
        this.#argument(
          argument,
          `constructor of ${scanned.name}`,
          `object ${JSON.stringify(scanned.name)} function ""`,
        ),
      ),
      returns: { kind: "object", name, optional: false },
      cache: { policy: "default" },
      isCheck: false,
      isGenerator: false,
      isUp: false,
    };
  }

  #function(scanned: ScannedFunction, kind: "object" | "interface", owner: string): FunctionDef {
    const originalName = scanned.alias ?? scanned.name;
    if (fieldName(originalName) === RESERVED) {
      throw new ModuleProblem(
        `cannot define function with reserved name "${RESERVED}" on object ${JSON.stringify(owner)}`,
      );
    }
    const where = `${owner}.${originalName}`;
    const place = `${kind} ${JSON.stringify(owner)} function ${JSON.stringify(originalName)}`;
    return {
      originalName,
      name: named(fieldName(originalName), originalName, `a function of ${owner}`),
      description: scanned.description ?? "",
      args: Object.values(scanned.arguments).map((argument) => this.#argument(argument, where, place)),
      returns: this.type(scanned.returnType, `the result of ${where}`, `${place} cannot return`),
      cache: cacheOf(scanned.cache, where),
      isCheck: scanned.isCheck ?? false,
      isGenerator: scanned.isGenerator ?? false,
      isUp: scanned.isUp ?? false,
      ...optional("deprecated", scanned.deprecated),
    };
  }

  #argument(scanned: ScannedArgument, where: string, place: string): ArgumentDef {
    const { defaultValue, defaultPath, defaultAddress } = scanned;
    if ([defaultValue, defaultPath, defaultAddress].filter((given) => given).length > 1) {
      throw new ModuleProblem(`argument ${scanned.name} of ${where}: cannot set multiple defaults`);
    }
    const refused = `${place} arg ${JSON.stringify(scanned.name)} cannot reference`;
    const declared = this.type(scanned.type, `argument ${scanned.name} of ${where}`, refused);
    const hasDefault = defaultValue !== undefined;
    // TypeScript itself applies a default that is no primitive.
    const isForTypeScript = hasDefault && !PRIMITIVES.includes(declared.kind);
    const defaultText = hasDefault && !isForTypeScript ? JSON.stringify(this.#defaultOf(scanned, where)) : undefined;
    return {
      originalName: scanned.name,
      name: named(fieldName(scanned.name), scanned.name, `an argument of ${where}`),
      description: scanned.description ?? "",
      type: {
        ...declared,
        optional: declared.optional || scanned.isOptional || isForTypeScript || isWorkspace(declared),
      },
      ...optional("defaultValue", defaultText),
      ...optional("defaultPath", defaultPath || undefined),
      ...optional("defaultAddress", defaultAddress || undefined),
      ignore: scanned.ignore ?? [],
      ...optional("deprecated", scanned.deprecated),
    };
  }

  /** Of an enum of the module the member's name stands for its value. */
  #defaultOf(scanned: ScannedArgument, where: string): unknown {
    const own = scanned.type?.kind === "ENUM_KIND" ? this.scanned.enums[scanned.type.name ?? ""] : undefined;
    if (own === undefined) return scanned.defaultValue;
    const member = Object.entries(own.values).find(([, { value }]) => value === scanned.defaultValue);
    if (member !== undefined) return member[0];
    const shown = JSON.stringify(scanned.defaultValue);
    throw new ModuleProblem(
      `argument ${scanned.name} of ${where}: could not resolve default value ${shown} for enum ${own.name}`,
    );
  }

  enum(scanned: ScannedEnum): EnumDef {
    return {
      originalName: scanned.name,
      name: this.#typeName(scanned.name, "an enum"),
      description: scanned.description ?? "",
      members: Object.values(scanned.values).map((member) => ({
        originalName: member.name,
        name: named(enumMemberName(member.name), member.name, `a member of ${scanned.name}`),
        value: String(member.value),
        description: member.description ?? "",
      })),
    };
  }

  interface(scanned: ScannedInterface): InterfaceDef {
    return {
      originalName: scanned.name,
      name: this.#typeName(scanned.name, "an interface"),
      description: scanned.description ?? "",
      functions: Object.values(scanned.functions).map((item) => this.#function(item, "interface", scanned.name)),
    };
  }

  /** @param refused the beginning of what the real engine says of a type of a dependency at this place */
  type(scanned: ScannedType | undefined, where: string, refused: string): TypeRef {
    switch (scanned?.kind) {
      case "STRING_KIND":
        return { kind: "string", optional: false };
      case "INTEGER_KIND":
        return { kind: "integer", optional: false };
      case "FLOAT_KIND":
        return { kind: "float", optional: false };
      case "BOOLEAN_KIND":
        return { kind: "boolean", optional: false };
      case "VOID_KIND":
        return { kind: "void", optional: true };
      case "SCALAR_KIND":
        return { kind: "scalar", name: scanned.name ?? "", optional: false };
      case "LIST_KIND":
        return { kind: "list", element: this.type(scanned.typeDef, where, refused), optional: false };
      case "OBJECT_KIND":
        return { kind: "object", name: this.#nameOf(scanned, this.scanned.objects, refused), optional: false };
      case "ENUM_KIND":
        return { kind: "enum", name: this.#nameOf(scanned, this.scanned.enums, refused), optional: false };
      case "INTERFACE_KIND":
        return { kind: "interface", name: this.#nameOf(scanned, this.scanned.interfaces, refused), optional: false };
      default:
        throw new ModuleProblem(`${where}: its type cannot be used in the API`);
    }
  }

  #nameOf(scanned: ScannedType, own: Readonly<Record<string, unknown>>, refused: string): string {
    const name = scanned.name ?? "";
    if (own[name] !== undefined) return namespacedTypeName(name, this.module.name, this.module.originalName);
    const module = this.#foreign.get(name);
    if (module !== undefined) throw new ModuleProblem(`${refused} external type from dependency module "${module}"`);
    // `Module_` and the like are called so only because JavaScript has the plain name already.
    return name.replace(/_$/, "");
  }
}

const API_NAME = /^[_A-Za-z][_0-9A-Za-z]*$/;

/**
 * A name as the API has it.
 *
 * @throws ModuleProblem for one of which too little is left there, since the API has names of ASCII letters only
 */
function named(name: string, written: string, where: string): string {
  if (API_NAME.test(name)) return name;
  throw new ModuleProblem(
    `${where}: the name ${JSON.stringify(written)} is ${JSON.stringify(name)} in the API, which cannot be: use letters from a to z, digits and "_", and none of the digits first`,
  );
}

function cacheOf(cache: string | undefined, where: string): FunctionDef["cache"] {
  if (cache === undefined || cache === "") return { policy: "default" };
  if (cache === "never" || cache === "session") return { policy: cache };
  try {
    return { policy: "default", ttlSeconds: parseGoDuration(cache) / 1000 };
  } catch (error) {
    throw new ModuleProblem(`cache of ${where}: ${(error as Error).message}`);
  }
}

/** A property only when there is a value for it. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

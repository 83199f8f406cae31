import { typeName } from "../api/names.ts";
import { type ArgumentDef, type FunctionDef, type ModuleDef, mayBeMissing, type TypeRef } from "./definition.ts";

/** Arguments that a client gives by place, and those in the options object: from the first on that may be missing. */
export function splitArguments(args: readonly ArgumentDef[]): {
  readonly placed: readonly ArgumentDef[];
  readonly options: readonly ArgumentDef[];
} {
  const first = args.findIndex(mayBeMissing);
  return first < 0 ? { placed: args, options: [] } : { placed: args.slice(0, first), options: args.slice(first) };
}

/**
 * Declarations of what the client offers for a module's dependencies, to stand at the end of `client.gen.ts`: the
 * introspector and its type inference see dependencies as they see core types.
 */
export function declareDependencies(modules: readonly ModuleDef[]): string {
  const lines: string[] = [];
  for (const module of modules) {
    for (const def of module.enums) {
      const members = def.members.map((member) => `${typeName(member.name)} = ${JSON.stringify(member.value)}`);
      lines.push(`export declare enum ${def.name} { ${members.join(", ")} }`);
    }
    for (const def of module.objects) {
      const fields = def.fields.map((field) => `${field.name}: () => ${resultOf(field.type)};`);
      const members = [`id: () => Promise<string>;`, ...fields, ...def.functions.map(declareFunction)];
      lines.push(`export declare class ${def.name} { private _is${def.name}; ${members.join(" ")} }`);
    }
    for (const def of module.interfaces) {
      lines.push(
        `export interface ${def.name} { id: () => Promise<string>; ${def.functions.map(declareFunction).join(" ")} }`,
      );
    }
    const { main } = module;
    if (main === undefined) continue;
    const name = main.name.charAt(0).toLowerCase() + main.name.slice(1);
    lines.push(
      `export interface Client { ${name}: (${parametersOf(main.constructor_?.args ?? [])}) => ${main.name}; }`,
    );
  }
  return lines.join("\n");
}

/** The package's `index.js` for a module with dependencies: the SDK, and the types of the dependencies as values. */
export function exportDependencies(modules: readonly ModuleDef[], sdkFile: string): string {
  const names = modules.flatMap(({ enums, objects, interfaces }) => [
    ...[...enums, ...objects].map((def) => def.name),
    ...interfaces.map((def) => interfaceClient(def.name)),
  ]);
  const constants = names.map((name) => `export const ${name} = types[${JSON.stringify(name)}];`);
  return [
    `export * from ${JSON.stringify(sdkFile)};`,
    `const types = globalThis[Symbol.for("slipway.dependency-types")];`,
    ...constants,
  ].join("\n");
}

/** Name of the class of the client that stands for an interface. */
export function interfaceClient(name: string): string {
  return `_${name}Client`;
}

function declareFunction(def: FunctionDef): string {
  return `${def.name}: (${parametersOf(def.args)}) => ${resultOf(def.returns)};`;
}

function parametersOf(args: readonly ArgumentDef[]): string {
  const { placed, options } = splitArguments(args);
  const required = placed.map((def) => `${def.name}: ${typeOf(def.type)}`);
  const optional = options.map((def) => `${def.name}${mayBeMissing(def) ? "?" : ""}: ${typeOf(def.type)}`);
  return [...required, ...(optional.length === 0 ? [] : [`opts?: { ${optional.join("; ")} }`])].join(", ");
}

function resultOf(type: TypeRef): string {
  return type.kind === "object" || type.kind === "interface" ? typeOf(type) : `Promise<${typeOf(type)}>`;
}

function typeOf(type: TypeRef): string {
  switch (type.kind) {
    case "string":
      return "string";
    case "integer":
    case "float":
      return "number";
    case "boolean":
      return "boolean";
    case "void":
      return "void";
    case "list":
      return type.element === undefined ? "unknown[]" : `${typeOf(type.element)}[]`;
    default:
      return type.name ?? "unknown";
  }
}

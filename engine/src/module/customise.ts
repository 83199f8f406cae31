import type { Customization } from "./config.ts";
import type { ArgumentDef, FunctionDef, ModuleDef, ObjectDef, TypeRef } from "./definition.ts";

/**
 * A module whose arguments have other defaults, as `customizations` of a toolchain in dagger.json say. What names nothing
 * that is there changes nothing, as on the real engine.
 */
export function customise(module: ModuleDef, customizations: readonly Customization[]): ModuleDef {
  return customizations.reduce(customiseOne, module);
}

function customiseOne(module: ModuleDef, change: Customization): ModuleDef {
  const owner = ownerOf(module, change.function);
  if (owner === undefined) return module;
  const changed = withFunction(owner, change);
  const objects = module.objects.map((object) => (object === owner ? changed : object));
  return { ...module, objects, ...(module.main === owner ? { main: changed } : {}) };
}

/** The object whose function the path ends in. */
function ownerOf(module: ModuleDef, path: readonly string[]): ObjectDef | undefined {
  let owner = module.main;
  for (const name of path.slice(0, -1)) {
    const returns = owner?.functions.find((item) => item.originalName === name)?.returns;
    owner = module.objects.find((object) => returns?.kind === "object" && object.name === returns.name);
  }
  return owner;
}

function withFunction(owner: ObjectDef, change: Customization): ObjectDef {
  const name = change.function.at(-1);
  if (name !== undefined) {
    const functions = owner.functions.map((item) => (item.originalName === name ? withArgument(item, change) : item));
    return { ...owner, functions };
  }
  return owner.constructor_ === undefined
    ? owner
    : { ...owner, constructor_: withArgument(owner.constructor_, change) };
}

function withArgument(called: FunctionDef, change: Customization): FunctionDef {
  const args = called.args.map((item) =>
    item.name === change.argument || item.originalName === change.argument ? changedArgument(item, change) : item,
  );
  return { ...called, args };
}

function changedArgument(argument: ArgumentDef, change: Customization): ArgumentDef {
  const { defaultPath, defaultAddress, ignore } = change;
  const { defaultValue, ...rest } = argument;
  const value = change.default === "" ? undefined : defaultText(argument.type, change.default);
  let changed: ArgumentDef = value === undefined ? argument : { ...rest, defaultValue: value };
  if (defaultPath !== "") changed = withPlace(changed, { defaultPath });
  if (defaultAddress !== "") changed = withPlace(changed, { defaultAddress });
  return ignore.length === 0 ? changed : { ...changed, ignore };
}

/** One place takes that of the other. */
function withPlace(
  argument: ArgumentDef,
  place: { readonly defaultPath: string } | { readonly defaultAddress: string },
): ArgumentDef {
  const { defaultPath, defaultAddress, ...rest } = argument;
  return { ...rest, type: { ...argument.type, optional: true }, ...place };
}

/** The text as JSON of the argument's type; undefined when it is none. An object has no text. */
function defaultText({ kind }: TypeRef, text: string): string | undefined {
  switch (kind) {
    case "string":
      return JSON.stringify(text);
    case "integer":
      return /^[+-]?\d+$/.test(text) ? String(Number(text)) : undefined;
    case "float":
      return Number.isFinite(Number(text)) ? String(Number(text)) : undefined;
    case "boolean":
      return String(text === "true");
    case "object":
    case "interface":
      return undefined;
    default:
      return isJson(text) ? text : JSON.stringify(text);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

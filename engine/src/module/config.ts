import { ENGINE_VERSION } from "../api/engine-version.ts";

/** What dagger.json says, as far as it matters for running a module. */
export interface ModuleConfig {
  readonly name: string;
  /** `v0.21.8`; a module that says nothing counts as one of the first version that could say it. */
  readonly engineVersion: string;
  /** Folder of the package, relative to dagger.json. */
  readonly source: string;
  /** Patterns of what is taken beside the package, and with `!` of what is not, relative to dagger.json. */
  readonly include: readonly string[];
  /** Without one the module has no code of its own. */
  readonly hasSdk: boolean;
  /** Whether its code may call the module itself by `dag`. */
  readonly selfCalls: boolean;
  readonly dependencies: readonly DependencyConfig[];
  /** Another module whose code stands for the module's own. */
  readonly blueprint?: DependencyConfig;
  /** Modules that are offered beside this one. */
  readonly toolchains: readonly ToolchainConfig[];
  readonly disableDefaultFunctionCaching: boolean;
}

export interface DependencyConfig {
  /** Empty: the dependency's own name. */
  readonly name: string;
  readonly source: string;
  /** Commit of a git address. */
  readonly pin?: string;
}

export interface ToolchainConfig extends DependencyConfig {
  readonly customizations: readonly Customization[];
  readonly ignoreChecks: readonly string[];
  readonly ignoreGenerators: readonly string[];
  readonly ignoreServices: readonly string[];
}

/** Another default for an argument of a toolchain. What is empty stays as the toolchain has it. */
export interface Customization {
  /** Functions from the main object on; none: its constructor. */
  readonly function: readonly string[];
  readonly argument: string;
  readonly default: string;
  readonly defaultPath: string;
  readonly defaultAddress: string;
  readonly ignore: readonly string[];
}

/** What is wrong with a module before any of its code is looked at. The text is the real engine's where it has one. */
export class ModuleProblem extends Error {
  override readonly name = "ModuleProblem";
}

/** The engine's SDK is one patch ahead of the version that the engine states; modules of its version run as well. */
const NEWEST_MODULE: readonly number[] = [0, 21, 9];
/** Of a module that says nothing about its version. */
const OLDEST_VERSION = "v0.9.9";
/** SDKs of the real engine that this one does not run. */
export const OTHER_SDKS: readonly string[] = ["go", "python", "php", "elixir", "java", "dang", "dotnet"];

/**
 * Reads the text of a dagger.json. Keys that it does not know are left alone, as the real engine does.
 *
 * @throws ModuleProblem
 */
export function parseModuleConfig(text: string): ModuleConfig {
  const json = parseObject(text);
  const name = textOf(json, "name");
  if (name === "") throw new ModuleProblem("module name must be set");
  const engineVersion = textOf(json, "engineVersion") || OLDEST_VERSION;
  if (isNewer(engineVersion)) {
    throw new ModuleProblem(`module requires dagger ${engineVersion}, but you have ${ENGINE_VERSION}`);
  }
  const blueprint = json["blueprint"] == null ? undefined : dependencyOf(json["blueprint"]);
  const dependencies = listOf(json, "dependencies").map(dependencyOf);
  const toolchains = listOf(json, "toolchains").map(toolchainOf);
  const source = textOf(json, "source");
  const hasSdk = json["sdk"] !== undefined && json["sdk"] !== null;
  if (blueprint === undefined) checkSdk(name, json["sdk"], source);
  else checkBlueprint({ sdk: hasSdk, dependencies: dependencies.length > 0, source: source !== "" });
  return {
    name,
    engineVersion,
    source: source || ".",
    include: includeOf(json),
    hasSdk,
    selfCalls: blueprint === undefined && hasSelfCalls(json["sdk"]),
    dependencies,
    ...(blueprint === undefined ? {} : { blueprint }),
    toolchains,
    disableDefaultFunctionCaching: json["disableDefaultFunctionCaching"] === true,
  };
}

/** Whether the feature `SELF_CALLS` is on in what a dagger.json says of its SDK. */
export function hasSelfCalls(sdk: unknown): boolean {
  const { experimental } = (sdk ?? {}) as { readonly experimental?: Readonly<Record<string, unknown>> | null };
  return experimental?.["SELF_CALLS"] === true;
}

/** The object of JSON that a text must be, in the words of Go's decoder. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  const decode = (why: string) => new ModuleProblem(`failed to decode module config: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw decode(goJsonProblem(text, (error as Error).message));
  }
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    const kind = Array.isArray(json) ? "array" : typeof json;
    throw decode(`json: cannot unmarshal ${kind} into Go value of type modules.ModuleConfigWithUserFields`);
  }
  return json as Readonly<Record<string, unknown>>;
}

/** Go's words for text that is not JSON: users of the real engine know them. */
function goJsonProblem(text: string, message: string): string {
  const token = /Unexpected token '(.)'/.exec(message)?.[1];
  if (token !== undefined) return `invalid character '${token}' looking for beginning of value`;
  const place = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const char = text.slice(place).trimStart().charAt(0);
  return char === ""
    ? "unexpected end of JSON input"
    : `invalid character '${char}' in line ${text.slice(0, place).split("\n").length}`;
}

/** What a dagger.json includes; what older ones exclude is an include that is taken back. */
export function includeOf(json: Readonly<Record<string, unknown>>): readonly string[] {
  const excluded = textsOf(json, "exclude").filter((pattern) => pattern !== "");
  const negated = excluded.map((pattern) => (pattern.startsWith("!") ? pattern.slice(1) : `!${pattern}`));
  return [...textsOf(json, "include"), ...negated];
}

/** Another module, as a dagger.json names it. */
export function dependencyOf(item: unknown): DependencyConfig {
  if (typeof item === "string") return { name: "", source: item };
  const fields = item as Readonly<Record<string, unknown>>;
  const pin = textOf(fields, "pin");
  return { name: textOf(fields, "name"), source: textOf(fields, "source"), ...(pin === "" ? {} : { pin }) };
}

/** A toolchain, as a dagger.json names it. */
export function toolchainOf(item: unknown): ToolchainConfig {
  const fields = (typeof item === "string" ? {} : item) as Readonly<Record<string, unknown>>;
  return {
    ...dependencyOf(item),
    customizations: listOf(fields, "customizations").map(customizationOf),
    ignoreChecks: textsOf(fields, "ignoreChecks"),
    ignoreGenerators: textsOf(fields, "ignoreGenerators"),
    ignoreServices: textsOf(fields, "ignoreServices"),
  };
}

function customizationOf(item: unknown): Customization {
  const fields = item as Readonly<Record<string, unknown>>;
  return {
    function: textsOf(fields, "function"),
    argument: textOf(fields, "argument"),
    default: textOf(fields, "default"),
    defaultPath: textOf(fields, "defaultPath"),
    defaultAddress: textOf(fields, "defaultAddress"),
    ignore: textsOf(fields, "ignore"),
  };
}

/**
 * Holds a blueprint against what else is given, key → whether it is.
 *
 * @throws ModuleProblem `blueprint and sdk can't both be set`
 */
export function checkBlueprint(given: Readonly<Record<string, boolean>>): void {
  const other = Object.keys(given).find((key) => given[key]);
  if (other !== undefined) throw new ModuleProblem(`blueprint and ${other} can't both be set`);
}

function checkSdk(moduleName: string, sdk: unknown, source: string): void {
  const name = typeof sdk === "object" && sdk !== null ? textOf(sdk as Record<string, unknown>, "source") : (sdk ?? "");
  if (name === "") {
    if (source !== "") throw new ModuleProblem(`source path ${JSON.stringify(source)} specified without sdk`);
    return;
  }
  checkSdkName(String(name), { moduleName });
}

/**
 * Holds the name of an SDK against those that there are.
 *
 * @param about whose SDK it is, or what to say to Dagger's own engine where this one cannot
 * @throws ModuleProblem that says what to do
 */
export function checkSdkName(
  name: string,
  about: { readonly moduleName: string } | { readonly instead: string },
): void {
  const [language = "", version] = name.split("@");
  if (language === "typescript") {
    if (version === undefined) return;
    throw new ModuleProblem(`sdk "${name}": the embedded engine has its own version of the SDK: remove "@${version}"`);
  }
  if (OTHER_SDKS.includes(language) || /^[./]|\//.test(name)) {
    const what = "the embedded engine runs modules of the TypeScript SDK only";
    throw new ModuleProblem(
      "instead" in about
        ? `${what}, not of ${JSON.stringify(language)}: with Dagger's own it is ${about.instead}`
        : `${what}, and module "${about.moduleName}" is of ${JSON.stringify(language)}: say dagger instead of slipway to use Dagger's own`,
    );
  }
  throw new ModuleProblem(`failed to load sdk for local module source: invalid SDK: ${JSON.stringify(name)}`);
}

/** The text under a key; empty when there is none. */
export function textOf(fields: Readonly<Record<string, unknown>>, key: string): string {
  const value = fields[key];
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw new ModuleProblem(
    `failed to decode module config: json: cannot unmarshal ${typeof value} into Go struct field .${key} of type string`,
  );
}

/** The list under a key; empty when there is none. */
export function listOf(fields: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const value = fields[key];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new ModuleProblem(
    `failed to decode module config: json: cannot unmarshal ${typeof value} into Go struct field .${key}`,
  );
}

/** The list of texts under a key. */
function textsOf(fields: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  return listOf(fields, key).map((item) => textOf({ [key]: item }, key));
}

/** `latest` and nothing stand for versions; `0.21.8` is one without its letter. */
export function wholeVersion(written: string): string {
  if (written === "") return OLDEST_VERSION;
  if (written === "latest") return ENGINE_VERSION;
  return /^\d/.test(written) ? `v${written}` : written;
}

/** Numbers of `v1.2.3`; what stands after them (pre-releases) does not count. */
export function versionNumbers(version: string): readonly number[] {
  return /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0, 0, 0];
}

/** Negative when `a` is older than `b`, 0 when they are the same. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (const [place, number] of a.entries()) {
    const difference = number - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isNewer(version: string): boolean {
  return compareVersions(versionNumbers(version), NEWEST_MODULE) > 0;
}

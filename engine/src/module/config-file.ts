import {
  checkBlueprint,
  type DependencyConfig,
  dependencyOf,
  includeOf,
  listOf,
  ModuleProblem,
  OTHER_SDKS,
  parseObject,
  type ToolchainConfig,
  textOf,
  toolchainOf,
  wholeVersion,
} from "./config.ts";

/** What a dagger.json says, whether or not this engine can run the module. */
export interface ConfigFile {
  /** Empty: none is set. */
  readonly name: string;
  readonly engineVersion: string;
  readonly sdk: SdkConfig | undefined;
  /** Folder of the package, relative to dagger.json; empty: none is set. */
  readonly source: string;
  readonly include: readonly string[];
  readonly dependencies: readonly DependencyConfig[];
  readonly blueprint: DependencyConfig | undefined;
  readonly toolchains: readonly ToolchainConfig[];
  readonly clients: readonly ClientConfig[];
}

export interface SdkConfig {
  readonly source: string;
  readonly debug: boolean;
}

/** A client that is generated for the module. */
export interface ClientConfig {
  readonly generator: string;
  readonly directory: string;
}

/**
 * Reads the text of a dagger.json for those who ask what stands there.
 *
 * @throws ModuleProblem in the words of the real engine
 */
export function parseConfigFile(text: string): ConfigFile {
  const json = parseObject(text);
  const config: ConfigFile = {
    name: textOf(json, "name"),
    engineVersion: wholeVersion(textOf(json, "engineVersion")),
    sdk: sdkOf(json["sdk"]),
    source: textOf(json, "source"),
    include: includeOf(json),
    dependencies: listOf(json, "dependencies").map(dependencyOf),
    blueprint: json["blueprint"] == null ? undefined : dependencyOf(json["blueprint"]),
    toolchains: listOf(json, "toolchains").map(toolchainOf),
    clients: listOf(json, "clients").map(clientOf),
  };
  check(config);
  return config;
}

function sdkOf(sdk: unknown): SdkConfig | undefined {
  if (sdk === undefined || sdk === null) return undefined;
  if (typeof sdk === "string") return sdk === "" ? undefined : { source: sdk, debug: false };
  const fields = sdk as Readonly<Record<string, unknown>>;
  return { source: textOf(fields, "source"), debug: fields["debug"] === true };
}

function clientOf(item: unknown): ClientConfig {
  const fields = item as Readonly<Record<string, unknown>>;
  return { generator: textOf(fields, "generator"), directory: textOf(fields, "directory") };
}

function check({ sdk, source, blueprint, dependencies }: ConfigFile): void {
  if (blueprint !== undefined) {
    checkBlueprint({ sdk: sdk !== undefined, dependencies: dependencies.length > 0, source: source !== "" });
  }
  if (/^\/|^\.\.(\/|$)|\/\.\.(\/|$)/.test(source)) {
    throw new ModuleProblem(`source path ${JSON.stringify(source)} contains parent directory components`);
  }
  if ((sdk?.source ?? "") === "" && source !== "") {
    throw new ModuleProblem(`source path ${JSON.stringify(source)} specified without sdk`);
  }
}

/**
 * Whether the real engine knows an SDK of that name; one that is a module of its own counts, as an address or a path.
 *
 * @throws ModuleProblem `invalid SDK: "x"`
 */
export function checkKnownSdk(name: string, of: string): void {
  const language = name.split("@")[0] ?? "";
  if (name === "" || language === "typescript" || OTHER_SDKS.includes(language) || /[./]/.test(language)) return;
  throw new ModuleProblem(`failed to load sdk for ${of}: invalid SDK: ${JSON.stringify(name)}`);
}

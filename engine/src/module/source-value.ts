import { posix } from "node:path";
import { ApiError } from "../api/errors.ts";
import type { Obj } from "../api/graph.ts";
import type { DependencyConfig } from "./config.ts";
import { type ConfigFile, parseConfigFile } from "./config-file.ts";
import type { ConfigChange, MadeFor } from "./config-text.ts";
import type { GitPlace } from "./git-place.ts";

export type SourceKind = "LOCAL_SOURCE" | "GIT_SOURCE" | "DIR_SOURCE";

/** A module's source as the API has it: nothing of it has to be loaded, nor has it to be there at all. */
export interface SourceValue {
  readonly kind: SourceKind;
  readonly configExists: boolean;
  /** What it is called here. */
  readonly name: string;
  /** As dagger.json says, or as it was changed to. */
  readonly config: ConfigFile;
  /** The text of dagger.json before any change; undefined when there is none. */
  readonly text: string | undefined;
  readonly change: ConfigChange;
  /** Set when the module is to be for another engine. */
  readonly madeFor: MadeFor | undefined;
  /** What it called itself first. */
  readonly originalName: string;
  /** Of a local one: the context on the host of whoever asked. */
  readonly contextPath: string | undefined;
  /** Of one in a git repository. */
  readonly git: GitPlace | undefined;
  /** What the context holds, as a Directory. */
  readonly context: Obj;
  /** Folder of dagger.json, from the context; `.` for that itself. */
  readonly rootSubpath: string;
  /** The folder that was asked for. */
  readonly originalSubpath: string;
  /** Folder of the package, from the context; empty without an SDK. */
  readonly sourceSubpath: string;
  readonly dependencies: readonly SourceValue[];
  readonly blueprint: SourceValue | undefined;
  readonly toolchains: readonly SourceValue[];
}

/** The file that makes a folder a module. */
export const CONFIG = "dagger.json";

const NO_CONFIG: ConfigFile = {
  name: "",
  engineVersion: "",
  sdk: undefined,
  source: "",
  include: [],
  dependencies: [],
  blueprint: undefined,
  toolchains: [],
  clients: [],
};

type Places = Pick<SourceValue, "contextPath" | "git" | "rootSubpath" | "originalSubpath">;

/** A source as its dagger.json says, without what that names. */
export function sourceAt(kind: SourceKind, text: string | undefined, places: Places): Omit<SourceValue, "context"> {
  const config = text === undefined ? NO_CONFIG : parseConfigFile(text);
  return {
    kind,
    configExists: true,
    config,
    name: config.name,
    text,
    change: {},
    madeFor: undefined,
    originalName: config.name,
    sourceSubpath: sourceSubpathOf(config, places.rootSubpath),
    dependencies: [],
    blueprint: undefined,
    toolchains: [],
    ...places,
  };
}

/** Folder of the package, from the context; empty without an SDK. */
export function sourceSubpathOf({ sdk, source }: ConfigFile, rootSubpath: string): string {
  return (sdk?.source ?? "") === "" ? "" : posix.join(rootSubpath, source);
}

/** The source with all that its dagger.json names. */
export async function withRelated(
  value: SourceValue,
  load: (one: DependencyConfig) => Promise<SourceValue>,
): Promise<SourceValue> {
  const { config } = value;
  const named = async (one: DependencyConfig, what: string): Promise<SourceValue> => {
    const found = await load(one).catch((error: Error) => {
      throw new ApiError(`failed to resolve ${what} to source: ${error.message}`);
    });
    return one.name === "" ? found : renamed(found, one.name);
  };
  return {
    ...value,
    dependencies: await Promise.all(config.dependencies.map((one) => named(one, "dep"))),
    toolchains: await Promise.all(config.toolchains.map((one) => named(one, "toolchain"))),
    blueprint: config.blueprint === undefined ? undefined : await named(config.blueprint, "blueprint"),
  };
}

/** The source under another name; the first name that it gets is its own. */
export function renamed(value: SourceValue, name: string): SourceValue {
  return { ...value, name, originalName: value.originalName || name };
}

/** What is taken of a context: the configuration, the package, and what dagger.json names besides. */
export function includesOf({ rootSubpath, sourceSubpath, config }: Omit<SourceValue, "context">): readonly string[] {
  const source = sourceSubpath === "." ? "*" : sourceSubpath || rootSubpath;
  const named = config.include.map((pattern) =>
    pattern.startsWith("!") ? `!${posix.join(rootSubpath, pattern.slice(1))}` : posix.join(rootSubpath, pattern),
  );
  return [posix.join(rootSubpath, CONFIG), source, ...named];
}

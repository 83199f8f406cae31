import { posix } from "node:path";
import { ENGINE_VERSION } from "../api/engine-version.ts";
import { compareVersions, type DependencyConfig, versionNumbers, wholeVersion } from "./config.ts";
import type { ClientConfig } from "./config-file.ts";

/** Keys of a dagger.json in the order in which the real command line writes them. */
const ORDER = [
  "$schema",
  "name",
  "engineVersion",
  "sdk",
  "blueprint",
  "toolchains",
  "include",
  "dependencies",
  "source",
  "codegen",
  "clients",
  "disableDefaultFunctionCaching",
];

/** Modules of older engines keep results for a session only, until they say otherwise. */
const FIRST_WITH_FUNCTION_CACHING = [0, 19, 4] as const;

/** What is to be in a dagger.json beside what was there. An empty list or text takes the key away. */
export interface ConfigChange {
  readonly name?: string;
  readonly sdk?: Readonly<Record<string, unknown>> | undefined;
  readonly blueprint?: DependencyConfig | undefined;
  readonly toolchains?: readonly DependencyConfig[];
  readonly include?: readonly string[];
  readonly dependencies?: readonly DependencyConfig[];
  readonly clients?: readonly ClientConfig[];
  /** Relative to dagger.json. */
  readonly source?: string;
}

/** For which engine a module is from now on. */
export type MadeFor = { readonly version: string } | { readonly keep: true };

/**
 * The text of a dagger.json after a change, as the real command line writes it: older spellings in today's, what is empty
 * left out. Keys that it does not know stay, at the end.
 *
 * @param text what was there; undefined for a new one
 */
export function changedConfigText(
  text: string | undefined,
  change: ConfigChange,
  madeFor: MadeFor = { version: ENGINE_VERSION },
): string {
  const before = text === undefined ? {} : todaysSpelling(JSON.parse(text) as Fields);
  const version = "keep" in madeFor ? before["engineVersion"] : normalVersion(madeFor.version);
  const after: Fields = { ...before, ...change, engineVersion: version };
  const isThere = (key: string): boolean => !isEmpty(key, after[key]);
  const known = ORDER.filter(isThere);
  const others = Object.keys(after).filter((key) => !ORDER.includes(key) && isThere(key));
  const ordered = Object.fromEntries([...known, ...others].map((key) => [key, after[key]]));
  return `${escaped(JSON.stringify(ordered, null, 2))}\n`;
}

/** Whether git is told to ignore what is generated: so it is unless the dagger.json says `codegen.automaticGitignore: false`. */
export function ignoresSdk(text: string): boolean {
  const { codegen } = JSON.parse(text) as { readonly codegen?: { readonly automaticGitignore?: boolean } };
  return codegen?.automaticGitignore ?? true;
}

type Fields = Readonly<Record<string, unknown>>;

function todaysSpelling(before: Fields): Fields {
  const { exclude, ...rest } = before;
  const { sdk, source, include, engineVersion, disableDefaultFunctionCaching: written } = before;
  const version = normalVersion(typeof engineVersion === "string" ? engineVersion : "");
  const isOld = compareVersions(versionNumbers(version), FIRST_WITH_FUNCTION_CACHING) < 0;
  return {
    ...rest,
    engineVersion: version,
    ...(typeof source === "string" ? { source: posix.join(source, ".") } : {}),
    ...(typeof sdk === "string" ? { sdk: { source: sdk } } : {}),
    ...(Array.isArray(exclude) ? { include: [...asTexts(include), ...asTexts(exclude).map(asIncluded)] } : {}),
    disableDefaultFunctionCaching: written ?? isOld,
  };
}

/** What an engine makes of what a module says; what is no version is one from before there were any. */
function normalVersion(written: string): string {
  const version = wholeVersion(written);
  return /^v\d+\.\d+\.\d+/.test(version) ? version : "v0.11.9";
}

function asTexts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === "string" && one !== "") : [];
}

/** A pattern of `exclude` in the words of `include`. */
function asIncluded(pattern: string): string {
  return pattern.startsWith("!") ? pattern.slice(1) : `!${pattern}`;
}

function isEmpty(key: string, value: unknown): boolean {
  if (key === "source") return value === undefined || value === "" || value === ".";
  if (key === "disableDefaultFunctionCaching") return value !== true;
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Go's encoder writes these so that the text can stand in a page. */
function escaped(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

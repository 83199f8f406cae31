import { ENGINE_VERSION } from "../api/engine-version.ts";
import type { DependencyConfig, ToolchainConfig } from "./config.ts";

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
  "exclude",
  "clients",
  "disableDefaultFunctionCaching",
];

/** What is to be in a dagger.json beside what was there. */
export interface ConfigChange {
  readonly name?: string;
  readonly blueprint?: DependencyConfig;
  readonly toolchains?: readonly DependencyConfig[];
}

/**
 * The text of a dagger.json after a change, as the real command line writes it: for the engine's own version, `toolchains`
 * left out when there are none. Keys that it does not know stay, at the end.
 *
 * @param text what was there; `{}` for a new one
 */
export function changedConfigText(text: string, change: ConfigChange): string {
  const before = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const after: Record<string, unknown> = { ...before, ...change, engineVersion: ENGINE_VERSION };
  const { toolchains } = change;
  if (toolchains?.length === 0) delete after["toolchains"];
  const known = ORDER.filter((key) => after[key] !== undefined);
  const others = Object.keys(after).filter((key) => !ORDER.includes(key));
  const ordered = Object.fromEntries([...known, ...others].map((key) => [key, after[key]]));
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/**
 * The toolchains with one more, sorted by name. One of the same place is replaced by it, and hands its settings over when
 * it has the same name.
 *
 * @throws Error `duplicate toolchain name "x"`
 */
export function withToolchain(
  before: readonly DependencyConfig[],
  added: DependencyConfig,
): readonly DependencyConfig[] {
  const others = before.filter(({ source }) => placeOf(source) !== placeOf(added.source));
  if (others.some(({ name }) => name === added.name)) {
    throw new Error(`duplicate toolchain name ${JSON.stringify(added.name)}`);
  }
  const same = before.find(({ name }) => name === added.name) as Partial<ToolchainConfig> | undefined;
  const kept = same?.customizations === undefined ? {} : { customizations: same.customizations };
  return [...others, { ...added, ...kept }].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Without the one of that name or place; a version behind the place is not looked at. */
export function withoutToolchain(before: readonly DependencyConfig[], wanted: string): readonly DependencyConfig[] {
  const place = placeOf(wanted.split("@")[0] ?? "");
  return before.filter(({ name, source }) => name !== wanted && placeOf(source.split("@")[0] ?? "") !== place);
}

function placeOf(source: string): string {
  return source.replace(/^\.\/+/, "").replace(/\/+$/, "");
}

import { compareVersions, type ModuleConfig, versionNumbers } from "./config.ts";
import type { FunctionDef } from "./definition.ts";

/** How long the result of a call may take the place of another run. */
export type Lifetime =
  | { readonly kind: "stored"; readonly seconds: number }
  | { readonly kind: "session" }
  | { readonly kind: "never" };

const SEVEN_DAYS_S = 7 * 24 * 3600;
const CACHING_SINCE: readonly number[] = [0, 19, 4];

/** The rules of the real engine: core/modfunc.go and core/typedef.go of v0.21.8. */
export function resultLifetime(
  cache: FunctionDef["cache"],
  config: Pick<ModuleConfig, "engineVersion" | "disableDefaultFunctionCaching">,
): Lifetime {
  if (cache.policy === "never" || cache.policy === "session") return { kind: cache.policy };
  if (cache.ttlSeconds !== undefined) {
    return cache.ttlSeconds <= 0 ? { kind: "never" } : { kind: "stored", seconds: cache.ttlSeconds };
  }
  const isOld = compareVersions(versionNumbers(config.engineVersion), CACHING_SINCE) < 0;
  if (isOld || config.disableDefaultFunctionCaching) return { kind: "session" };
  return { kind: "stored", seconds: SEVEN_DAYS_S };
}

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

const UNIT_S: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  "\u00b5s": 1e-6,
  "\u03bcs": 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/**
 * Reads a Go duration such as `90s` or `1h30m`; the result is in seconds.
 *
 * @throws Error in the words of Go's time.ParseDuration
 */
export function parseGoDuration(text: string): number {
  const quoted = JSON.stringify(text);
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return 0;
  if (body === "") throw new Error(`time: invalid duration ${quoted}`);
  let seconds = 0;
  let rest = body;
  while (rest !== "") {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (part === null) throw new Error(`time: invalid duration ${quoted}`);
    const [whole, number = "", unit = ""] = part;
    if (unit === "") throw new Error(`time: missing unit in duration ${quoted}`);
    const unitS = UNIT_S[unit];
    if (unitS === undefined) throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    seconds += Number(number) * unitS;
    rest = rest.slice(whole.length);
  }
  return sign === "-" ? -seconds : seconds;
}

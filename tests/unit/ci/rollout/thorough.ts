/**
 * Whether every crash of every scenario is tried (`npm run test:crash`, minutes) or, as in `npm test` and the check `unit`, a part
 * that is spread over all of them.
 */
export const isThorough = process.env["SLIPWAY_CRASHES"] === "all";

/** Unless all are wanted, one of `every`: others for each `at`, so that scenarios that differ by it try all of them together. */
export function oneIn<T>(every: number, all: readonly T[], at: number): readonly T[] {
  return isThorough ? all : all.filter((_, index) => index % every === at % every);
}

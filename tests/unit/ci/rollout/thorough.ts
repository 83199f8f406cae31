/**
 * Whether every crash of every scenario is tried (`npm run test:crash`, minutes) or, as in `npm test` and the check `unit`, a part
 * that is spread over all of them.
 */
export const isThorough = process.env["SLIPWAY_CRASHES"] === "all";

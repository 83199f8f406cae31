/** The version of Slipway, as in its package.json: a test holds it. */
export const VERSION = "0.1.0";

/**
 * Runs only the tests whose name contains what `SLIPWAY_TEST_NAME` says; uvu itself has no such choice. Loaded by `--import`
 * beside tsx: it takes the place of uvu's `suite` in test files, and hooks run as ever.
 */
import { register } from "node:module";

const hooks = `
  const wrapper = new URL("./named-suite.mjs", ${JSON.stringify(import.meta.url)}).href;
  export async function resolve(specifier, context, next) {
    if (specifier !== "uvu" || context.parentURL === wrapper || !/\\.test\\.m?[jt]s(\\?|$)/.test(context.parentURL ?? "")) {
      return next(specifier, context);
    }
    return { url: wrapper, shortCircuit: true };
  }
`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);

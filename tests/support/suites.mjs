/**
 * Loaded by `--import` beside tsx, it takes the place of uvu's `suite` in test files, for what uvu itself does not do: it runs only
 * the tests whose name contains what `SLIPWAY_TEST_NAME` says, and shows the error of a hook that runs before or after all tests, and
 * the text that does not match.
 */
import { register } from "node:module";

const hooks = `
  const wrapper = new URL("./told-suite.mjs", ${JSON.stringify(import.meta.url)}).href;
  export async function resolve(specifier, context, next) {
    if (specifier !== "uvu" || context.parentURL === wrapper || !/\\.test\\.m?[jt]s(\\?|$)/.test(context.parentURL ?? "")) {
      return next(specifier, context);
    }
    return { url: wrapper, shortCircuit: true };
  }
`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);

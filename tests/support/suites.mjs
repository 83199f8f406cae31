/**
 * Loaded by `--import` beside tsx, it takes the place of uvu's `suite` in test files, for what uvu itself does not do: it runs only
 * the tests whose name contains what `SLIPWAY_TEST_NAME` says, and shows the error of a hook that runs before or after all tests, and
 * the text that does not match.
 */
import { addHooks } from "./add-hooks.mjs";

await addHooks(new URL("./suite-hooks.mjs", import.meta.url));

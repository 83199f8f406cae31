/** uvu's `suite` as test files get it: see `suites.mjs`. */
import { suite as wholeSuite } from "uvu";

const wanted = (process.env["SLIPWAY_TEST_NAME"] ?? "").toLowerCase();

/** As uvu's own; a test of another name is not there, and the error of a hook is shown: uvu drops it with the tests that did not run. */
export function suite(name, state) {
  const whole = wholeSuite(name, state);
  const isWanted = (test) => `${name ?? ""} ${test}`.toLowerCase().includes(wanted);
  const add = (test, handler) => (isWanted(test) ? whole(test, handler) : undefined);
  const told = (when) => {
    const withTelling = (hook) => async (shared) => {
      try {
        await hook(shared);
      } catch (error) {
        console.error(`\n   FAIL  ${name ?? ""}  "${when} its tests"\n    ${error?.stack ?? error}`);
        throw error;
      }
    };
    return Object.assign((hook) => whole[when](withTelling(hook)), { each: whole[when].each });
  };
  return Object.assign(add, whole, { before: told("before"), after: told("after") });
}

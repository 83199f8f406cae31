/** uvu's `suite` for a run in which only tests of one name count: see `named-tests.mjs`. */
import { suite as wholeSuite } from "uvu";

const wanted = (process.env["SLIPWAY_TEST_NAME"] ?? "").toLowerCase();

/** As uvu's own; a test of another name is not there. */
export function suite(name, state) {
  const whole = wholeSuite(name, state);
  const isWanted = (test) => `${name ?? ""} ${test}`.toLowerCase().includes(wanted);
  const add = (test, handler) => (isWanted(test) ? whole(test, handler) : undefined);
  return Object.assign(add, whole);
}

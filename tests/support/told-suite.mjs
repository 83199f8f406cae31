/** uvu's `suite` as test files get it: see `suites.mjs`. */
import { suite as wholeSuite } from "uvu";

const wanted = (process.env["SLIPWAY_TEST_NAME"] ?? "").toLowerCase();

/** Of a longer text the beginning and the end are shown, this many characters of each. */
const SHOWN = 4_000;

function shorten(text) {
  if (text.length <= 2 * SHOWN) return text;
  return `${text.slice(0, SHOWN)}\n[${text.length - 2 * SHOWN} characters are left out]\n${text.slice(-SHOWN)}`;
}

/** Shows the text that does not match, and the cause of an error, which uvu leaves out: a fault that came once cannot be found without. */
function withEvidence(handler) {
  return async (shared) => {
    try {
      await handler(shared);
    } catch (error) {
      if (/match$/.test(error?.operator) && typeof error.actual === "string" && !error.details)
        error.details = `The text:\n${shorten(error.actual)}\n`;
      if (error?.cause instanceof Error && !error.details)
        error.details = `The cause:\n${shorten([error.cause.stack, error.cause.details].filter(Boolean).join("\n"))}\n`;
      throw error;
    }
  };
}

/**
 * As uvu's own; a test of another name is not there. The error of a hook is shown: uvu drops it with the tests that did not run.
 */
export function suite(name, state) {
  const whole = wholeSuite(name, state);
  const isWanted = (test) => `${name ?? ""} ${test}`.toLowerCase().includes(wanted);
  const add = (test, handler) => (isWanted(test) ? whole(test, withEvidence(handler)) : undefined);
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

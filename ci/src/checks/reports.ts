import { type Directory, dag } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import { ownValue } from "../input/names.ts";
import { type Ran, runCheck } from "./check.ts";
import { watchCheck, writeReport } from "./check-report.ts";
import { unknownCheck } from "./checks.ts";
import { listPatterns } from "./written.ts";

/**
 * The files that checks write as their reports, in a folder for each check. A check that fails gives its files as well,
 * those of the run that failed: it is not run again. How the checks ended is said on standard error.
 *
 * @param only one check instead of all that write any
 * @throws SlipwayError when no check says which files it writes
 */
export async function collectReports(checkout: Checkout, only?: string): Promise<Directory> {
  const { checks } = checkout.settings;
  if (only !== undefined && ownValue(checks, only) === undefined) throw unknownCheck(checkout, only);
  const writing = Object.entries(checks).filter(
    ([name, { reports }]) => (only === undefined || name === only) && listPatterns(reports).length > 0,
  );
  if (writing.length === 0) throw writesNothing(only);
  const folders = new Map<string, Directory>();
  const outcomes = await Promise.all(
    writing.map(([name, settings]) =>
      watchCheck(name, async () => {
        const ran = await runCheck(checkout, settings, "as-it-was");
        if (ran.files !== undefined) folders.set(name, ran.files);
        return withoutEngine(ran);
      }),
    ),
  );
  console.error(writeReport({ stages: [outcomes], left: [] }));
  return [...folders].reduce((all, [name, files]) => all.withDirectory(name, files), dag.directory());
}

/** That it failed is told here and thrown nowhere, so no command has to fail for it. */
function withoutEngine({ fail, ...ran }: Ran): Ran {
  return fail === undefined ? ran : { ...ran, fail: () => Promise.reject(new Error(`exit code: ${ran.exitCode}`)) };
}

function writesNothing(only: string | undefined): SlipwayError {
  return new SlipwayError("nothing-known", {
    what:
      only === undefined ? "no check says which files it writes" : `check ${only} does not say which files it writes`,
    where: `checks${only === undefined ? "" : `.${only}`} of slipway.yaml`,
    todo: `add reports: { junit: reports/junit.xml }, with the path that ${only === undefined ? "a check" : "it"} writes to`,
  });
}

import { type Directory, dag } from "@dagger.io/dagger";
import type { Checkout } from "../checkout/checkout.ts";
import { ownValue } from "../input/names.ts";
import type { CheckResult } from "../outcomes/result.ts";
import { writeTree } from "../outcomes/tree.ts";
import type { Ran } from "./check.ts";
import { type Outcome, watchCheck } from "./check-report.ts";
import { sumHits, toResult } from "./check-result.ts";
import { listChecks, refuseNothing, runAs, runStages, tellFailure, unknownCheck } from "./checks.ts";
import type { Failed } from "./run-to-end.ts";

/**
 * Runs the checks as `test` does, and gives what they came to in the forms that CI systems read, with the files that each check has
 * written itself in a folder of its name. One that fails gives its files as well, those of the run that failed. How the checks ended is
 * said on standard error, and by `verdict.sh` among the files, which ends as `test` would have.
 *
 * @param failed whether a check that failed in an earlier call is run again
 * @param only one check instead of all
 * @throws SlipwayError when there is no check, or none of this name
 */
export async function collectReports(checkout: Checkout, failed: Failed, only?: string): Promise<Directory> {
  const all = listChecks(checkout);
  if (only !== undefined && !all.includes(only)) throw unknownCheck(checkout, only);
  if (all.length === 0) throw refuseNothing();
  const names = only === undefined ? all : [only];
  const stages = await runStages(checkout, names, (name) => collectOne(checkout, name, failed));
  const { ended, left } = stages;
  console.error(stages.report);
  const wrong = stages.failed.map(({ name }) => name);
  const repeat = wrong.length === 0 ? "" : await tellFailure(checkout, wrong);
  const checks = ended.map(({ result }) => result);
  const files = Object.entries(writeTree({ checks, left, hits: sumHits(checks), repeat }));
  const made = files.reduce((folder, [path, text]) => folder.withNewFile(path, text), dag.directory());
  return ended.reduce(
    (folder, { outcome, files: own }) => (own === undefined ? folder : folder.withDirectory(outcome.name, own)),
    made,
  );
}

interface Collected {
  readonly outcome: Outcome;
  readonly result: CheckResult;
  readonly files: Directory | undefined;
}

async function collectOne(checkout: Checkout, name: string, failed: Failed): Promise<Collected> {
  let last: Ran | undefined;
  const outcome = await watchCheck(name, async () => {
    last = await runAs(checkout, name, failed);
    return withoutEngine(last);
  });
  const settings = ownValue(checkout.settings.checks, name);
  return { outcome, result: toResult(checkout, settings, outcome, last), files: last?.files };
}

/** That it failed is told here and thrown nowhere, so no command has to fail for it. */
function withoutEngine({ fail, ...ran }: Ran): Ran {
  return fail === undefined ? ran : { ...ran, fail: () => Promise.reject(new Error(`exit code: ${ran.exitCode}`)) };
}

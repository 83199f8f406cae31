import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import { ownValue } from "../input/names.ts";
import { tellUnknown } from "../input/nearest-name.ts";
import { type Ran, runCheck } from "./check.ts";
import { type Outcome, watchCheck, writeReport } from "./check-report.ts";
import { checkManifests } from "./manifests.ts";
import { tellHowToRepeat } from "./repeat.ts";
import type { Failed } from "./run-to-end.ts";
import { listDetails, tellCounts } from "./tell-written.ts";
import { checkWorkflows } from "./workflows.ts";

/** The checks that are no commands: of the manifests of every ring, and of the files of CI systems. */
const OWN_CHECKS: Readonly<Record<string, (checkout: Checkout) => Promise<string>>> = {
  manifests: checkManifests,
  "workflows-current": checkWorkflows,
};

/** The names of all checks: those of the settings, and Slipway's own where there is something for them. */
export function listChecks({ settings }: Checkout): string[] {
  const isWanted = (name: string, section: object) => Object.keys(section).length > 0 && !(name in settings.checks);
  return [
    ...Object.keys(settings.checks),
    ...(isWanted("manifests", settings.rings) ? ["manifests"] : []),
    ...(isWanted("workflows-current", settings.providers) ? ["workflows-current"] : []),
  ];
}

function isKnown({ settings }: Checkout, name: string): boolean {
  return ownValue(settings.checks, name) !== undefined || ownValue(OWN_CHECKS, name) !== undefined;
}

/** Runs one check. @throws what the engine threw when one of Slipway's own fails */
export async function runAs(checkout: Checkout, name: string, failed: Failed): Promise<Ran> {
  const settings = ownValue(checkout.settings.checks, name);
  if (settings !== undefined) return await runCheck(checkout, settings, failed);
  const own = ownValue(OWN_CHECKS, name);
  if (own !== undefined) return { stdout: await own(checkout), stderr: "" };
  throw unknownCheck(checkout, name);
}

async function run(checkout: Checkout, name: string): Promise<Ran> {
  return await runAs(checkout, name, "again");
}

/** What to say to a name that no check has. */
export function unknownCheck(checkout: Checkout, name: string): SlipwayError {
  return new SlipwayError("no-such-check", {
    what: tellUnknown("check", name, listChecks(checkout)),
    where: "--name",
    todo: "use one of these, or add it under checks of slipway.yaml",
  });
}

/** What to say where there is no check. */
export function refuseNothing(): SlipwayError {
  return new SlipwayError("nothing-known", {
    what: "there is nothing to check: no check is in slipway.yaml, and none was found in the repository",
    where: "checks of slipway.yaml",
    todo: "add one, such as unit: npm test; call config says what was found",
  });
}

/**
 * Runs one check.
 *
 * @returns what it printed, and what its reports say
 * @throws what the engine threw when it fails; what its reports say is on standard error then
 */
export async function check(checkout: Checkout, name: string): Promise<string> {
  if (!isKnown(checkout, name)) throw unknownCheck(checkout, name);
  const { stdout, written, fail } = await run(checkout, name).catch(async (error) => {
    await tellFailure(checkout, [name]);
    throw error;
  });
  if (written === undefined) {
    if (fail !== undefined) await tellFailure(checkout, [name]);
    await fail?.();
    return stdout;
  }
  const [first = "", ...others] = [tellCounts(written), ...listDetails(written)].filter((line) => line !== "");
  const told = [`${name}: ${first}`, ...others.map((line) => `  ${line}`), ""].join("\n");
  if (fail !== undefined) {
    console.error(told);
    await tellFailure(checkout, [name]);
    await fail();
  }
  return stdout.trim() === "" ? told : `${stdout.trimEnd()}\n\n${told}`;
}

/** As `check`, for a name that many repositories have: one that has no such check has nothing to fail. */
export async function checkIfThere(checkout: Checkout, name: string): Promise<string> {
  if (ownValue(checkout.settings.checks, name) !== undefined) return await check(checkout, name);
  return `skipped: nothing in the repository says how to ${name === "lint" ? "lint it" : `run its ${name} tests`}; checks.${name} of slipway.yaml can\n`;
}

/** Says what may be behind a failure, and how it is repeated. @returns the latter */
export async function tellFailure(checkout: Checkout, failed: readonly string[]): Promise<string> {
  for (const remark of checkout.remarks) console.error(remark);
  const repeat = await tellHowToRepeat(checkout, failed);
  console.error(repeat);
  return repeat;
}

/** What has ended, with the outcome of a check. */
interface Ended {
  readonly outcome: Outcome;
}

/** How all stages went. */
interface Stages<One extends Ended> {
  /** In the order in which they are told. */
  readonly ended: readonly One[];
  /** Those that failed, in the same order. */
  readonly failed: readonly Outcome[];
  /** Names of the checks that did not run, because a faster one has failed. */
  readonly left: readonly string[];
  readonly report: string;
}

/** Runs checks: those of the fast stage side by side, all to their end, and those of the slow stage when none of them has failed. */
export async function runStages<One extends Ended>(
  { settings }: Checkout,
  names: readonly string[],
  runOne: (name: string) => Promise<One>,
): Promise<Stages<One>> {
  const isSlow = (name: string) => ownValue(settings.checks, name)?.stage === "slow";
  const hasFailed = ({ outcome }: Ended) => outcome.error !== undefined;
  const fast = await Promise.all(names.filter((name) => !isSlow(name)).map(runOne));
  const slow = names.filter(isSlow);
  const left = fast.some(hasFailed) ? slow : [];
  const rest = left.length > 0 ? [] : await Promise.all(slow.map(runOne));
  const ended = [...fast, ...rest];
  return {
    ended,
    failed: ended.filter(hasFailed).map(({ outcome }) => outcome),
    left,
    report: writeReport({ stages: [fast, rest].map((stage) => stage.map(({ outcome }) => outcome)), left }),
  };
}

/**
 * Runs every check and reports.
 *
 * @throws what the engine threw for the first check that failed; the report is on standard error then
 */
export async function test(checkout: Checkout): Promise<string> {
  const names = listChecks(checkout);
  if (names.length === 0) throw refuseNothing();
  const runOne = async (name: string) => ({ outcome: await watchCheck(name, () => run(checkout, name)) });
  const { failed, report } = await runStages(checkout, names, runOne);
  const [first] = failed;
  if (first === undefined) return report;
  console.error(report);
  await tellFailure(
    checkout,
    failed.map(({ name }) => name),
  );
  // As it came: an error of its own would lose the command's output and exit code on the way to the caller.
  throw first.error;
}

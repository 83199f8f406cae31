/**
 * Runs the suites named on the command line one after the other, all of them even when one fails, and closes with
 * `N passed, N failed` summed over them.
 *
 *     node --import tsx tests/run.ts guard types lint unit integration
 *     node --import tsx tests/run.ts unit engine/src/api      the tests of that folder alone, without coverage
 *     node --import tsx tests/run.ts unit engine/src/api -t graph     of these the ones with `graph` in their name
 *     node --import tsx tests/run.ts watch engine/src/api     the same, again whenever a file changes that they read
 *     node --import tsx tests/run.ts docs tutorial            the commands of one page (tests/docs/README.md)
 *     node --import tsx tests/run.ts crash     every crash of the rollout, where `unit` tries a part of them
 *
 * Test files below tests/integration, and below tests/slow those that make many images, run inside a mount namespace of
 * their own, as the engine does (and, for an ordinary user, inside a user namespace): what they mount is gone when they
 * end. Test files below tests/e2e, tests/providers, tests/ci-systems, tests/browser and tests/collector run plainly. Each
 * of those files is a process, with its own time limit. A folder there may hold a `probe.ts` which exports `whyNot()`: the
 * reason why its tests cannot run on this machine. Such tests are skipped, and the end of the report names them; with
 * `CI` set that fails the run, because a machine that checks everybody's work must be able to run everything. It may
 * also export `provide()`, which starts what all tests of the folder need and says how they find it.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { chooseTests } from "./chosen-tests.ts";
import { condense } from "./coverage/condense.ts";
import { reportWhole } from "./coverage/whole.ts";
import { choosePages } from "./docs/pages.ts";
import { findTestFiles, guard } from "./guard.ts";
import { queue } from "./queue.ts";
import { NO_SUPPLY, openSupply, type Supply } from "./supply.ts";
import { childEnv, endAll, type Outcome, only, run, runUvu, testName, uvu, withTsx, words } from "./test-processes.ts";

/** A suite that passes or fails as a whole: each command counts as one. They run side by side, as many as there are cores. */
async function runCommands(suite: string, commands: readonly (readonly string[])[]): Promise<Outcome[]> {
  const runOne = async (command: readonly string[]): Promise<Outcome> => {
    const { exitCode, durationMs } = await onFreeCore(() => run(command, 300_000, { atEnd: true }));
    const failed = exitCode === 0 ? 0 : 1;
    const remark = failed === 1 ? { remark: `${command.join(" ")} ended with ${exitCode}` } : {};
    return { suite, passed: 1 - failed, failed, skipped: 0, durationMs, ...remark };
  };
  return await Promise.all(commands.map(runOne));
}

/** After that a process of tests is ended. */
const LIMIT_MS = 600_000;
const LONG_LIMIT_MS = 1_800_000;

const onFreeCore = queue(availableParallelism());

const inCi = (process.env["CI"] ?? "") !== "";

/**
 * Runs the unit tests, in one process more at a time than there are cores, because a third of their time is waiting, and then
 * looks at their coverage. The folders that take longest are a process each, and so are the four longest files, the model tests of
 * the rollout. All others of a room share one process: to load the same code for each folder anew took a tenth of the whole.
 */
async function runUnit(paths: readonly string[], limitMs = LIMIT_MS): Promise<Outcome[]> {
  const folder = "tests/unit";
  if (paths.length > 0 || testName !== undefined) {
    const pattern = only(...chooseTests(folder, paths));
    return [await runUvu(["unit", ...paths].join(" "), [...uvu, folder, pattern], limitMs)];
  }
  const counts = { NODE_V8_COVERAGE: join("coverage", "tmp") };
  rmSync(counts.NODE_V8_COVERAGE, { recursive: true, force: true });
  const groups = new Map<string, string[]>();
  for (const file of findTestFiles(folder)) {
    const [room = ""] = file.split("/");
    const own = ownName(file);
    const found = [own, dirname(file)].find((one) => longest.includes(one)) ?? room;
    const name = own === WITH_COMPILER ? REPOSITORY : found;
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  const waiting = [...groups].sort(([left], [right]) => rank(left) - rank(right));
  const inTurn = queue(availableParallelism() + 1);
  const runAll = async (chosen: typeof waiting, env: NodeJS.ProcessEnv): Promise<Outcome[]> =>
    await Promise.all(
      chosen.map(([name, files]) =>
        inTurn(() => runUvu(`unit/${name}`, [...uvu, folder, only(...files)], limitMs, { env, atEnd: true })),
      ),
    );
  const isCounted = ([name]: (typeof waiting)[number]) => !uncounted.includes(name);
  const counted = runAll(waiting.filter(isCounted), { ...childEnv, ...counts });
  // While these run, the coverage of the others is looked at.
  const others = runAll(
    waiting.filter((group) => !isCounted(group)),
    childEnv,
  );
  const judged = counted.then(judgeCoverage);
  return [...(await counted), ...(await others), ...(await judged)];
}

async function judgeCoverage(): Promise<Outcome[]> {
  const measured = await runCommands("coverage", [["node_modules/.bin/c8", "report"]]);
  // This one reads what that one has written.
  return [...measured, ...(await runCommands("coverage", [[...withTsx, "tests/coverage/run.ts"]]))];
}

const models = ["kill-twice", "zombie", "rolling-kill", "kill"].map((name) => `ci/rollout/${name}`);
const REPOSITORY = "repository";
/** It reads code as those of the repository do. To load TypeScript takes a second, so they share a process. */
const WITH_COMPILER = "ci/module";
/**
 * Counting costs such tests a third more. Three of the models run through the same code as the first, and those of the repository read
 * code, with a compiler that would be counted as well.
 */
const uncounted = [...models.filter((name) => name !== "ci/rollout/kill"), REPOSITORY];
/** Test files, below their kind, and folders of unit tests that take longest: they begin first, so that no core waits at the end. */
const longest = [
  "services/ingest",
  "ci",
  "engine",
  "ci/rollout",
  REPOSITORY,
  ...models,
  "engine/protocol",
  "ci/attestations",
  "engine/store",
  "run/as-user",
  "cli/init",
  "publish/publish",
  "product/worst-uploads",
  "publish/attestations",
  "cli/tracked",
];

/** The tests of the rollout by its model, with every crash of every scenario, side by side. */
async function runCrashes(): Promise<Outcome[]> {
  const env = { ...childEnv, SLIPWAY_CRASHES: "all" };
  return await Promise.all(
    [...models, "ci/rollout/plan"].map((name) =>
      runUvu(`crash/${name}`, [...uvu, "tests/unit", only(`${name}.test.ts`)], 1_200_000, { env, atEnd: true }),
    ),
  );
}

function rank(name: string): number {
  const at = longest.indexOf(name);
  return at === -1 ? longest.length : at;
}

/** Runs the unit tests that are named again and again, whenever a file changes that they read, until Ctrl-C. */
async function watch(paths: readonly string[]): Promise<Outcome[]> {
  if (paths.length === 0) throw new Error("say what to watch: npm run watch -- engine/src/api");
  const [node = "", ...args] = [...uvu, "tests/unit", only(...chooseTests("tests/unit", paths))];
  const child = spawn(node, ["--watch", ...args], { stdio: "inherit" });
  await new Promise((resolve) => child.on("close", resolve));
  return [];
}

/**
 * Runs each test file below tests/`kind`, or those that are named, in a process of its own: those of `integration` side
 * by side, because they wait a lot; the others one after the other, because each of them takes the whole machine. With a
 * folder for `records`, each leaves there what all its processes ran through.
 */
async function runFiles(
  kind: "integration" | "slow" | "e2e" | "providers" | "ci-systems" | "browser" | "collector",
  paths: readonly string[],
  records?: string,
): Promise<Outcome[]> {
  const folder = join("tests", kind);
  if (!existsSync(folder)) return [];
  const files = chooseTests(folder, paths);
  // The machines of a CI system begin with nothing, and what is measured has no compiled form to begin with.
  const isLong = kind === "ci-systems" || kind === "providers" || records !== undefined;
  const limitMs = isLong ? LONG_LIMIT_MS : LIMIT_MS;
  const isPlain = kind !== "integration" && kind !== "slow";
  const inNamespace = isPlain ? [] : ["unshare", "--mount", ...asUser];
  const inTurn = queue(kind === "integration" ? Math.min(availableParallelism(), MOST_AT_A_TIME) : 1);
  const atEnd = kind === "integration" && files.length > 1;
  const runOne = async (file: string, supply: Supply): Promise<Outcome> => {
    const suite = `${kind}/${ownName(file)}`;
    if (supply.reason !== undefined)
      return { suite, passed: 0, failed: 0, skipped: 1, durationMs: 0, remark: supply.reason };
    const record = records === undefined ? undefined : join(records, ownName(file).replaceAll("/", "-"));
    try {
      const env = {
        ...childEnv,
        ...(await supply.take()),
        ...(record && { ...MEASURED, NODE_V8_COVERAGE: resolve(record) }),
      };
      return await runUvu(suite, [...inNamespace, ...uvu, folder, only(file)], limitMs, { env, atEnd });
    } catch (error) {
      return { suite, passed: 0, failed: 1, skipped: 0, durationMs: 0, remark: (error as Error).message };
    } finally {
      if (record !== undefined) condense(record, `${record}.json`);
      await supply.giveBack();
    }
  };
  const supplies = new Map<string, Supply>();
  for (const name of new Set(files.map(dirname))) {
    const users = files.filter((file) => dirname(file) === name).length;
    supplies.set(name, await openSupply(join(folder, name, "probe.ts"), users));
  }
  const longFirst = [...files].sort((left, right) => rank(ownName(left)) - rank(ownName(right)));
  return await Promise.all(
    longFirst.map((file) => inTurn(() => runOne(file, supplies.get(dirname(file)) ?? NO_SUPPLY))),
  );
}

/** More cores than that do not mean the memory for more brokers and containers. */
const MOST_AT_A_TIME = 4;

/** Functions out of a compile cache would count as run. */
const MEASURED = { NODE_DISABLE_COMPILE_CACHE: "1" };

/** The unit and the integration tests, and then what both together ran through. */
async function runCoverage(): Promise<Outcome[]> {
  const records = join("coverage", "records");
  rmSync(records, { recursive: true, force: true });
  mkdirSync(records, { recursive: true });
  const unit = await runUnit([], LONG_LIMIT_MS);
  condense(join("coverage", "tmp"), join(records, "unit.json"));
  const integration = await runFiles("integration", [], records);
  await reportWhole(records);
  const judged = await runCommands("coverage", [[...withTsx, "tests/coverage/run.ts", "whole"]]);
  return [...unit, ...integration, ...judged];
}

const ownName = (file: string) => file.replace(/\.test\.ts$/, "");

const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-auto", "--map-root-user"];

const suites: Record<string, (paths: readonly string[]) => Promise<Outcome[]>> = {
  guard: runGuard,
  types: () => runCommands("types", ["tsconfig.json", "ci/tsconfig.json", ...findPages()].map(typesOf)),
  lint: () =>
    runCommands("lint", [
      ["node_modules/.bin/biome", "ci", "--error-on-warnings", ...(process.stdout.isTTY ? [] : ["--colors=off"])],
      ["node_modules/.bin/knip", "--no-progress", "--no-config-hints"],
    ]),
  unit: runUnit,
  coverage: runCoverage,
  crash: runCrashes,
  integration: (paths) => runFiles("integration", paths),
  slow: (paths) => runFiles("slow", paths),
  e2e: (paths) => runFiles("e2e", paths),
  providers: (paths) => runFiles("providers", paths),
  "ci-systems": (paths) => runFiles("ci-systems", paths),
  browser: (paths) => runFiles("browser", paths),
  collector: (paths) => runFiles("collector", paths),
  docs: runDocs,
  watch,
};

/** Whether every test would run. In this process, since it takes less time than a start of Node. */
async function runGuard(): Promise<Outcome[]> {
  const startedAt = Date.now();
  const problems = guard("tests");
  for (const problem of problems) console.error(problem);
  const failed = problems.length === 0 ? 0 : 1;
  return [{ suite: "guard", passed: 1 - failed, failed, skipped: 0, durationMs: Date.now() - startedAt }];
}

/**
 * What was found out of each file is kept, except in CI, so that the next run looks at what has changed since. TypeScript 7
 * takes a third of the processor time of TypeScript 5, which stays as the library that reads and scans sources: 7 has no such
 * interface yet.
 */
function typesOf(config: string): string[] {
  const kept = join("node_modules/.cache/types", `${config.replaceAll("/", "-")}.tsbuildinfo`);
  // Two take a third more processor time than one, because each checks what the others need too.
  const checkers = String(availableParallelism() > 2 ? 4 : 1);
  // It ends before the memory that Go's collector would give back is needed: a third of its processor time, for a sixth more memory.
  const tsc = ["env", "GOGC=off", "node_modules/typescript-7/bin/tsc", "--checkers", checkers];
  return [...tsc, "-p", config, "--noEmit", ...(inCi ? [] : ["--incremental", "--tsBuildInfoFile", kept])];
}

/** Runs the commands of the pages that are named (`tutorial`, `docs/trace.md`), of a group of pages (`quick`), or of all. */
async function runDocs(words: readonly string[]): Promise<Outcome[]> {
  const env = { ...childEnv, SLIPWAY_DOCS_PAGES: choosePages(words).join(" ") };
  return [
    await runUvu(["docs", ...words].join(" "), [...uvu, "tests/docs", only("pages.test.ts")], 5_400_000, { env }),
  ];
}

/** The code that services send to browsers has another world of types, and so a configuration of its own. */
function findPages(): string[] {
  return readdirSync("services")
    .map((name) => join("services", name, "page", "tsconfig.json"))
    .filter((path) => existsSync(path));
}

function report(outcomes: readonly Outcome[]): void {
  console.log(`\nSuites, on ${availableParallelism()} cores:`);
  for (const { suite, passed, failed, skipped, durationMs, remark } of outcomes) {
    const mark = failed > 0 ? "failed " : skipped > 0 && passed === 0 ? "SKIPPED" : "passed ";
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    console.log(`  ${mark} ${suite.padEnd(32)} ${counts}, ${(durationMs / 1000).toFixed(1)} s`);
    if (remark !== undefined) console.log(`          ${remark}`);
  }
}

/** Suites that can be run in parts. */
const divisible = [
  "unit",
  "integration",
  "slow",
  "e2e",
  "providers",
  "ci-systems",
  "browser",
  "collector",
  "docs",
  "watch",
];

/** Suites that only read the code, and so run side by side where they follow each other. */
const reading = ["types", "lint"];

function inGroups(names: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last !== undefined && reading.includes(name) && reading.includes(last[0] ?? "")) last.push(name);
    else groups.push([name]);
  }
  return groups;
}

async function main(words: readonly string[]): Promise<number> {
  const names = words.filter((word) => word in suites);
  const paths = words.filter((word) => !(word in suites));
  const unknown = names.some((name) => divisible.includes(name)) ? [] : paths;
  if (unknown.length > 0 || names.length === 0) {
    console.error(`no suite ${unknown.join(", ")}; there are: ${Object.keys(suites).join(", ")}`);
    return 2;
  }
  if (testName === "" || (testName !== undefined && !names.some((name) => divisible.includes(name)))) {
    console.error("-t takes a part of the name of tests: npm run test:unit -- ci/src/delivery -t approval");
    return 2;
  }
  const outcomes: Outcome[] = [];
  for (const together of inGroups(names)) {
    console.log(`\n== ${together.join(" and ")}`);
    try {
      const ran = await Promise.all(together.map((name) => suites[name]?.(paths) ?? []));
      outcomes.push(...ran.flat());
    } catch (error) {
      console.error((error as Error).message);
      return 2;
    }
  }
  report(outcomes);
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0);
  const passed = sum((outcome) => outcome.passed);
  const skipped = sum((outcome) => outcome.skipped);
  const failed = sum((outcome) => outcome.failed) + (inCi ? skipped : 0);
  if (inCi && skipped > 0) console.log("  CI is set: what was skipped counts as failed");
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    endAll();
    process.exit(1);
  });
}

process.exitCode = await main(words);

/**
 * Runs the suites of this folder, each with a cluster of its own, and closes with `N passed, N failed`.
 *
 *     node --import tsx tests/cluster/run.ts               all of them
 *     node --import tsx tests/cluster/run.ts api delivery  those whose file name begins with one of these
 *     node --import tsx tests/cluster/run.ts not:journey   all but those
 *
 * What cannot run on this machine is skipped and named at the end; with `CI` set that fails the run.
 * `SLIPWAY_TEST_KUBECONFIG` runs the same suites on another cluster.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { readNot } from "../chosen-tests.ts";
import { findTestFiles, guard } from "../guard.ts";
import { readUvuSummary } from "../support/uvu-summary.ts";
import { whyNot } from "./probe.ts";

const here = dirname(fileURLToPath(import.meta.url));
const limitMs = 20 * 60_000;
/** How long a suite may take to clear up after it has told its counts. */
const endingMs = 60_000;

interface Outcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly remark?: string;
}

async function runSuite(file: string): Promise<Outcome> {
  const suite = file.replace(/\.test\.ts$/, "");
  const startedAt = Date.now();
  const reason = whyNot(suite);
  if (reason !== undefined) return { suite, passed: 0, failed: 0, skipped: 1, durationMs: 0, remark: reason };
  // In this process group, so that Ctrl-C at a terminal ends it too; a cluster ends with the process that started it.
  const child = execa(
    process.execPath,
    ["--import", "tsx", "--import", `${here}/../support/suites.mjs`, `${here}/${file}`],
    {
      stdio: ["ignore", ["pipe", "inherit"], "inherit"],
      env: process.stdout.isTTY ? {} : { NO_COLOR: "1" },
      timeout: limitMs,
      killSignal: "SIGKILL",
      reject: false,
    },
  );
  let output = "";
  let ending: NodeJS.Timeout | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    if (ending === undefined && readUvuSummary(output) !== undefined)
      ending = setTimeout(() => child.kill("SIGKILL"), endingMs);
  });
  const { exitCode = 137 } = await child;
  clearTimeout(ending);
  const durationMs = Date.now() - startedAt;
  const counts = readUvuSummary(output);
  if (counts === undefined) {
    return { suite, passed: 0, failed: 1, skipped: 0, durationMs, remark: `ended with ${exitCode} before its end` };
  }
  const failed = exitCode !== 0 && counts.failed === 0 ? 1 : counts.failed;
  return { suite, ...counts, failed, durationMs };
}

async function main(named: readonly string[]): Promise<number> {
  const problems = guard(here);
  const all = findTestFiles(here);
  const { wanted, unwanted } = readNot(named);
  const unknown = [...wanted, ...unwanted].filter((name) => !all.some((file) => file.startsWith(name)));
  if (unknown.length > 0) {
    problems.push(
      `no suite ${unknown.join(", ")}; there are: ${all.map((file) => file.replace(".test.ts", "")).join(", ")}`,
    );
  }
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    return 2;
  }
  const outcomes: Outcome[] = [];
  for (const file of all) {
    if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
    if (unwanted.some((name) => file.startsWith(name))) continue;
    console.log(`\n== cluster/${file}`);
    outcomes.push(await runSuite(file));
  }
  console.log("\nSuites on a real Kubernetes:");
  for (const { suite, passed, failed, skipped, durationMs, remark } of outcomes) {
    const mark = failed > 0 ? "failed " : skipped > 0 && passed === 0 ? "SKIPPED" : "passed ";
    const time = `${(durationMs / 1000).toFixed(1)} s`;
    console.log(`  ${mark} ${suite.padEnd(24)} ${passed} passed, ${failed} failed, ${skipped} skipped, ${time}`);
    if (remark !== undefined) console.log(`          ${remark}`);
  }
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0);
  const inCi = (process.env["CI"] ?? "") !== "";
  const skipped = sum((outcome) => outcome.skipped);
  const failed = sum((outcome) => outcome.failed) + (inCi ? skipped : 0);
  if (inCi && skipped > 0) console.log("  CI is set: what was skipped counts as failed");
  console.log(`\n${sum((outcome) => outcome.passed)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

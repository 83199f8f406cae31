/**
 * Asks the embedded engine what the real engine was asked, and compares the answers. See README.md here.
 *
 *   npm run conformance -- [--only TEXT] [--group GROUP] [--jobs N] [--all] [--strict] [--program PATH]
 *
 *   --only TEXT    only cases whose group or name contains TEXT     --group GROUP  only this group, such as api/file
 *   --jobs N       cases side by side (default 2)                   --all          show every difference
 *   --strict       exit 1 when a difference has no reason, or a reason no difference
 *   --program PATH what to ask instead of ./slipway
 *
 * Without --only and --group it writes docs/conformance.md.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { startRegistry } from "../support/registry.ts";
import { type ApiCase, checkApiCase } from "./api-case.ts";
import { type CliCase, checkCliCase } from "./cli-case.ts";
import { writeFixtures } from "./fixtures.ts";
import { openSession, type Session } from "./session.ts";
import { findStaleReasons, findUnexplained, printTable, type Reasons, writePage } from "./table.ts";
import type { Verdict } from "./verdict.ts";

const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, "golden");
const root = resolve(here, "../..");

interface Job {
  readonly group: string;
  readonly name: string;
  run(): Promise<Verdict>;
}

function readGroups<T>(kind: "api" | "cli"): [string, T[]][] {
  const files = readdirSync(join(golden, kind))
    .filter((name) => name.endsWith(".json"))
    .sort();
  return files.map((name) => [
    `${kind}/${basename(name, ".json")}`,
    JSON.parse(readFileSync(join(golden, kind, name), "utf8")),
  ]);
}

/** Runs the jobs, `width` side by side; the verdicts come in the order of the jobs. */
async function runAll(jobs: readonly Job[], width: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < jobs.length; index = next++) {
      const job = jobs[index];
      if (job === undefined) return;
      const failed = (error: Error): Verdict => ({ ...job, state: "different", problem: error.message });
      verdicts[index] = await job.run().catch(failed);
      if (index % 50 === 49) console.error(`${index + 1} of ${jobs.length} cases`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return verdicts;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      group: { type: "string", default: "" },
      jobs: { type: "string", default: "2" },
      program: { type: "string", default: join(root, "slipway") },
      all: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
    },
  });
  const program = resolve(values.program);
  const fixtures = mkdtempSync(join(tmpdir(), "conformance-fixtures-"));
  const registry = await startRegistry();
  const sessions = new Map<string, Promise<Session>>();
  try {
    writeFixtures(fixtures, join(golden, "fixtures.json"));
    const env: Record<string, string> = JSON.parse(readFileSync(join(golden, "env.json"), "utf8"));
    const session = (name: string): Promise<Session> => {
      const open = sessions.get(name) ?? openSession(program, fixtures, env);
      sessions.set(name, open);
      return open;
    };
    const around = { session, fixtures, registry: registry.address };
    const jobs: Job[] = [
      ...readGroups<ApiCase>("api").flatMap(([group, cases]) =>
        cases.map((item) => ({ group, name: item.name, run: () => checkApiCase(group, item, around) })),
      ),
      ...readGroups<CliCase>("cli").flatMap(([group, cases]) =>
        cases.map((item) => ({
          group,
          name: item.name,
          run: () => checkCliCase(group, item, program, join(golden, "modules")),
        })),
      ),
    ].filter(({ group, name }) => `${group} ${name}`.includes(values.only) && group.startsWith(values.group));
    const verdicts = await runAll(jobs, Math.max(1, Number(values.jobs)));
    return finish(verdicts, values.only === "" && values.group === "", values.all, values.strict);
  } finally {
    for (const open of sessions.values()) await open.then((session) => session.close()).catch(() => undefined);
    await registry.stop();
    rmSync(fixtures, { recursive: true, force: true });
  }
}

function finish(verdicts: readonly Verdict[], complete: boolean, all: boolean, strict: boolean): number {
  const reasons: Reasons = parse(readFileSync(join(here, "reasons.yaml"), "utf8")) ?? {};
  const shown = new Set<string>();
  for (const { group, name, state, problem } of verdicts) {
    if (state !== "different" || (!all && shown.has(group))) continue;
    shown.add(group);
    console.log(`DIFFERENT ${group}: ${name}\n    ${problem}`);
  }
  console.log(`\n${printTable(verdicts)}\n`);
  const unexplained = findUnexplained(verdicts, reasons);
  console.log(`${unexplained.length} differences without a reason in tests/conformance/reasons.yaml`);
  if (complete) {
    writeFileSync(join(root, "docs/conformance.md"), writePage(verdicts, reasons));
    const stale = findStaleReasons(verdicts, reasons);
    for (const entry of stale) console.log(`reason without a difference: ${entry}`);
    if (strict && stale.length > 0) return 1;
  }
  return strict && unexplained.length > 0 ? 1 : 0;
}

process.exitCode = await main();

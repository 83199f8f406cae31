import { createHash, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolders, namesIn } from "../store/folders.ts";
import { readRecord, writeRecord } from "../store/records.ts";
import { workOf } from "./command-words.ts";
import { TRACE_FORMAT, type Trace } from "./trace.ts";

/** So many runs can be looked at later. */
const KEPT_RUNS = 10;

/** Names begin with the time, so that their order is that of the runs. */
const NAME = /^\d{4}-\d\d-\d\dT[\d-]+Z-[\w-]+\.json$/;

function folderOf(storeDir: string): string {
  return join(storeDir, "traces");
}

function namesNewestFirst(storeDir: string): readonly string[] {
  return namesIn(folderOf(storeDir))
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
}

/**
 * Keeps a run in the store, in the place of the oldest when there are too many.
 *
 * @throws the system's error
 */
export function keepRun(storeDir: string, trace: Trace): void {
  const folder = folderOf(storeDir);
  makeFolders(folder, 0o700);
  const id = randomUUID();
  const name = `${trace.startedAt.replaceAll(/[:.]/g, "-")}-${markOf(trace)}-${id}.json`;
  writeRecord(join(folder, name), trace, join(folder, `${id}.new`));
  for (const name of namesNewestFirst(storeDir).slice(KEPT_RUNS)) rmSync(join(folder, name), { force: true });
}

/** Stands in the name of a run's file: the others need not be read to find the run before. */
function markOf({ command, folder }: Trace): string {
  return createHash("sha256")
    .update(JSON.stringify([workOf(command), folder]))
    .digest("hex")
    .slice(0, 12);
}

/**
 * The kept runs, the newest first. A damaged one, or one of a program that keeps them otherwise, is passed over.
 *
 * @param like only runs of the same work in the same folder as this one
 */
export function* keptRuns(storeDir: string, like?: Trace): Generator<Trace> {
  const mark = like === undefined ? "" : `-${markOf(like)}-`;
  for (const name of namesNewestFirst(storeDir)) {
    if (!name.includes(mark)) continue;
    const { kind, ...found } = readRecord(join(folderOf(storeDir), name), () => {});
    if (kind !== "sound" || !("value" in found)) continue;
    const trace = found.value as Trace;
    if (trace.format === TRACE_FORMAT) yield trace;
  }
}

/** The newest run of the same work in the same folder that began earlier. */
export function runBefore(trace: Trace, runs: Iterable<Trace>): Trace | undefined {
  const work = workOf(trace.command);
  for (const run of runs) {
    const isSame = run.folder === trace.folder && workOf(run.command) === work;
    if (isSame && run.startedAt < trace.startedAt) return run;
  }
  return undefined;
}

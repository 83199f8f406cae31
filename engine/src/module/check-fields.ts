import { flag } from "../api/arguments.ts";
import type { ErrorValue } from "../api/error.ts";
import { ApiError } from "../api/errors.ts";
import { existing, readsValue } from "../api/field-kinds.ts";
import { newFile } from "../api/file-contents.ts";
import type { Args, Fields, Graph, Obj } from "../api/graph.ts";
import { entryFields } from "./entry-fields.ts";
import { isEmptyChangeset } from "./generator-fields.ts";
import { errorValueOf, force, joinedError, type ModuleEntry, runEntry } from "./module-entries.ts";

/** A check, and what came of it. */
export interface CheckValue {
  readonly entry: ModuleEntry;
  /** It is a generator, and passes when it changes nothing. */
  readonly isGenerate: boolean;
  readonly completed: boolean;
  readonly error: ErrorValue | undefined;
}

export interface CheckGroupValue {
  readonly checks: readonly CheckValue[];
}

const reads = readsValue<CheckValue>;

/** Checks of modules, one by one and together. */
export const checkFields: Fields = {
  Check: {
    ...entryFields,
    checkType: reads(({ isGenerate }) => (isGenerate ? "generate" : "check")),
    completed: reads(({ completed }) => completed),
    error: { ...reads(({ error }) => error ?? null), eager: true },
    passed: reads(isPassed),
    resultEmoji: reads(emojiOf),
    run: existing(
      "Check",
      "run",
      reads(async (check, _args, graph) => resultOf(check, await outcomeOf(check, graph))),
    ),
  },
  CheckGroup: {
    list: readsValue<CheckGroupValue>(({ checks }) => checks),
    report: readsValue<CheckGroupValue>((group, _args, graph) => newFile(graph, "checks.md", reportOf(group), 0o644)),
    run: existing(
      "CheckGroup",
      "run",
      readsValue<CheckGroupValue>((group, args, graph) => runAll(group, flag(args["failFast"]), graph)),
    ),
  },
};

/** The checks of modules that a client asks for: generators are checks too, unless they are checks already. */
export function checkGroup(
  checks: readonly ModuleEntry[],
  generators: readonly ModuleEntry[],
  args: Args,
): CheckGroupValue {
  const chosen = flag(args["onlyGenerate"]) ? [] : checks;
  const names = new Set(chosen.map(({ name }) => name));
  const others = flag(args["noGenerate"]) ? [] : generators.filter(({ name }) => !names.has(name));
  const notRun =
    (isGenerate: boolean) =>
    (entry: ModuleEntry): CheckValue => ({
      entry,
      isGenerate,
      completed: false,
      error: undefined,
    });
  return { checks: [...chosen.map(notRun(false)), ...others.map(notRun(true))] };
}

function isPassed({ completed, error }: CheckValue): boolean {
  return completed && error === undefined;
}

function emojiOf(check: CheckValue): string {
  if (!check.completed) return "";
  return isPassed(check) ? "🟢" : "🔴";
}

/** What went wrong; undefined when nothing did. */
async function outcomeOf({ entry, isGenerate }: CheckValue, graph: Graph): Promise<unknown> {
  try {
    const value = await runEntry(entry, graph);
    if (!isGenerate) await force(value);
    else if (!(await isEmptyChangeset(value as Obj))) {
      throw new ApiError(
        `generate function ${entry.name} produced changes; run 'dagger generate ${entry.name}' to apply`,
      );
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function resultOf(check: CheckValue, error: unknown): CheckValue {
  return { ...check, completed: true, error: error === undefined ? undefined : errorValueOf(error) };
}

/** @throws ApiError with all that failed, or the first of it */
async function runAll({ checks }: CheckGroupValue, failFast: boolean, graph: Graph): Promise<CheckGroupValue> {
  const running = checks.map(async (check) => {
    const error = await outcomeOf(check, graph);
    if (error !== undefined && failFast) throw joinedError([error]);
    return error;
  });
  const errors = await Promise.all(running);
  const failed = errors.filter((error) => error !== undefined);
  if (failed.length > 0) throw joinedError(failed);
  return { checks: checks.map((check) => resultOf(check, undefined)) };
}

/** A table in Markdown, as the real engine writes it. */
function reportOf({ checks }: CheckGroupValue): string {
  const columns = ["check", "type", "description", "success"];
  const rows = checks.map((check) => [
    check.entry.name,
    check.isGenerate ? "generate" : "check",
    check.entry.description,
    emojiOf(check),
  ]);
  const head = `| ${columns.join(" | ")} |\n${"| -- ".repeat(columns.length)}|\n`;
  return head + rows.map((row) => `|${row.join(" | ")} |\n`).join("");
}

import { text } from "../api/arguments.ts";
import type { ChangesetValue } from "../api/changeset.ts";
import { ApiError } from "../api/errors.ts";
import { existing, readsValue } from "../api/field-kinds.ts";
import type { Args, Fields, Graph, Obj } from "../api/graph.ts";
import { entryFields } from "./entry-fields.ts";
import { joinedError, type ModuleEntry, runEntry } from "./module-entries.ts";

/** A generator, and what came of it. */
interface GeneratorValue {
  readonly entry: ModuleEntry;
  readonly completed: boolean;
  /** A Changeset; undefined when it has not run, or failed. */
  readonly changes: Obj | undefined;
}

export interface GeneratorGroupValue {
  readonly generators: readonly GeneratorValue[];
}

const reads = readsValue<GeneratorValue>;

/** Generators of modules, one by one and together. */
export const generatorFields: Fields = {
  Generator: {
    ...entryFields,
    changes: existing(
      "Changeset",
      "changes",
      reads(async (generator) => await changesOf(generator, "changes").value<ChangesetValue>()),
    ),
    completed: reads(({ completed }) => completed),
    isEmpty: reads(async (generator) => await isEmptyChangeset(changesOf(generator, "isEmpty"))),
    // What fails is told to whoever watches the run, and by what asks for the changes.
    run: existing(
      "Generator",
      "run",
      reads(async (generator, _args, graph): Promise<GeneratorValue> => {
        const changes = await runEntry(generator.entry, graph).catch(() => undefined);
        return { ...generator, completed: true, changes: changes as Obj | undefined };
      }),
    ),
  },
  GeneratorGroup: {
    changes: existing("Changeset", "changes", readsValue<GeneratorGroupValue>(joined)),
    isEmpty: readsValue<GeneratorGroupValue>(async ({ generators }) => {
      for (const generator of generators) {
        if (!(await isEmptyChangeset(changesOf(generator, "isEmpty")))) return false;
      }
      return true;
    }),
    list: readsValue<GeneratorGroupValue>(({ generators }) => generators),
    run: existing(
      "GeneratorGroup",
      "run",
      readsValue<GeneratorGroupValue>((group, _args, graph) => runAll(group, graph)),
    ),
  },
};

/** Generators that have not run. */
export function generatorGroup(entries: readonly ModuleEntry[]): GeneratorGroupValue {
  return { generators: entries.map((entry) => ({ entry, completed: false, changes: undefined })) };
}

/** Whether a Changeset changes nothing. */
export async function isEmptyChangeset(changes: Obj): Promise<boolean> {
  const { graph } = changes;
  return (await graph.field("Changeset", "isEmpty").run(changes, {}, graph, undefined)) === true;
}

function changesOf({ entry, completed, changes }: GeneratorValue, field: string): Obj {
  const name = JSON.stringify(entry.name);
  if (!completed) throw new ApiError(`generator ${name} must be run before querying ${field}`);
  if (changes === undefined) throw new ApiError(`generator ${name} did not produce a changeset result`);
  return changes;
}

/** @throws ApiError with all that failed */
async function runAll({ generators }: GeneratorGroupValue, graph: Graph): Promise<GeneratorGroupValue> {
  const results = await Promise.allSettled(generators.map(({ entry }) => runEntry(entry, graph)));
  const failed = results.filter((result) => result.status === "rejected");
  if (failed.length > 0) throw joinedError(failed.map(({ reason }) => reason as unknown));
  const changes = results.map((result) => (result.status === "fulfilled" ? (result.value as Obj) : undefined));
  return { generators: generators.map(({ entry }, nth) => ({ entry, completed: true, changes: changes[nth] })) };
}

async function joined({ generators }: GeneratorGroupValue, args: Args, graph: Graph): Promise<unknown> {
  const changes = generators.map((generator) => changesOf(generator, "changes"));
  const empty = graph.object("Changeset", { parent: graph.root, field: "changeset", args: {} });
  const onConflict = text(args["onConflict"], "FAIL_EARLY");
  return await graph.field("Changeset", "withChangesets").run(empty, { changes, onConflict }, graph, undefined);
}

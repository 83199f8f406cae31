import { rm } from "node:fs/promises";
import { join } from "node:path";
import { compareTrees, type TreeDifference } from "../store/compare.ts";
import { exportChanges } from "../store/export.ts";
import { resolveInside } from "../store/inside.ts";
import { applyDifference, type ConflictStrategy, copyMissing, copyWithContent, mergeInto } from "../store/merge.ts";
import { holdsStore } from "../store/own-store.ts";
import { countChanges, type FileDifference, makePatch } from "../store/patch.ts";
import { EMPTY } from "../store/snapshot.ts";
import { object, text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import { readsValue } from "./field-kinds.ts";
import { newFile } from "./file-contents.ts";
import type { Args, Fields, Graph, Obj } from "./graph.ts";
import { hostPlace, sessionOf } from "./session.ts";
import { changeTree, placeIn } from "./trees.ts";
import type { DirectoryValue } from "./values.ts";

/** What was done to a directory: how it was, and how it is. */
export interface ChangesetValue {
  readonly before: DirectoryValue;
  readonly after: DirectoryValue;
}

const EMPTY_DIRECTORY: DirectoryValue = { snapshot: EMPTY, path: "/" };

const reads = readsValue<ChangesetValue>;

export const changesetFields: Fields = {
  Query: {
    changeset: { run: (): ChangesetValue => ({ before: EMPTY_DIRECTORY, after: EMPTY_DIRECTORY }) },
  },
  Directory: {
    changes: {
      run: async (self, args): Promise<ChangesetValue> => ({
        before: await object(args["from"]).value<DirectoryValue>(),
        after: await self.value<DirectoryValue>(),
      }),
    },
    withChanges: {
      run: async (self, args, graph) => {
        const changes = await object(args["changes"]).value<ChangesetValue>();
        const { before, after } = await placesOf(graph, changes);
        const directory = await self.value<DirectoryValue>();
        return await changeTree(graph, directory, ["withChanges", changes], async (root) => {
          const folder = await resolveInside(root, directory.path, { followLast: true });
          await applyDifference(folder, compareTrees(before, after), after);
        });
      },
    },
  },
  Changeset: {
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    before: reads((c) => c.before),
    after: reads((c) => c.after),
    addedPaths: reads(async (c, _args, graph) => (await differenceOf(graph, c)).added),
    modifiedPaths: reads(async (c, _args, graph) => (await differenceOf(graph, c)).modified),
    removedPaths: reads(async (c, _args, graph) => (await differenceOf(graph, c)).removed),
    isEmpty: reads(async (c, _args, graph) => {
      const { added, modified, removed } = await differenceOf(graph, c);
      return added.length + modified.length + removed.length === 0;
    }),
    layer: reads((c, _args, graph) =>
      changeTree(graph, EMPTY_DIRECTORY, ["layer", c], async (root) => {
        const { added, modified } = await differenceOf(graph, c);
        await copyWithContent((await placesOf(graph, c)).after, root, [...added, ...modified]);
      }),
    ),
    asPatch: reads(async (c, _args, graph) => {
      const patch = await inScratch(graph, async (scratch) => makePatch({ ...(await placesOf(graph, c)), scratch }));
      return await newFile(graph, "diff.patch", patch, 0o644);
    }),
    diffStats: reads((c, _args, graph) =>
      inScratch(graph, async (scratch) => countChanges({ ...(await placesOf(graph, c)), scratch })),
    ),
    export: reads((c, args, graph) => exportTo(graph, c, text(args["path"]))),
    withChangeset: reads(async (c, args, graph) =>
      joinChanges(graph, c, await object(args["changes"]).value<ChangesetValue>(), strategyOf(args)),
    ),
    withChangesets: reads(async (c, args, graph) => {
      let joined = c;
      for (const other of args["changes"] as readonly Obj[]) {
        joined = await joinChanges(graph, joined, await other.value<ChangesetValue>(), strategyOf(args));
      }
      return joined;
    }),
  },
  DiffStat: {
    path: { run: async (self) => (await self.value<FileDifference>()).path },
    oldPath: { run: async (self) => (await self.value<FileDifference>()).oldPath ?? null },
    kind: { run: async (self) => (await self.value<FileDifference>()).kind },
    addedLines: { run: async (self) => (await self.value<FileDifference>()).addedLines },
    removedLines: { run: async (self) => (await self.value<FileDifference>()).removedLines },
  },
};

function strategyOf(args: Args): ConflictStrategy {
  return text(args["onConflict"], "FAIL") as ConflictStrategy;
}

async function placesOf(graph: Graph, changes: ChangesetValue): Promise<{ before: string; after: string }> {
  const [before, after] = await Promise.all([placeIn(graph, changes.before, "."), placeIn(graph, changes.after, ".")]);
  return { before, after };
}

async function differenceOf(graph: Graph, changes: ChangesetValue): Promise<TreeDifference> {
  const { before, after } = await placesOf(graph, changes);
  return compareTrees(before, after);
}

async function inScratch<T>(graph: Graph, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await sessionOf(graph).store.makeScratch("changes");
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function exportTo(graph: Graph, changes: ChangesetValue, given: string): Promise<string> {
  const session = sessionOf(graph);
  const destination = hostPlace(session, given);
  const { before, after } = await placesOf(graph, changes);
  const difference = compareTrees(before, after);
  if (destination.root === "/") keepStore(session.store.dir, destination.path, difference);
  await exportChanges(destination, difference, after);
  return destination.path;
}

/** @throws ApiError for changes that would take away the engine's own store with a folder that it is in */
function keepStore(storeDir: string, folder: string, { added, modified, removed }: TreeDifference): void {
  const files = [...added, ...modified].filter((path) => !path.endsWith("/"));
  const lost = [...removed, ...files]
    .map((path) => join(folder, path).replace(/\/$/, ""))
    .find((path) => holdsStore(path, storeDir));
  if (lost !== undefined)
    throw new ApiError(
      `${lost} is not removed: the engine's store is in it\n  to do: set SLIPWAY_STORE to a folder elsewhere`,
    );
}

async function joinChanges(
  graph: Graph,
  ours: ChangesetValue,
  theirs: ChangesetValue,
  strategy: ConflictStrategy,
): Promise<ChangesetValue> {
  const [our, their] = await Promise.all([placesOf(graph, ours), placesOf(graph, theirs)]);
  const addMissing = async (root: string, path: string) =>
    copyMissing(their.before, our.before, await resolveInside(root, path, { followLast: true }));
  const before = await changeTree(graph, ours.before, ["join before", theirs.before], (root) =>
    addMissing(root, ours.before.path),
  );
  const base = await placeIn(graph, before, ".");
  const after = await changeTree(graph, ours.after, ["join after", ours.before, theirs, strategy], async (root) => {
    await addMissing(root, ours.after.path);
    const folder = await resolveInside(root, ours.after.path, { followLast: true });
    await inScratch(graph, (scratch) =>
      mergeInto(
        folder,
        { base, ours: folder, theirsBefore: their.before, theirsAfter: their.after, scratch },
        strategy,
      ),
    );
  });
  return { before, after };
}

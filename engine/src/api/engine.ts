import { hostname } from "node:os";
import { parseDiskSpace } from "../go-texts/disk-space.ts";
import { flag, text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import { readsValue } from "./field-kinds.ts";
import type { Args, Field, Fields, Graph } from "./graph.ts";
import { type CacheEntry, type CachePolicy, type Session, sessionOf } from "./session.ts";

/** A field that only the command may ask for: a function must not see what others have left. */
function ofCommand(answer: (session: Session, args: Args) => unknown): Field {
  return {
    run: (_self, args, graph) => {
      const session = sessionOf(graph);
      if (session.host.isContainer === true) throw new ApiError("only the main client can call this function");
      return answer(session, args);
    },
  };
}

/** The engine and what it keeps: the fields of Dagger's API over the store. */
export const localEngineFields: Fields = {
  Query: { engine: { run: () => ({}) } },
  Engine: {
    name: { run: () => hostname() },
    clients: { run: (_self, _args, graph: Graph) => [sessionOf(graph).workspace.clientId] },
    localCache: ofCommand((session) => session.kept.policy()),
  },
  EngineCache: {
    maxUsedSpace: readsValue<CachePolicy>((policy) => policy.maxUsedSpace),
    targetSpace: readsValue<CachePolicy>((policy) => policy.targetSpace),
    reservedSpace: readsValue<CachePolicy>((policy) => policy.reservedSpace),
    minFreeSpace: readsValue<CachePolicy>((policy) => policy.minFreeSpace),
    entrySet: { ...ofCommand((session) => session.kept.entries()), fresh: (args) => text(args["key"]) === "" },
    prune: ofCommand(async (session, args) => {
      await session.kept.prune({
        useDefaultPolicy: flag(args["useDefaultPolicy"]),
        spaces: Object.fromEntries(SPACES.map((name) => [name, spaceOf(name, text(args[name]).trim())])),
      });
      return null;
    }),
  },
  EngineCacheEntrySet: {
    entries: readsValue<readonly CacheEntry[]>((entries) => entries),
    entryCount: readsValue<readonly CacheEntry[]>((entries) => entries.length),
    diskSpaceBytes: readsValue<readonly CacheEntry[]>((entries) => sum(entries)),
  },
  EngineCacheEntry: {
    description: readsValue<CacheEntry>((entry) => entry.description),
    diskSpaceBytes: readsValue<CacheEntry>((entry) => entry.bytes),
    createdTimeUnixNano: readsValue<CacheEntry>((entry) => entry.createdMs * NANOSECONDS),
    mostRecentUseTimeUnixNano: readsValue<CacheEntry>((entry) => entry.usedMs * NANOSECONDS),
    activelyUsed: readsValue<CacheEntry>((entry) => entry.activelyUsed),
    recordType: readsValue<CacheEntry>((entry) => entry.recordType),
    recordTypes: readsValue<CacheEntry>((entry) => [entry.recordType]),
    // What a result is one of is not kept beside it.
    dagqlCall: readsValue<CacheEntry>(() => ""),
  },
};

/** In a millisecond; times are whole milliseconds, so that no digit of a time is lost. */
const NANOSECONDS = 1_000_000;

const SPACES = ["maxUsedSpace", "reservedSpace", "minFreeSpace", "targetSpace"] as const;

function spaceOf(name: string, given: string) {
  try {
    return given === "" ? undefined : parseDiskSpace(given);
  } catch (error) {
    throw new ApiError(
      `failed to prune cache entries: invalid ${name} value ${JSON.stringify(given)}: ${(error as Error).message}`,
    );
  }
}

function sum(entries: readonly CacheEntry[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0);
}

import { hostname } from "node:os";
import { parseDiskSpace } from "../go-texts/disk-space.ts";
import { flag, text } from "./arguments.ts";
import { ApiError } from "./errors.ts";
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

/** A field that is a part of the object. */
function part<T>(read: (value: T) => unknown): Field {
  return { run: async (self) => read(await self.value<T>()) };
}

/** The engine and what it keeps: the fields of Dagger's API over the store. */
export const engineFields: Fields = {
  Query: { engine: { run: () => ({}) } },
  Engine: {
    name: { run: () => hostname() },
    clients: { run: (_self, _args, graph: Graph) => [sessionOf(graph).workspace.clientId] },
    localCache: ofCommand((session) => session.kept.policy()),
  },
  EngineCache: {
    maxUsedSpace: part<CachePolicy>((policy) => policy.maxUsedSpace),
    targetSpace: part<CachePolicy>((policy) => policy.targetSpace),
    reservedSpace: part<CachePolicy>((policy) => policy.reservedSpace),
    minFreeSpace: part<CachePolicy>((policy) => policy.minFreeSpace),
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
    entries: part<readonly CacheEntry[]>((entries) => entries),
    entryCount: part<readonly CacheEntry[]>((entries) => entries.length),
    diskSpaceBytes: part<readonly CacheEntry[]>((entries) => sum(entries)),
  },
  EngineCacheEntry: {
    description: part<CacheEntry>((entry) => entry.description),
    diskSpaceBytes: part<CacheEntry>((entry) => entry.bytes),
    createdTimeUnixNano: part<CacheEntry>((entry) => entry.createdMs * NANOSECONDS),
    mostRecentUseTimeUnixNano: part<CacheEntry>((entry) => entry.usedMs * NANOSECONDS),
    activelyUsed: part<CacheEntry>((entry) => entry.activelyUsed),
    recordType: part<CacheEntry>((entry) => entry.recordType),
    recordTypes: part<CacheEntry>((entry) => [entry.recordType]),
    // What a result is one of is not kept beside it.
    dagqlCall: part<CacheEntry>(() => ""),
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

import type { ChangesetValue } from "../api/changeset.ts";
import { ApiError } from "../api/errors.ts";
import { readText } from "../api/file-contents.ts";
import { findRef, type GitRepositoryValue } from "../api/git-refs.ts";
import type { Fields, Graph, Obj } from "../api/graph.ts";
import { sessionOf } from "../api/session.ts";
import { fileIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { parseGitAddress } from "./git-address.ts";
import { findGitPlace } from "./git-place.ts";

/** Where the lock of a workspace lies, from the folder of the command. */
const LOCK_FILE = ".dagger/lock";
const HEADER = '[["version","1"]]';
const POLICIES = ["pin", "float"];

/** One line of a lock: what was asked, and what it came to. */
interface Entry {
  readonly namespace: string;
  readonly operation: string;
  readonly inputs: readonly unknown[];
  readonly value: string;
  readonly policy: string;
}

/** The lock of a workspace, brought up to date. Nothing is written before somebody exports the changes. */
export const workspaceLockFields: Fields = {
  Workspace: {
    update: {
      run: async (self, _args, graph): Promise<ChangesetValue> => {
        const base = graph.object("Directory", { parent: self, field: "directory", args: { path: "." } });
        const before = await base.value<DirectoryValue>();
        const text = await lockText(graph, base, before);
        const entries = await Promise.all(parseLock(text).map((entry) => updated(graph, entry)));
        const args = { path: LOCK_FILE, contents: formatLock(entries), permissions: LOCK_MODE };
        const after = graph.object("Directory", { parent: base, field: "withNewFile", args });
        return { before, after: await after.value<DirectoryValue>() };
      },
    },
  },
};

const LOCK_MODE = 0o644;

async function lockText(graph: Graph, base: Obj, tree: DirectoryValue): Promise<string> {
  const isThere = await graph.field("Directory", "exists").run(base, { path: LOCK_FILE }, graph, undefined);
  return isThere === true ? await readText(graph, await fileIn(graph, tree, LOCK_FILE)) : "";
}

/** @throws ApiError with the number of the line that cannot be read */
export function parseLock(text: string): readonly Entry[] {
  const lines = text.split("\n").map((line, nth) => ({ line: line.trim(), number: nth + 1 }));
  const [header, ...others] = lines.filter(({ line }) => line !== "");
  if (header === undefined) return [];
  const refuse = (number: number, problem: string) => new ApiError(`parsing lock: lockfile line ${number}: ${problem}`);
  const version = parsedList(header.line)?.[0];
  if (!Array.isArray(version) || version[0] !== "version") throw refuse(header.number, "missing version header");
  if (version[1] !== "1") {
    throw refuse(header.number, `unsupported lockfile version ${JSON.stringify(version[1])}`);
  }
  return others.map(({ line, number }) => {
    const tuple = parsedList(line);
    if (tuple === undefined) throw refuse(number, "invalid tuple JSON");
    const [namespace, operation, inputs, value, policy] = tuple;
    if (tuple.length !== 5) throw refuse(number, `invalid tuple length ${tuple.length}: expected 5`);
    if (typeof namespace !== "string") throw refuse(number, "invalid namespace");
    if (typeof operation !== "string") throw refuse(number, "invalid operation");
    if (!Array.isArray(inputs)) throw refuse(number, "invalid inputs");
    if (typeof value !== "string" || value === "") throw refuse(number, "value is required");
    if (!POLICIES.includes(policy as string)) throw refuse(number, `invalid policy ${JSON.stringify(policy)}`);
    return { namespace, operation, inputs, value, policy: policy as string };
  });
}

function parsedList(line: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The lines in an order of their own; nothing at all when there is no entry. */
export function formatLock(entries: readonly Entry[]): string {
  if (entries.length === 0) return "";
  const keyed = entries.map((entry) => ({ key: keyOf(entry), entry })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const lines = keyed.map(({ entry: { namespace, operation, inputs, value, policy } }) =>
    JSON.stringify([namespace, operation, inputs, value, policy]),
  );
  return [HEADER, ...lines].join("\n");
}

function keyOf({ namespace, operation, inputs }: Entry): string {
  return [namespace, operation, JSON.stringify(inputs)].join("\0");
}

async function updated(graph: Graph, entry: Entry): Promise<Entry> {
  const value = await meaningOf(graph, entry).catch((error: Error) => {
    throw new ApiError(`update workspace lock: ${error.message}`);
  });
  return { ...entry, value };
}

/** What is asked comes to now. */
async function meaningOf(graph: Graph, { namespace, operation, inputs }: Entry): Promise<string> {
  const [first, second] = inputs.map((input) => (typeof input === "string" && input !== "" ? input : undefined));
  const invalid = () => new ApiError(`invalid ${operation} inputs ${JSON.stringify(inputs)}`);
  if (namespace !== "") throw unknownEntry(namespace, operation);
  switch (operation) {
    case "container.from": {
      if (first === undefined || second === undefined) throw invalid();
      return (await sessionOf(graph).images.resolve(first, second, [])).digest;
    }
    case "modules.resolve": {
      if (first === undefined) throw invalid();
      return (await findGitPlace(graph, parseGitAddress(first), "")).commit;
    }
    case "git.head":
    case "git.ref":
    case "git.branch":
    case "git.tag": {
      const target = operation === "git.head" ? "HEAD" : second;
      if (first === undefined || target === undefined) throw invalid();
      const repository = graph.object("GitRepository", { parent: graph.root, field: "git", args: { url: first } });
      return (await findRef(graph, await repository.value<GitRepositoryValue>(), target)).commit;
    }
    default:
      throw unknownEntry(namespace, operation);
  }
}

function unknownEntry(namespace: string, operation: string): ApiError {
  return new ApiError(`unsupported lock entry ${JSON.stringify(namespace)} ${JSON.stringify(operation)}`);
}

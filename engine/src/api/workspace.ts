import { realpathSync } from "node:fs";
import { posix } from "node:path";
import {
  type Imported,
  importFileOfFolder,
  importFolder,
  isThere,
  LeadsOut,
  type PlaceWithin,
} from "../store/import.ts";
import { errorCode, isAtOrBelow, PathError } from "../store/paths.ts";
import { flag, text, texts } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import type { Args, Field, Fields, Graph, Obj, Pin } from "./graph.ts";
import { readImported, tellOf } from "./host.ts";
import { type Session, sessionOf } from "./session.ts";
import type { DirectoryValue, FileValue } from "./values.ts";
import { errorAnswer, noteRead, type WorkspaceRead } from "./workspace-reads.ts";
import { addressOf, outsideRoot, pathFromTop, placeOnMachine } from "./workspace-view.ts";

/** What one question to the workspace comes to: `answer` is equal when the workspace is, as far as the question goes. */
interface Asked<T> {
  readonly answer: string;
  readonly value: T;
}

type Question<T> = (session: Session, args: Args) => Promise<Asked<T>>;

const facts: Readonly<Record<string, (session: Session) => string | boolean>> = {
  address: ({ workspace }) => addressOf(workspace),
  clientId: ({ workspace }) => workspace.clientId,
  // The version of the real engine that this one follows finds no configuration of its own in a repository.
  configPath: () => "",
  hasConfig: () => false,
  initialized: () => false,
  path: ({ workspace }) => workspace.path,
};

const questions = {
  directory: async (session, args) => pinned("directory", "/", await readDirectory(session, args)),
  file: async (session, args) => {
    const path = text(args["path"]);
    const read = await readFile(session, path);
    return pinned("file", `/${posix.basename(pathFromTop(session.workspace, path))}`, read);
  },
  findUp: async (session, args) => {
    const value = findUp(session, text(args["name"]), text(args["from"], "."));
    return { answer: JSON.stringify(value), value };
  },
} satisfies Readonly<Record<string, Question<unknown>>>;

/** The repository that the command was given in. Functions see the same one: it is the command's, not their container's. */
export const workspaceFields: Fields = {
  Query: {
    currentWorkspace: { run: () => ({}), fresh: () => true },
  },
  Workspace: {
    ...Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, factField(name, fact)])),
    directory: {
      run: (_self, _args, graph, pin): DirectoryValue => readImported(graph, pin),
      pin: (_self, args, graph) => ask(graph, "directory", args, questions.directory),
    },
    file: {
      run: (_self, _args, graph, pin): FileValue => readImported(graph, pin),
      pin: (_self, args, graph) => ask(graph, "file", args, questions.file),
    },
    findUp: { run: (_self, args, graph) => ask(graph, "findUp", args, questions.findUp) },
  },
};

function factField(field: string, fact: (session: Session) => string | boolean): Field {
  return {
    run: (_self, args, graph) =>
      ask(graph, field, args, async (session) => {
        const value = fact(session);
        return { answer: JSON.stringify(value), value };
      }),
  };
}

function ask<T>(graph: Graph, field: string, args: Args, question: Question<T>): Promise<T> {
  const session = sessionOf(graph);
  return noteRead(session.reads, { field, args }, () => question(session, args));
}

/** The workspace as an argument that nobody gave. */
export function workspaceObject(graph: Graph): Obj {
  return graph.object("Workspace", { parent: graph.root, field: "currentWorkspace", args: {} });
}

/** Whether the workspace would give the same answers now. */
export async function answersAreSame(session: Session, reads: readonly WorkspaceRead[]): Promise<boolean> {
  const same = await Promise.all(reads.map(async (read) => (await answerNow(session, read)) === read.answer));
  return !same.includes(false);
}

async function answerNow(session: Session, { field, args }: WorkspaceRead): Promise<string | undefined> {
  const fact = facts[field];
  if (fact !== undefined) return JSON.stringify(fact(session));
  const question = (questions as Readonly<Record<string, Question<unknown>>>)[field];
  if (question === undefined) return undefined;
  try {
    return (await question(session, args)).answer;
  } catch (error) {
    return errorAnswer(error);
  }
}

function pinned(kind: string, path: string, { digest, snapshot }: Imported): Asked<Pin> {
  return { answer: digest, value: { key: `${kind} ${digest}`, data: { snapshot, path } } };
}

function placeWithin({ workspace }: Session, path: string): PlaceWithin {
  const place = placeOnMachine(workspace, path);
  return { root: "/", path: place, within: realpathSync(workspace.root) };
}

async function readDirectory(session: Session, args: Args): Promise<Imported> {
  const path = pathFromTop(session.workspace, text(args["path"]));
  const place = placeWithin(session, path);
  const filter = {
    include: texts(args["include"]),
    exclude: texts(args["exclude"]),
    gitignore: flag(args["gitignore"]),
  };
  return await importFolder(session.store, place, filter, tellOf(session)).catch((error) => {
    throw directoryProblem(session, path, error);
  });
}

/** The real engine reads the folder first, and takes the file out of what it read. */
async function readFile(session: Session, given: string): Promise<Imported> {
  const path = pathFromTop(session.workspace, given);
  const folder = posix.dirname(path);
  try {
    const place = placeWithin(session, folder);
    return await importFileOfFolder(session.store, place, posix.basename(path)).catch((error) => {
      throw isOfFile(error, path) ? error : directoryProblem(session, folder, error);
    });
  } catch (error) {
    throw new ApiError(`workspace file ${JSON.stringify(given)}: ${(error as Error).message}`);
  }
}

function isOfFile(error: unknown, path: string): boolean {
  if (error instanceof LeadsOut) return false;
  return !(error instanceof PathError) || error.path === posix.basename(path);
}

/** The steps of the real engine on the way to the words that count. */
function directoryProblem({ workspace }: Session, path: string, error: unknown): Error {
  if (error instanceof LeadsOut) return outsideRoot(path, workspace.root);
  const start = `workspace directory ${JSON.stringify(path)}: failed to get snapshot: failed to snapshot: `;
  const notFound = "rpc error: code = NotFound desc = ";
  if (errorCode(error) === "ENOENT") {
    const steps = `failed to receive stat message: ${notFound}get full root path: ${notFound}eval symlinks: `;
    return new ApiError(`${start}${steps}${(error as Error).message}`);
  }
  if (errorCode(error) === "ENOTDIR") {
    const steps = "failed to sync: failed to create local fs: failed to create base fs: ";
    return new ApiError(`${start}${steps}${(error as Error).message}`);
  }
  return error instanceof PathError ? new ApiError(`${start}${error.message}`) : (error as Error);
}

/** The nearest entry of that name from a folder up to the top, as an absolute path of the workspace. */
function findUp(session: Session, name: string, from: string): string | null {
  const { workspace } = session;
  const top = realpathSync(workspace.root);
  for (let folder = pathFromTop(workspace, from); ; folder = posix.dirname(folder)) {
    const candidate = posix.join(folder, name);
    const place = placeOnMachine(workspace, candidate);
    if (isThere("/", place) && (candidate === "." || isAtOrBelow(realpathSync(posix.dirname(place)), top))) {
      return posix.join("/", candidate);
    }
    if (folder === "." || folder === "/") return null;
  }
}

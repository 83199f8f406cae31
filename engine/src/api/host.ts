import { posix } from "node:path";
import { importFile, importFolder, isThere } from "../store/import.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { flag, text, texts } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import type { Args, Fields, Graph, Obj, Pin } from "./graph.ts";
import { clientPath, hostPlace, type Session, sessionOf } from "./session.ts";
import type { DirectoryValue, FileValue } from "./values.ts";

/** What an id of something of the host carries: where its content is in the store. */
interface ImportedData {
  readonly snapshot: Snapshot;
  readonly path: string;
}

/** The value of a Socket: an absolute path of the client's host. */
export interface SocketValue {
  readonly path: string;
}

/** Files of the client's host. They are read when they are needed, or when something asks for their identity, once. */
export const hostFields: Fields = {
  Query: {
    host: { run: () => ({}) },
  },
  Host: {
    directory: {
      run: (_self, _args, graph, pin): DirectoryValue => readImported(graph, pin),
      pin: (_self, args, graph) => pinDirectory(args, graph),
      fresh: (args) => flag(args["noCache"]),
    },
    file: {
      run: (_self, _args, graph, pin): FileValue => readImported(graph, pin),
      pin: (_self, args, graph) => pinFile(args, graph),
      fresh: (args) => flag(args["noCache"]),
    },
    findUp: {
      run: (_self, args, graph) => findUp(sessionOf(graph), text(args["name"])),
    },
    unixSocket: {
      run: (_self, args, graph): SocketValue => ({ path: clientPath(sessionOf(graph), text(args["path"])) }),
    },
  },
  Socket: {},
};

async function pinDirectory(args: Args, graph: Graph): Promise<Pin> {
  const session = sessionOf(graph);
  const filter = {
    include: texts(args["include"]),
    exclude: texts(args["exclude"]),
    gitignore: flag(args["gitignore"]),
  };
  const place = hostPlace(session, text(args["path"]));
  const { digest, snapshot } = await importFolder(session.store, place, filter, tellOf(session));
  return { key: `directory ${digest}`, data: { snapshot, path: "/" } satisfies ImportedData };
}

/** Of a read that takes long. */
export function tellOf({ report }: Session): (text: string) => void {
  return (text) => report({ kind: "note", text });
}

async function pinFile(args: Args, graph: Graph): Promise<Pin> {
  const session = sessionOf(graph);
  const place = hostPlace(session, text(args["path"]));
  const name = posix.basename(place.path);
  const { digest, snapshot } = await importFile(session.store, place, name);
  return { key: `file ${digest}`, data: { snapshot, path: `/${name}` } satisfies ImportedData };
}

/** What was read from the host is in the store, or the id is too old. */
export function readImported(graph: Graph, pin: Pin | undefined): ImportedData {
  const data = pin?.data as ImportedData;
  if (!sessionOf(graph).store.has(data.snapshot)) {
    throw new ApiError(
      "what was read from the host is no longer in the store: read it again instead of using its old id",
    );
  }
  return data;
}

/**
 * The nearest entry of that name, from the working directory up. The result is relative to the working directory; for a
 * name with folders in it the real engine repeats them, and so does this.
 */
function findUp({ host }: Session, name: string): string | null {
  if (name === "") throw new ApiError("name cannot be empty");
  for (let folder = host.workdir; ; folder = posix.dirname(folder)) {
    const found = posix.join(folder, name);
    if (isThere(host.root, found)) return posix.join(posix.relative(host.workdir, posix.dirname(found)), name);
    if (folder === "/") return null;
  }
}

/** A directory of the host, as the field `host.directory` gives it. */
export function hostDirectory(graph: Graph, args: Args): Obj {
  return graph.object("Directory", { parent: hostObject(graph), field: "directory", args });
}

/** A file of the host, as the field `host.file` gives it. */
export function hostFile(graph: Graph, args: Args): Obj {
  return graph.object("File", { parent: hostObject(graph), field: "file", args });
}

/** The host as an object, for addresses that mean something on it. */
export function hostObject(graph: Graph): Obj {
  return graph.object("Host", { parent: graph.root, field: "host", args: {} });
}

import { posix } from "node:path";
import type { Args, Graph, Obj } from "../api/graph.ts";
import { hostDirectory } from "../api/host.ts";
import { hostPlace, sessionOf } from "../api/session.ts";
import { lookInside, readInside } from "../store/inside.ts";
import { includesOf, type SourceValue } from "./source-value.ts";

/** What a source takes of the folder on the host, or of its repository. */
export function contextOf(graph: Graph, value: Omit<SourceValue, "context">): Obj {
  const { contextPath = "/", rootSubpath, git } = value;
  if (git !== undefined) {
    const empty = graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
    const args: Args = { path: "/", source: git.tree, include: includesOf(value) };
    return graph.object("Directory", { parent: empty, field: "withDirectory", args });
  }
  if (!isThere(graph, contextPath)) return emptyContext(graph, rootSubpath);
  return hostDirectory(graph, { path: contextPath, include: includesOf(value), gitignore: true });
}

/** A context with nothing but an empty folder in it. */
export function emptyContext(graph: Graph, path: string): Obj {
  const empty = graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
  const args: Args = { path, source: empty };
  return graph.object("Directory", { parent: empty, field: "withDirectory", args });
}

/** An absolute path of the client's host. */
export function absolute(graph: Graph, path: string): string {
  return hostPlace(sessionOf(graph), path).path;
}

/** Whether the client's host has something there. */
export function isThere(graph: Graph, path: string): boolean {
  return lookInside(sessionOf(graph).host.root, path, { followLast: true }) !== undefined;
}

/** Whether the client's host has a file there. */
export function hasFile(graph: Graph, path: string): boolean {
  return lookInside(sessionOf(graph).host.root, path, { followLast: true })?.isFile() === true;
}

/** A file of the client's host as text. */
export function readHost(graph: Graph, path: string): string {
  return readInside(sessionOf(graph).host.root, path).toString("utf8");
}

/** The folder of the host that holds something of that name, the one given or the nearest above it. */
export function findUp(graph: Graph, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    if (isThere(graph, posix.join(folder, name))) return folder;
    if (folder === "/") return undefined;
  }
}

import { posix } from "node:path";
import { type EnvFileValue, inNamespace, parseEnvFile } from "../api/env-file.ts";
import type { Graph } from "../api/graph.ts";
import { sessionOf } from "../api/session.ts";
import { findUp, hasFile, readHost } from "./source-context.ts";
import type { SourceValue } from "./source-value.ts";

const ENV_FILE = ".env";

/**
 * What `.env` files say about a module: of the one beside a local dagger.json by plain names, then of the next one upwards from the
 * caller's folder by names with the module's name in front. The last of a name counts.
 */
export function envDefaultsOf(
  graph: Graph,
  { contextPath, rootSubpath, name, originalName }: SourceValue,
): EnvFileValue {
  const inner = contextPath === undefined ? [] : readEnvFile(graph, posix.join(contextPath, rootSubpath));
  const outerDir = findUp(graph, sessionOf(graph).host.workdir, ENV_FILE);
  const outer = outerDir === undefined ? [] : readEnvFile(graph, outerDir);
  const all = [...inner, ...inNamespace(outer, name), ...inNamespace(outer, originalName)];
  // What others only refer to must not count in place of what was given.
  return [...all.filter(({ isHidden }) => isHidden), ...all.filter(({ isHidden }) => !isHidden)];
}

function readEnvFile(graph: Graph, folder: string): EnvFileValue {
  const path = posix.join(folder, ENV_FILE);
  return hasFile(graph, path) ? parseEnvFile(readHost(graph, path)) : [];
}

import { hasFile, type Outline, pathIn } from "../../repository/outline.ts";
import type { Command, Found } from "../language.ts";
import { readSimpleCommand } from "../shell-words.ts";
import type { Manifest } from "./manifest.ts";

/** Scripts that start a service, the one meant for production in front. */
const STARTS = ["start:prod", "start:production", "start"];

/** What starts a package in production: a script, else `server.js`, as npm itself takes it. `main` tells of libraries too. */
export function findMains(outline: Outline, path: string, { scripts, path: from }: Manifest): Found<string>[] {
  const name = STARTS.find((one) => scripts[one] !== undefined);
  const script = name === undefined ? undefined : scripts[name];
  if (script !== undefined) return [{ value: script, from: `${from} scripts.${name}` }];
  const server = pathIn(path, "server.js");
  return hasFile(outline, server) ? [{ value: "node server.js", from: server }] : [];
}

/**
 * The command line of a start script for an image, which has Node and the packages but no npm.
 *
 * One program is started as it is, so that it gets the signals; what needs a shell gets one, as npm would give it.
 */
export function toStart(script: string): Command {
  const simple = readSimpleCommand(script.replace(/^cross-env\s+/, ""));
  if (simple === undefined) return ["/bin/sh", "-c", script];
  const { env, words } = simple;
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return assignments.length === 0 ? words : ["/usr/bin/env", ...assignments, ...words];
}

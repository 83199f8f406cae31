import { hasFile, type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
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

import { readdirSync, readFileSync } from "node:fs";
import { readSettings } from "../../ci/src/config/read-settings.ts";
import type { Settings } from "../../ci/src/config/settings.ts";
import { findProjects } from "../../ci/src/languages/projects.ts";
import { matchesGlob } from "../../ci/src/repository/glob.ts";
import { outlineOf, TOLD } from "../../ci/src/repository/outline.ts";
import { listSources } from "../../ci/src/repository/sources.ts";

/** What is never looked into, as the module leaves it out. */
const LEFT_OUT = new Set([".git", "node_modules", "dist", "coverage"]);

let settings: Settings | undefined;

/** The settings of this repository, as it lies in the folder that the tests run in. */
export function readOwnSettings(): Settings {
  settings ??= readSettingsHere();
  return settings;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.has(entry.name)) return [];
    return entry.isDirectory() ? listFiles(path) : entry.isFile() ? [path] : [];
  });
}

function readSettingsHere(): Settings {
  const paths = listFiles(".");
  const sources = new Set(listSources(paths));
  const isTold = (path: string) => sources.has(path) || TOLD.some((pattern) => matchesGlob(path, pattern));
  const files = paths.map((path) => [path, isTold(path) ? readFileSync(path, "utf8") : undefined] as const);
  return readSettings(readFileSync("slipway.yaml", "utf8"), outlineOf(Object.fromEntries(files)), findProjects);
}

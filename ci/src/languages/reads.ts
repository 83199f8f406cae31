import { hasFile, isBelow, type Outline, pathIn } from "../repository/outline.ts";
import { findExposed } from "./dockerfile/exposed.ts";
import { readDockerfile } from "./dockerfile/instructions.ts";
import type { Found, Reads } from "./language.ts";

/** What no command of any language reads: the history, what tools have made, what is written for people. */
const UNREAD = ["**/.git", "**/.github", "**/.gitlab-ci.yml", "**/.idea", "**/.vscode", "**/.DS_Store"];
const FOR_PEOPLE =
  /(^|\/)(README|CHANGELOG|CONTRIBUTING|CODE_OF_CONDUCT|SECURITY|AUTHORS|LICEN[CS]E|NOTICE)(\.[a-z]+)?$/i;

/** Files of Slipway itself: they say what to run, and no command reads them. */
const OURS = ["slipway.yaml", "dagger.json", "release.json", "release-*.json", "approvals-*"];

/**
 * The sources below some folders, without what tools make there. A file for people is left out as well, so that a new
 * sentence in a README runs nothing again, unless the project itself names it (`keep`).
 */
export function readSources(
  outline: Outline,
  folders: readonly string[],
  made: readonly string[],
  keep: readonly string[] = [],
): Reads {
  const include = folders.map((folder) => pathIn(folder, "**"));
  const people = outline.paths.filter(
    (path) => FOR_PEOPLE.test(path) && !keep.includes(path) && folders.some((folder) => isBelow(path, folder)),
  );
  return { include, exclude: [...UNREAD, ...made.map((name) => `**/${name}`), ...OURS, ...people] };
}

/** Those of the files that are there. */
export function present(outline: Outline, folder: string, names: readonly string[]): string[] {
  return names.map((name) => pathIn(folder, name)).filter((path) => hasFile(outline, path));
}

/** The port that the Dockerfile beside a project exposes, when it is one. */
export function findPort(outline: Outline, folder: string): Found<number> | undefined {
  const path = pathIn(folder, "Dockerfile");
  return findExposed(path, readDockerfile(outline, path));
}

import { tellNearest } from "../input/nearest-name.ts";
import { about, type Problem } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import { isThere, type Outline } from "../repository/outline.ts";
import { type Members, memberOf, membersOf, textsOf } from "./members.ts";
import { isInside, matchPatterns } from "./patterns.ts";

/** What the file names and the repository does not have. Takes the data as it was read. */
export function listMissing(data: unknown, outline: Outline): Problem[] {
  const places = new Places(outline);
  for (const [name, settings] of membersOf(memberOf(data, "services"))) {
    const at = ["services", name];
    places.lookForFolder([...at, "path"], memberOf(settings, "path"));
    const build = [...at, "build"];
    places.lookForFile(
      [...build, "dockerfile"],
      memberOf(settings, "build", "dockerfile"),
      /(?:docker|container)file/i,
    );
    places.lookForFolder([...build, "context"], memberOf(settings, "build", "context"));
  }
  for (const [name, settings] of membersOf(memberOf(data, "backing")))
    for (const [index, path] of textsOf(memberOf(settings, "sql")))
      places.lookForAny(["backing", name, "sql", index], path);
  for (const [name, settings] of membersOf(memberOf(data, "checks"))) {
    places.lookForFolder(["checks", name, "path"], memberOf(settings, "path"));
    places.lookForReads(["checks", name, "reads"], memberOf(settings, "reads"));
  }
  places.lookForFile(["compose"], memberOf(data, "compose"), /compose[^/]*\.ya?ml$/);
  lookForProjects(places, membersOf(memberOf(data, "projects")));
  for (const [ring, rules] of membersOf(memberOf(data, "rings"))) {
    const manifests = memberOf(rules, "manifests");
    const at = ["rings", ring, "manifests"];
    places.lookForAny(
      typeof manifests === "string" ? at : [...at, "path"],
      typeof manifests === "string" ? manifests : memberOf(manifests, "path"),
    );
    for (const [index, path] of textsOf(memberOf(manifests, "values")))
      places.lookForFile([...at, "values", index], path, /\.ya?ml$/);
  }
  return places.problems;
}

function lookForProjects(places: Places, projects: Members): void {
  for (const path of projects.keys()) places.lookForFolder(["projects", path], path, true);
}

class Places {
  readonly problems: Problem[] = [];
  readonly #outline: Outline;

  constructor(outline: Outline) {
    this.#outline = outline;
  }

  lookForFolder(path: readonly PropertyKey[], value: unknown, aboutKey = false): void {
    if (!isPath(value) || this.#outline.folders.has(value)) return;
    const text = this.#outline.files.has(value)
      ? `expected a folder; ${showName(value)} is a file, or a link, which is not followed`
      : `there is no folder ${showName(value)}${tellNearest(value, [...this.#outline.folders.keys()])}`;
    this.problems.push(about(path, text, aboutKey));
  }

  /** @param like what such files are called, for those that are named instead */
  lookForFile(path: readonly PropertyKey[], value: unknown, like: RegExp): void {
    if (!isPath(value) || this.#outline.files.has(value)) return;
    const similar = this.#outline.paths.filter((file) => like.test(file));
    const there = similar.length === 0 || similar.length > 10 ? "" : `; there is ${similar.map(showName).join(", ")}`;
    const text = this.#outline.folders.has(value)
      ? `expected a file; ${showName(value)} is a folder`
      : `there is no file ${showName(value)}${there}${tellNearest(value, similar)}`;
    this.problems.push(about(path, text));
  }

  lookForAny(path: readonly PropertyKey[], value: unknown): void {
    if (!isPath(value) || isThere(this.#outline, value)) return;
    const text = `there is no file or folder ${showName(value)}${tellNearest(value, [...this.#outline.folders.keys(), ...this.#outline.paths])}`;
    this.problems.push(about(path, text));
  }

  /** A check that gets no file at all would pass whatever the repository holds. */
  lookForReads(path: readonly PropertyKey[], reads: unknown): void {
    const include = [...textsOf(Array.isArray(reads) ? reads : memberOf(reads, "include")).values()];
    const exclude = [...textsOf(memberOf(reads, "exclude")).values()];
    if (include.length === 0 || ![...include, ...exclude].every(isInside)) return;
    if (!this.#outline.paths.some((file) => matchPatterns(file, include) && !matchPatterns(file, exclude)))
      this.problems.push(about(path, "matches no file"));
  }
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && isInside(value);
}

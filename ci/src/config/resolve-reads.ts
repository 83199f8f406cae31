import type { Found, Project, Reads } from "../languages/language.ts";
import { readSources } from "../languages/reads.ts";
import { pathIn } from "../repository/outline.ts";
import type { Scene } from "./scene.ts";
import type { Run } from "./settings.ts";

interface Given {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** What is known of a check when it is decided which files it gets. */
interface Reading {
  readonly path: string;
  readonly run: Run;
  /** `reads` of slipway.yaml. */
  readonly written: readonly string[] | Given | undefined;
  /** Whose dependencies it has. */
  readonly project: Project | undefined;
}

/** The files that a check gets: those of the file, else those that its language reads. */
export function resolveReads({ decisions, outline }: Scene, at: readonly string[], reading: Reading): Reads {
  const { path, written, project } = reading;
  const given: Given = isList(written) ? { include: written, exclude: [] } : (written ?? {});
  // A Dockerfile says what an image is made of, and nothing of commands.
  const isOwn = project === undefined || project.language === "dockerfile";
  const include = project?.reads.include ?? [pathIn(path, "**")];
  const exclude = isOwn
    ? listUnread(outline, project?.root ?? path, given.include, reading.run)
    : project.reads.exclude;
  const found = <T>(value: T): Found<T> =>
    project === undefined ? { value, from: "default" } : { value, from: `${project.language}: what its projects read` };
  return {
    include: decisions.decide<readonly string[]>([...at, "reads", "include"], given.include, found(include)) ?? include,
    exclude: decisions.decide<readonly string[]>([...at, "reads", "exclude"], given.exclude, found(exclude)) ?? exclude,
  };
}

function isList(written: Reading["written"]): written is readonly string[] {
  return Array.isArray(written);
}

/** A command that speaks of what is written for people reads it. */
const ABOUT_PEOPLE = /\.md\b|markdown|readme|changelog|licen[cs]e|spell|\bdocs?\b/i;

/** What a command of no language is not given: the history, and what is written for people unless it speaks of that. */
function listUnread(
  outline: Scene["outline"],
  folder: string,
  include: readonly string[] | undefined,
  run: Run,
): readonly string[] {
  if (include !== undefined) return [];
  const words = typeof run === "string" ? run : run.flat().join(" ");
  return ABOUT_PEOPLE.test(words) ? ["**/.git"] : readSources(outline, [folder], []).exclude;
}

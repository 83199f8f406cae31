import { tellAccount } from "../../../../ci/src/account.ts";
import type { Project, Step } from "../../../../ci/src/languages/language.ts";
import { Undecided } from "../../../../ci/src/languages/language.ts";
import { findProjects, type Projects } from "../../../../ci/src/languages/projects.ts";
import { matchesGlob } from "../../../../ci/src/repository/glob.ts";
import { type Outline, outlineOf, TOLD } from "../../../../ci/src/repository/outline.ts";
import { listSources } from "../../../../ci/src/repository/sources.ts";

/** A repository as its files are; "" for those that count by their name. */
export type Shape = Readonly<Record<string, string>>;

/** An outline as a Workspace gives it: only the texts that TOLD and `listSources` name are there. */
function outlineAsTold(shape: Shape): Outline {
  const paths = Object.keys(shape).sort();
  const sources = new Set(listSources(paths));
  const entries = Object.entries(shape).map(([path, text]): [string, string | undefined] => [
    path,
    sources.has(path) || TOLD.some((pattern) => matchesGlob(path, pattern)) ? text : undefined,
  ]);
  return outlineOf(Object.fromEntries(entries));
}

function lookAt(shape: Shape): Projects {
  return findProjects(outlineAsTold(shape));
}

/** What was found, a line for each thing, each with where it is from. */
function tell(project: Project): string[] {
  const { language, path, root, manager, version, image, commands, mains, port, remarks } = project;
  const commandLines = Object.entries(commands).flatMap(([name, list]) =>
    list.map(({ value, from }) => `  ${name}: ${value.join(" ")} (${from})`),
  );
  return [
    `${language} in ${path}${root === path ? "" : ` of ${root}`}`,
    `  ${manager.value} (${manager.from}), ${version.value} (${version.from}), ${image.value}`,
    ...commandLines,
    ...mains.map(({ value, from }) => `  main: ${value} (${from})`),
    ...(port === undefined ? [] : [`  port: ${port.value} (${port.from})`]),
    ...remarks.map((remark) => `  remark: ${remark}`),
  ];
}

/** All that is said of a repository: its projects, then the questions. */
export function tellAll(shape: Shape): string[] {
  const { projects, undecided } = lookAt(shape);
  return [
    ...projects.flatMap(tell),
    ...[...undecided.values()].flat().flatMap((question) => tellAccount(question).split("\n")),
  ];
}

/** The command lines of steps, each with its folder. */
export function tellSteps(steps: readonly Step[]): string[] {
  return steps.map(({ command, folder }) => {
    const words = command.map((word) => (word.includes("\n") ? "…" : word));
    return `${folder}: ${words.join(" ")}`;
  });
}

/** The only project of a repository. */
export function onlyProject(shape: Shape): Project {
  const { projects, undecided } = lookAt(shape);
  const [project, ...others] = projects;
  if (undecided.size > 0) throw new Undecided([...undecided.values()].flat());
  if (project === undefined || others.length > 0) throw new Error(`${projects.length} projects instead of one`);
  return project;
}

/** The project in one folder of a repository with several. */
export function onlyMember(shape: Shape, folder: string): Project {
  const project = lookAt(shape).projects.find(({ path }) => path === folder);
  if (project === undefined) throw new Error(`no project in ${folder}`);
  return project;
}

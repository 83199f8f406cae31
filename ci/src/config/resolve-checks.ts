import { ownValue } from "../input/names.ts";
import { tellUnknown } from "../input/nearest-name.ts";
import { about, type Problem } from "../input/problems.ts";
import { showName } from "../input/shown.ts";
import type { CommandName, Found, LanguageName, Project } from "../languages/language.ts";
import { foldersUp } from "../repository/outline.ts";
import { toName } from "./found-name.ts";
import { listReferences } from "./references.ts";
import { resolveReads } from "./resolve-reads.ts";
import { projectsAt, type Scene } from "./scene.ts";
import type { CheckSettings, Run, Settings } from "./settings.ts";
import { readSeconds } from "./values.ts";

type Any = NonNullable<Scene["file"]["checks"]>[string];
type Written = Exclude<Any, string | readonly string[] | false>;

/** The commands of projects that are checks. */
const FOUND_CHECKS: readonly CommandName[] = ["lint", "unit", "integration"];

/** Without a word about it in the file. */
const TIMEOUT = "30m";

/**
 * The checks that are found, by name. The one at the top, or the only one, has the plain name; others have the name of
 * their folder after it: `unit`, `unit-web`. What the top of a workspace runs for its members is not run again.
 */
function findChecks(
  projects: readonly Project[],
): Map<string, { readonly project: Project; readonly command: CommandName }> {
  const found = new Map<string, { project: Project; command: CommandName }>();
  for (const command of FOUND_CHECKS) {
    const having = projects.filter((project) => hasCommand(project, command) && !isCovered(project, projects, command));
    for (const project of having) {
      const plain = having.length === 1 || (project.path === "." && !found.has(command));
      const own = toName(`${command}-${toName(project.path) || project.language}`);
      const name = plain
        ? command
        : found.has(own)
          ? toName(`${command}-${project.path.replaceAll("/", "-")}-${project.language}`)
          : own;
      if (!found.has(name)) found.set(name, { project, command });
    }
  }
  return found;
}

function hasCommand({ commands }: Project, command: CommandName): boolean {
  return (commands[command] ?? []).length > 0;
}

function isCovered(project: Project, projects: readonly Project[], command: CommandName): boolean {
  return (
    project.root !== project.path &&
    projects.some(
      (other) => other.path === project.root && other.language === project.language && hasCommand(other, command),
    )
  );
}

/** The checks by name, those that are found and those of the file; and those that were found and are not wanted. */
export function resolveChecks(
  scene: Scene,
  services: Settings["services"],
): Pick<Settings, "checks" | "unwantedChecks"> {
  const written = scene.file.checks ?? {};
  const names = new Set(Object.keys(written));
  // A check `unit` of the file is instead of all that was found under this name.
  const isReplaced = (name: string, command: string) => name !== command && names.has(command);
  const found = new Map(
    [...findChecks(scene.detected.projects)].filter(([name, { command }]) => !isReplaced(name, command)),
  );
  const checks: Record<string, CheckSettings> = {};
  for (const name of new Set([...found.keys(), ...names])) {
    const settings = ownValue(written, name);
    if (settings === false) {
      scene.problems.push(...refuseUnwanted(name, [...found.keys()]));
      continue;
    }
    const check = resolveCheck(scene, name, expand(settings), found.get(name), services);
    if (check !== undefined) checks[name] = check;
  }
  return { checks, unwantedChecks: [...names].filter((name) => written[name] === false) };
}

/** What is taken away has to be there, or may be found one day: a misspelt name would take nothing away, and say nothing. */
function refuseUnwanted(name: string, found: readonly string[]): Problem[] {
  const known: readonly string[] = [...new Set([...FOUND_CHECKS, ...found])];
  const isKnown = known.some((one) => name === one) || FOUND_CHECKS.some((one) => name.startsWith(`${one}-`));
  return isKnown ? [] : [about(["checks", name], `takes nothing away: ${tellUnknown("check", name, known)}`, true)];
}

function expand(written: Exclude<Any, false> | undefined): Written {
  if (written === undefined) return { timeout: TIMEOUT };
  return typeof written === "string" || Array.isArray(written) ? { run: written, timeout: TIMEOUT } : written;
}

function resolveCheck(
  scene: Scene,
  name: string,
  written: Written,
  found: { readonly project: Project; readonly command: CommandName } | undefined,
  services: Settings["services"],
): CheckSettings | undefined {
  const { decisions, problems } = scene;
  const at = ["checks", name];
  const path =
    decisions.decide([...at, "path"], written.path, foundPath(found), { value: ".", from: "default" }) ?? ".";
  const project = findProject(scene, at, path, written, found);
  const commands = found !== undefined && found.project.path === path ? found.command : baseOf(name);
  const run = decisions.decide<Run>(
    [...at, "run"],
    written.run === undefined ? undefined : toRun(written.run),
    project === undefined ? undefined : foundRun(project, commands),
  );
  if (run === undefined) {
    problems.push(
      about(
        [...at, "run"],
        `is missing; expected a command: nothing in ${showName(path)} has one for ${showName(name)}`,
      ),
    );
    return undefined;
  }
  const { needs, env, image } = written;
  const effective = resolveNeeds(scene, at, name, needs, env ?? {}, services);
  const stage =
    decisions.decide<CheckSettings["stage"]>([...at, "stage"], written.stage, {
      value: effective.length > 0 ? "slow" : "fast",
      from: effective.length > 0 ? "default: it needs something" : "default: it needs nothing",
    }) ?? "fast";
  return {
    run,
    path,
    ...(image === undefined ? (project === undefined ? {} : { language: project.language }) : { image }),
    reads: resolveReads(scene, at, { path, run, written: written.reads, project }),
    needs: effective,
    env: env ?? {},
    stage,
    reports: resolveReports(scene, at, written, commands === "lint" ? undefined : project),
    timeoutSeconds: readSeconds(written.timeout),
  };
}

/** What the file says; of a command that was found also what its program writes by itself. */
function resolveReports(
  { decisions }: Scene,
  at: readonly string[],
  { run, reports = {} }: Written,
  project: Project | undefined,
): CheckSettings["reports"] {
  const found = run === undefined ? project?.junit : undefined;
  const listed = (files: string | readonly string[] | undefined) => (typeof files === "string" ? [files] : files);
  const all = {
    junit: decisions.decide<readonly string[]>([...at, "reports", "junit"], listed(reports.junit), found),
    lcov: listed(reports.lcov),
    cobertura: listed(reports.cobertura),
    jacoco: listed(reports.jacoco),
    coverprofile: listed(reports.coverprofile),
    sarif: listed(reports.sarif),
    checkstyle: listed(reports.checkstyle),
  };
  return Object.fromEntries(Object.entries(all).filter(([, files]) => files !== undefined));
}

function foundPath(found: { readonly project: Project } | undefined): Found<string> | undefined {
  return found === undefined ? undefined : { value: found.project.path, from: found.project.manager.from };
}

/** `unit-web` → `unit` */
function baseOf(name: string): CommandName | undefined {
  return FOUND_CHECKS.find((command) => name === command || name.startsWith(`${command}-`));
}

function foundRun(project: Project, command: CommandName | undefined): Found<Run> | undefined {
  const found = command === undefined ? [] : (project.commands[command] ?? []);
  if (found.length === 0) return undefined;
  return { value: found.map(({ value }) => [...value]), from: [...new Set(found.map(({ from }) => from))].join(", ") };
}

function toRun(written: NonNullable<Written["run"]>): Run {
  if (typeof written === "string") return written;
  return written.every((part) => typeof part === "string") ? [written] : (written as string[][]);
}

/** The project whose dependencies a check has: the one in its folder, or in the nearest folder above it. */
function findProject(
  scene: Scene,
  at: readonly string[],
  path: string,
  { image, language, run }: Written,
  found: { readonly project: Project } | undefined,
): Project | undefined {
  const { decisions, problems } = scene;
  if (image !== undefined) return undefined;
  if (
    found !== undefined &&
    found.project.path === path &&
    (language ?? found.project.language) === found.project.language
  ) {
    decisions.decide<LanguageName>([...at, "language"], language, {
      value: found.project.language,
      from: found.project.manager.from,
    });
    return found.project;
  }
  for (const folder of foldersUp(path)) {
    const here = projectsAt(scene, folder, language).toSorted(
      (left, right) => Number(left.language === "dockerfile") - Number(right.language === "dockerfile"),
    );
    const [first, second] = here;
    if (first === undefined) continue;
    decisions.decide<LanguageName>([...at, "language"], language, { value: first.language, from: first.manager.from });
    if (second !== undefined && second.language !== "dockerfile" && run !== undefined)
      problems.push(
        about(
          [...at, "language"],
          `is missing; ${showName(folder)} is ${first.language} and ${second.language}: give one of them, or image`,
        ),
      );
    return first;
  }
  if (!foldersUp(path).some((folder) => scene.detected.undecided.has(folder)))
    problems.push(
      language === undefined
        ? about(at, `is missing its image: nothing in ${showName(path)} or above says which language it is; give image`)
        : about([...at, "language"], `there is no ${language} project in ${showName(path)} or above`),
    );
  return undefined;
}

/** `integration` has the whole product unless the file says otherwise; what variables refer to counts as well. */
function resolveNeeds(
  { decisions }: Scene,
  at: readonly string[],
  name: string,
  written: readonly string[] | undefined,
  env: Readonly<Record<string, string>>,
  services: Settings["services"],
): string[] {
  const product = [
    ...new Set(
      Object.entries(services).flatMap(([service, { kind, needs }]) => (kind === "job" ? needs : [service, ...needs])),
    ),
  ];
  const whole = name === "integration" ? { value: product, from: "default: the whole product" } : undefined;
  const direct = decisions.decide([...at, "needs"], written, whole) ?? [];
  const referred = Object.values(env).flatMap((value) => listReferences(value).map((one) => one.name));
  return [...new Set([...direct, ...referred])];
}

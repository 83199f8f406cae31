import { dirname } from "node:path/posix";
import { type Account, tellAccount } from "../account.ts";
import { isBelow, type Outline, pathIn } from "../repository/outline.ts";
import { detectDockerfile } from "./dockerfile/detect.ts";
import { detectGo } from "./go/detect.ts";
import { detectJava } from "./java/detect.ts";
import { OF_ARCHIVE } from "./java/version.ts";
import { type Answers, type CommandName, type LanguageName, type Project, Undecided } from "./language.ts";
import { detectNode } from "./node/detect.ts";
import { detectPython } from "./python/detect.ts";

type Detect = (outline: Outline, path: string, answers?: Answers) => Project | undefined;

/** How each language is recognised. The order is that of the answers for one folder. */
const detectors: Readonly<Record<LanguageName, Detect>> = {
  node: detectNode,
  python: detectPython,
  go: detectGo,
  java: detectJava,
  dockerfile: (outline, path) => detectDockerfile(outline, path),
};

/** Folders that hold no project of the repository: what others wrote, what tools made, what only looks like a project. */
const NOT_OURS =
  /(^|\/)(node_modules|vendor|third_party|[^/]*\{\{[^/]*|\.[^/]+|venv|dist|build|target|fixtures?|testdata|__fixtures__|examples?|samples?|templates?|docs?|tests?|__tests__|e2e)(\/|$)/;

/** All projects of a repository, and what keeps some of its folders from being one. */
export interface Projects {
  /** By folder and language, the top of the repository first. */
  readonly projects: readonly Project[];
  /** Questions by folder, each once. */
  readonly undecided: ReadonlyMap<string, readonly Account[]>;
}

/** What a person has decided about a folder; false: nothing is to be looked for there. */
type Decided = (Answers & { readonly language?: string }) | false;

/** Looks for projects in every folder that may hold one. */
export function findProjects(outline: Outline, decided: Readonly<Record<string, Decided>> = {}): Projects {
  const folders = [...new Set(outline.paths.map((path) => dirname(path)))].filter((path) => !NOT_OURS.test(path));
  const undecided = new Map<string, Account[]>();
  const asked = new Set<string>();
  const found = folders.sort(byDepth).flatMap((path) => {
    const answers = Object.hasOwn(decided, path) ? decided[path] : undefined;
    if (answers === false) return [];
    const meant = Object.entries(detectors).filter(([name]) => name === (answers?.language ?? name));
    return meant.flatMap(([, detect]) => {
      try {
        return detect(outline, path, answers) ?? [];
      } catch (error) {
        if (!(error instanceof Undecided)) throw error;
        const fresh = error.questions.filter((question) => !asked.has(tellAccount(question)));
        for (const question of fresh) asked.add(tellAccount(question));
        if (fresh.length > 0) undecided.set(path, [...(undecided.get(path) ?? []), ...fresh]);
        return [];
      }
    });
  });
  const own = found.filter((project) => !isModuleOfSlipway(outline, project) && !isOfArchive(project, found));
  return { projects: own.map((project) => tellOfArchive(leaveOut(project, own), found)), undecided };
}

function byDepth(left: string, right: string): number {
  const depth = (path: string) => (path === "." ? 0 : path.split("/").length);
  return depth(left) - depth(right) || (left < right ? -1 : 1);
}

/** The source of a Dagger module in the repository: it is the pipeline, and not what goes through it. */
function isModuleOfSlipway(outline: Outline, { path }: Project): boolean {
  const source = /"source"\s*:\s*"([^"]+)"/.exec(outline.text("dagger.json") ?? "")?.[1]?.replace(/^\.\//, "");
  return source !== undefined && path === source;
}

function isOfArchive({ language, path }: Project, all: readonly Project[]): boolean {
  return (
    language === "dockerfile" && all.some((one) => one.language === "java" && pathIn(one.path, OF_ARCHIVE) === path)
  );
}

function tellOfArchive(project: Project, all: readonly Project[]): Project {
  const beside = all.filter((one) => isOfArchive(one, [project]));
  const names = beside.flatMap(({ mains }) => mains.map(({ from }) => from));
  if (names.length === 0) return project;
  const manager = project.manager.value;
  const remark = `${names.join(", ")}: not used, for ${manager} has to build before what it packs; \`call build\` makes the image without it`;
  return { ...project, remarks: [...project.remarks, remark] };
}

/**
 * A project without what belongs to others: the files of projects below it that are none of its workspace, and the
 * commands that the workspace's root has for all members.
 */
function leaveOut(project: Project, all: readonly Project[]): Project {
  const others = all.filter(
    ({ path, root, language }) =>
      language !== "dockerfile" &&
      path !== project.path &&
      isBelow(path, project.path) &&
      (language !== project.language || root === path),
  );
  const { include, exclude } = project.reads;
  const reads = { include, exclude: [...exclude, ...others.map(({ path }) => `${path}/**`)] };
  const top = all.find(({ path, language }) => path === project.root && language === project.language);
  if (project.language === "dockerfile" || top === undefined || top === project) {
    return project.language === "dockerfile" ? project : { ...project, reads };
  }
  const own = Object.entries(project.commands).filter(([name]) => name === "build" || !(name in top.commands));
  return { ...project, reads, commands: Object.fromEntries(own) satisfies Partial<Record<CommandName, unknown>> };
}

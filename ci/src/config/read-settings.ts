import { SlipwayError } from "../account.ts";
import { listProblems, type Problem } from "../input/problems.ts";
import { Undecided } from "../languages/language.ts";
import { listOtherLanguages } from "../languages/other-languages.ts";
import { type Outline, tellFolder } from "../repository/outline.ts";
import { heedAnswers, readAnswers } from "./answers.ts";
import { readCompose } from "./compose.ts";
import { refuseFile, refuseWithoutFile } from "./config-error.ts";
import { Decisions } from "./decisions.ts";
import { type File, fileSchema } from "./file-schema.ts";
import { findServices } from "./find-services.ts";
import { memberOf } from "./members.ts";
import { listContradictions } from "./names.ts";
import { adoptOwnImages } from "./own-images.ts";
import { listMissing } from "./places.ts";
import { resolve } from "./resolve.ts";
import type { Detected, Scene } from "./scene.ts";
import { listSecrets } from "./secrets.ts";
import { isProductFolder, isService } from "./service-folders.ts";
import type { Answers, Settings } from "./settings.ts";
import { type ConfigText, readConfigText } from "./text.ts";
import { listClashes } from "./together.ts";

/** The name of the file, at the top of the repository. */
const FILE = "slipway.yaml";

/** Finds the projects of a repository. */
export type Detect = (outline: Outline, answers: Answers) => Detected;

/**
 * The configuration of a repository as it counts: slipway.yaml over what was found over the defaults.
 *
 * @param text of slipway.yaml; undefined when there is none
 * @throws SlipwayError `bad-config` with every problem, one a line, each with its line and column and the path of the value
 * @throws Undecided when only a person can decide what lies in a folder that counts
 */
export function readSettings(text: string | undefined, outline: Outline, detect: Detect): Settings {
  const misnamed = outline.paths.find((path) => path !== FILE && /^\.?slipway\.ya?ml$/i.test(path));
  if (misnamed !== undefined) throw refuseName(misnamed);
  const read = readConfigText(text ?? "");
  const data = read.data ?? {};
  const parsed = fileSchema.safeParse(data);
  const compose = readCompose(outline, readNamedCompose(data));
  const answers = readAnswers(memberOf(data, "projects"));
  const detected = heedAnswers(detect(outline, answers), answers);
  const composed = adoptOwnImages(compose, detected.projects.filter(isService));
  const found = findServices(detected.projects, composed);
  const kinds = new Map([...composed.backing].map(([name, { kind }]) => [name, kind]));
  const problems: Problem[] = [
    ...(parsed.success ? [] : listProblems(parsed.error, data, (path) => read.show(path))),
    ...listContradictions(data, { services: [...found.keys()], backing: kinds }),
    ...listClashes(data, kinds),
    ...listMissing(data, outline),
    ...listSecrets(data),
    ...(composed.problem === undefined
      ? []
      : [{ path: ["compose"], text: `${composed.path?.value}: ${composed.problem}` }]),
  ];
  const made = parsed.success ? make(parsed.data, read, { outline, detected, composed, found, answers }) : undefined;
  // What follows from a problem that is told already is none of its own.
  const isNew = ({ path }: Problem) =>
    !problems.some((known) => known.path[0] === path[0] && (known.path[1] === undefined || known.path[1] === path[1]));
  const all = [...problems, ...(made?.problems ?? []).filter(isNew)];
  if (read.problems.length > 0 || all.length > 0)
    throw text === undefined ? refuseWithoutFile(all) : refuseFile(read, all);
  if (made === undefined) throw new Error("slipway.yaml has a problem without a message");
  const questions = [...detected.undecided].flatMap(([path, asked]) => (isProductFolder(path) ? asked : []));
  if (questions.length > 0) throw new Undecided(questions);
  const { services, checks, rings } = made.settings;
  if ([services, checks, rings].every((section) => Object.keys(section).length === 0))
    throw refuseNothing(outline, detected);
  return made.settings;
}

/** A file that was meant to count, and that nobody would read. */
function refuseName(path: string): SlipwayError {
  return new SlipwayError("bad-config", {
    what: `the file has to be called ${FILE}, but is called ${path}`,
    where: path,
    todo: `git mv ${path} ${FILE}`,
  });
}

/** A repository in which nothing is known, and of which nothing was said. */
function refuseNothing({ paths }: Outline, { projects }: Detected): SlipwayError {
  const others = listOtherLanguages({ paths });
  if (projects.length > 0) return refuseIdle(projects, others);
  const account =
    paths.length === 0
      ? {
          what: "the repository has no files",
          where: "its top",
          todo: "go to the folder of your repository, or add files; those that git ignores do not count",
        }
      : {
          what: "Slipway recognises nothing in the repository, and slipway.yaml does not say what it is",
          where:
            "there is no package.json, pyproject.toml, requirements.txt, go.mod, pom.xml, build.gradle or Dockerfile, and no service, check or ring in slipway.yaml",
          todo:
            others.length > 0
              ? tellOthers(others)
              : "write slipway.yaml at its top, for example with checks: { unit: { run: sh test.sh, image: debian:bookworm-slim } }",
        };
  return new SlipwayError("nothing-known", account);
}

function tellOthers(others: readonly string[]): string {
  return `${others.join("; ")}. Write it into slipway.yaml, at the top of the repository`;
}

/** A repository in which something is known, but nothing that could be run. */
function refuseIdle(projects: Detected["projects"], others: readonly string[]): SlipwayError {
  const found = projects.map(({ language, path, manager }) => `${language} in ${tellFolder(path)} (${manager.from})`);
  return new SlipwayError("nothing-known", {
    what: `according to its files, the repository has nothing to check, build or start; found: ${found.join(", ")}`,
    where: "the commands of these projects, and slipway.yaml",
    todo:
      others.length > 0
        ? tellOthers(others)
        : "give them a command for tests, such as scripts.test of package.json, or write it into slipway.yaml: checks: { unit: ... }",
  });
}

type Seen = Pick<Scene, "outline" | "detected" | "composed" | "found" | "answers">;

function make(file: File, read: ConfigText, seen: Seen) {
  const decisions = new Decisions((path) => (read.has(path) ? `${FILE}:${read.find(path, false).line}` : undefined));
  const scene: Scene = { file, ...seen, decisions, problems: [] };
  return { settings: resolve(scene), problems: scene.problems };
}

/** Before the schema has looked: detection and the compose file are needed to tell all that is wrong at once. */
function readNamedCompose(data: unknown): string | false | undefined {
  const named = memberOf(data, "compose");
  return named === false || typeof named === "string" ? named : undefined;
}

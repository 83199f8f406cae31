import { fields } from "../input/fields.ts";
import { isBelow } from "../repository/outline.ts";
import type { Detected } from "./scene.ts";
import type { Answers, ProjectAnswers } from "./settings.ts";

/** What slipway.yaml says about folders that do not say it themselves, as far as it has the right form. */
export function readAnswers(projects: unknown): Answers {
  return Object.fromEntries(
    Object.entries(fields(projects)).map(([path, settings]) => [
      path,
      settings === false ? false : readAnswer(settings),
    ]),
  );
}

function readAnswer(settings: unknown): ProjectAnswers {
  const { language, manager, version } = fields(settings);
  return {
    ...(typeof language === "string" ? { language } : {}),
    ...(typeof manager === "string" ? { manager } : {}),
    ...(typeof version === "string" ? { version } : {}),
  };
}

/** What was found, without the folders in which nothing is to be looked for and without the languages not meant. */
export function heedAnswers({ projects, undecided }: Detected, answers: Answers): Detected {
  const unwanted = Object.entries(answers).flatMap(([path, answer]) => (answer === false ? [path] : []));
  const isWanted = (path: string) => !unwanted.some((folder) => isBelow(path, folder));
  const isMeant = (path: string, language: string) => {
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    return answer === undefined || answer === false || language === (answer.language ?? language);
  };
  return {
    projects: projects.filter(({ path, language }) => isWanted(path) && isMeant(path, language)),
    undecided: new Map([...undecided].filter(([path]) => isWanted(path))),
  };
}

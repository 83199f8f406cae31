import type { Account } from "../account.ts";
import type { Problem } from "../input/problems.ts";
import type { Found, LanguageName, Project } from "../languages/language.ts";
import type { Outline } from "../repository/outline.ts";
import type { Composed } from "./compose.ts";
import type { Decisions } from "./decisions.ts";
import type { File } from "./file-schema.ts";
import type { Answers } from "./settings.ts";

/** What the folders of a repository are, and which of them only a person can decide. */
export interface Detected {
  readonly projects: readonly Project[];
  /** Questions by folder. */
  readonly undecided: ReadonlyMap<string, readonly Account[]>;
}

/** A service that is found: its folder, and the entry where several services are made of what lies there. */
export interface FoundService extends Found<string> {
  readonly main?: string;
}

/** All that settings are made from, and where what is wrong with it is gathered. */
export interface Scene {
  readonly file: File;
  readonly outline: Outline;
  readonly detected: Detected;
  readonly composed: Composed;
  /** The folders of services that are found, by name. They count when the file names none. */
  readonly found: ReadonlyMap<string, FoundService>;
  /** What the file says about folders that do not say it themselves. */
  readonly answers: Answers;
  readonly decisions: Decisions;
  readonly problems: Problem[];
}

/** The projects of a folder; of one language if it is named. The Dockerfile of a folder is a project of its own. */
export function projectsAt({ detected }: Scene, path: string, language?: LanguageName): Project[] {
  return detected.projects.filter(
    (project) => project.path === path && (language === undefined || project.language === language),
  );
}

import type { Directory, Workspace } from "@dagger.io/dagger";
import { readSettings } from "../config/read-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { Files } from "../languages/language.ts";
import { findProjects } from "../languages/projects.ts";
import type { CheckedOut } from "../repository/git-head.ts";
import type { Outline } from "../repository/outline.ts";
import { Repository } from "./repository.ts";
import { lookAround } from "./workspace-outline.ts";

/** The caller's repository with what it is configured to be: all that checks, images and deliveries come from. */
export interface Checkout {
  readonly settings: Settings;
  readonly files: Files;
  /** Its `.git`, as far as commits are concerned. */
  readonly commits: () => Directory;
  /** Where its files lie in the checkout that `.git` is of; "." at the top. */
  readonly folder: string;
  /** Whether it is, or lies in, a checkout of git. */
  readonly isInGit: () => Promise<boolean>;
  readonly outline: Outline;
  /** What is checked out; undefined where it is out of reach. */
  readonly readCheckedOut: () => Promise<CheckedOut | undefined>;
  /** Those of the paths that are there, and what lies below them, whether git ignores it or not. */
  readonly listAll: (paths: readonly string[]) => Promise<string[]>;
  /** What a person should know of how it is read, a line each. */
  readonly remarks: readonly string[];
}

/**
 * Looks at the caller's repository.
 *
 * @throws ConfigError with everything that is wrong with slipway.yaml
 * @throws Undecided when only a person can say what a folder is
 */
export async function openCheckout(workspace: Workspace): Promise<Checkout> {
  const { repository, outline, remarks } = await lookAround(await Repository.open(workspace));
  const settings = readSettings(outline.text("slipway.yaml"), outline, findProjects);
  return {
    settings,
    files: (reads) => repository.files(reads),
    commits: () => repository.commits(),
    folder: repository.folder,
    isInGit: () => repository.isInGit(),
    outline,
    readCheckedOut: () => repository.readCheckedOut(),
    listAll: (paths) => repository.listAll(paths),
    remarks,
  };
}

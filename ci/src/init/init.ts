import { type Changeset, dag, func, object, type Workspace } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { Repository } from "../checkout/repository.ts";
import { lookAround, readTexts } from "../checkout/workspace-outline.ts";
import { findProjects } from "../languages/projects.ts";
import { tellFolder, withTexts } from "../repository/outline.ts";
import { VERSION } from "../version.ts";
import { listPlainManifests } from "./find-rings.ts";
import { tellNext } from "./next.ts";
import { leaveHidden, planInit } from "./plan.ts";
import { reportInit } from "./report.ts";

/** What would make a repository one of Slipway's. */
@object()
export class Proposal {
  /** What was found, why, and what will be written. */
  @func()
  report: string;

  /** The files to write. */
  @func()
  changes: Changeset;

  /** The commands that come next. */
  @func()
  next: string;

  constructor(report: string, changes: Changeset, next: string) {
    this.report = report;
    this.changes = changes;
    this.next = next;
  }
}

/**
 * Looks at the caller's repository, and writes nothing.
 *
 * @throws SlipwayError `no-commit` where there is no git repository: nobody could see what was written, or take it back
 * @throws SlipwayError `bad-arguments` below the top: files would be written from the caller's folder on
 */
export async function proposeInit(workspace: Workspace): Promise<Proposal> {
  const opened = await Repository.open(workspace);
  if (!(await opened.isInGit())) throw refuseWithoutGit();
  const caller = await workspace.path();
  if (caller !== opened.folder) throw refuseBelowTop(caller, opened.folder);
  const { repository, outline: seen } = await lookAround(opened);
  // Only here is it asked what manifests say that somebody has written: whoever deploys renders them.
  const outline = withTexts(seen, await readTexts(repository, listPlainManifests(seen)));
  const planned = planInit(outline, findProjects, VERSION);
  const plan = leaveHidden(planned, outline, await repository.listAll(Object.keys(planned.writes)));
  const paths = Object.keys(plan.writes);
  const before = paths.length === 0 ? dag.directory() : repository.files({ include: paths, exclude: [] });
  const after = Object.entries(plan.writes).reduce((made, [path, text]) => made.withNewFile(path, text), before);
  return new Proposal(`${reportInit(plan)}\n`, after.changes(before), `\n${tellNext(plan.settings, plan.module)}\n`);
}

function refuseWithoutGit(): SlipwayError {
  return new SlipwayError("no-commit", {
    what: "there is no git repository here, so nobody could see or undo what init writes",
    where: "the folder of the command, and those above it",
    todo: "run git init, or go to the right repository",
  });
}

function refuseBelowTop(caller: string, folder: string): SlipwayError {
  return new SlipwayError("bad-arguments", {
    what: `init writes to the top folder of the repository, but was called in ${caller}`,
    where: "the folder of the command",
    todo: `call it in ${tellFolder(folder)} of the repository, or let slipway init find it`,
  });
}

/** No changes. */
export function noChanges(): Changeset {
  return dag.directory().changes(dag.directory());
}

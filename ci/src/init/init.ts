import { type Changeset, dag, type Workspace } from "@dagger.io/dagger";
import { Repository } from "../checkout/repository.ts";
import { readOutline } from "../checkout/workspace-outline.ts";
import { findProjects } from "../languages/projects.ts";
import { VERSION } from "../version.ts";
import { planInit } from "./plan.ts";
import { reportInit } from "./report.ts";

/** What `init` would write, as changes to the caller's folder, and what a person reads before they are made. */
export async function proposeInit(workspace: Workspace): Promise<{ report: string; changes: Changeset }> {
  const repository = await Repository.open(workspace);
  const plan = planInit(await readOutline(repository), findProjects, VERSION);
  const paths = Object.keys(plan.writes);
  const before = paths.length === 0 ? dag.directory() : repository.files({ include: paths, exclude: [] });
  const after = Object.entries(plan.writes).reduce((made, [path, text]) => made.withNewFile(path, text), before);
  return { report: reportInit(plan), changes: after.changes(before) };
}

/** No changes. */
export function noChanges(): Changeset {
  return dag.directory().changes(dag.directory());
}

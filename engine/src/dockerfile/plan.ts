import type { Outline } from "./outline.ts";
import { type PlannedStage, type PlanOptions, SCRATCH } from "./planned.ts";
import { atLine } from "./problem.ts";
import { StagePlanner } from "./stage-planner.ts";

/**
 * Turns the stages that a build needs into steps: all variables are put in, nothing is run.
 *
 * @returns the stages by their number in the file
 * @throws DockerfileProblem
 */
export function planStages(outline: Outline, options: PlanOptions): ReadonlyMap<number, PlannedStage> {
  const done = new Map<number, StagePlanner>();
  for (const index of outline.needed) {
    const stage = outline.stages[index];
    if (stage === undefined) continue;
    const { base } = stage;
    const before = base.kind === "stage" ? done.get(base.index) : undefined;
    const settings = base.kind === "image" ? options.baseSettings(index) : SCRATCH;
    const planner = new StagePlanner(outline, stage, options, before ?? settings);
    atLine(stage.from.line, () => planner.runTriggers());
    for (const instruction of stage.instructions) atLine(instruction.line, () => planner.take(instruction));
    done.set(index, planner);
  }
  return new Map([...done].map(([index, planner]) => [index, planner.result()]));
}

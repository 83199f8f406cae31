import { readDockerfile } from "../../../../engine/src/dockerfile/dockerfile.ts";
import { outlineStages } from "../../../../engine/src/dockerfile/outline.ts";
import { planStages } from "../../../../engine/src/dockerfile/plan.ts";
import {
  type ImageSettings,
  type PlannedStage,
  SCRATCH,
  type Step,
} from "../../../../engine/src/dockerfile/planned.ts";
import { DockerfileProblem } from "../../../../engine/src/dockerfile/problem.ts";

export interface PlanningOptions {
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly platform?: string;
  /** Configuration of every base image, over that of an empty one. */
  readonly base?: Partial<ImageSettings>;
}

/** A Dockerfile as it is written in a test: without the blanks at the start of all its lines. */
function dockerfile(text: string): string {
  const lines = text.replace(/^\n/, "").replace(/\n *$/, "\n").split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/[^ ]/));
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join("\n");
}

/** All stages that the target needs, by number. */
export function planAll(text: string, options: PlanningOptions = {}): ReadonlyMap<number, PlannedStage> {
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  const file = readDockerfile(dockerfile(text));
  const outline = outlineStages(file, {
    buildArgs,
    target: options.target ?? "",
    platform: options.platform ?? "linux/amd64",
  });
  return planStages(outline, {
    buildArgs,
    baseSettings: () => ({ ...SCRATCH, workdir: "", ...options.base }),
  });
}

/** The stage that is the target. */
export function plan(text: string, options: PlanningOptions = {}): PlannedStage {
  return [...planAll(text, options).values()].at(-1) as PlannedStage;
}

/** The steps of one kind in the target. */
export function stepsOf<K extends Step["kind"]>(
  kind: K,
  text: string,
  options: PlanningOptions = {},
): readonly (Step & { readonly kind: K })[] {
  return plan(text, options).steps.filter((step): step is Step & { readonly kind: K } => step.kind === kind);
}

/** The message of what is wrong, with the line behind it. */
export function problemOf(text: string, options: PlanningOptions = {}): string {
  try {
    planAll(text, options);
  } catch (error) {
    if (!(error instanceof DockerfileProblem)) throw error;
    return error.line === undefined ? error.message : `${error.message} @${error.line}`;
  }
  throw new Error("nothing is wrong with it");
}

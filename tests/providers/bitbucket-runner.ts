import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { Ended, Scene } from "./scene.ts";

interface Step {
  readonly name: string;
  readonly script: readonly string[];
  readonly deployment?: string;
  readonly trigger?: "manual";
  readonly artifacts?: readonly string[] | { readonly upload: readonly { readonly "capture-on"?: string }[] };
}

interface Run {
  /** `pull-requests` or `branches`, and the pattern or branch below it. */
  readonly pipeline: readonly [event: string, name: string];
  /** Variables by deployment environment. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Manual steps that somebody starts. */
  readonly pressed?: readonly string[];
}

/** Runs the steps of a pipeline one after the other, each in a clone of its own with the artifacts of those before. */
export async function runPipeline(scene: Scene, text: string, run: Run): Promise<Map<string, Ended>> {
  const [event, name] = run.pipeline;
  const items: readonly { readonly step: Step }[] = parse(text).pipelines[event]?.[name] ?? [];
  const ended = new Map<string, Ended>();
  for (const { step } of items) {
    if (step.trigger === "manual" && !(run.pressed ?? []).includes(step.name)) break;
    const told = await runStep(scene, step, run.environments[step.deployment ?? ""] ?? {});
    ended.set(step.name, told);
    if (told.code !== 0) break;
  }
  return ended;
}

async function runStep(scene: Scene, step: Step, variables: Readonly<Record<string, string>>): Promise<Ended> {
  const { name, script, artifacts = [] } = step;
  const [folder, shared] = [join(scene.top, "builds", name), join(scene.top, "shared")];
  await scene.checkOut(folder);
  if (existsSync(shared)) cpSync(shared, folder, { recursive: true });
  const options = { cwd: folder, env: scene.env(variables), extendEnv: false, reject: false, all: true } as const;
  const ran = await execa("bash", ["-c", ["set -e", ...script].join("\n")], options);
  const isPassed = ran.exitCode === 0;
  if ("upload" in artifacts) {
    const isKept = artifacts.upload.some((one) => isPassed || one["capture-on"] === "always");
    if (isKept) scene.keep(join(folder, "reports"), "reports");
  } else if (isPassed) {
    for (const file of artifacts) cpSync(join(folder, file), join(shared, file));
  }
  return { code: ran.exitCode, output: ran.all };
}

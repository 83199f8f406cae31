import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { Ended, Scene } from "./scene.ts";

interface Step {
  readonly run?: { readonly command: string };
  readonly persist_to_workspace?: { readonly paths: readonly string[] };
  readonly attach_workspace?: object;
  readonly store_artifacts?: { readonly path: string };
}

interface Place {
  readonly type?: string;
  readonly requires?: readonly string[];
  readonly context?: readonly string[];
  readonly filters?: { readonly branches: { readonly only: readonly string[] } };
}

interface Run {
  readonly branch: string;
  /** Variables by context. */
  readonly contexts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Approvals that somebody gives. */
  readonly pressed?: readonly string[];
}

/** Runs the jobs of the workflow for a commit of a branch, each in a clone of its own when those have passed that it requires. */
export async function runWorkflow(scene: Scene, text: string, run: Run): Promise<Map<string, Ended>> {
  const { jobs, workflows } = parse(text);
  const passed = new Set<string>();
  const ended = new Map<string, Ended>();
  for (const one of workflows.slipway.jobs as readonly (string | Record<string, Place>)[]) {
    const [name, place]: [string, Place] = typeof one === "string" ? [one, {}] : (Object.entries(one)[0] ?? ["", {}]);
    const { type, requires = [], context = [], filters } = place;
    if (filters !== undefined && !filters.branches.only.includes(run.branch)) continue;
    if (!requires.every((other) => passed.has(other))) continue;
    if (type === "approval") {
      if ((run.pressed ?? []).includes(name)) passed.add(name);
      continue;
    }
    const variables = Object.assign({}, ...context.map((key) => run.contexts[key] ?? {}));
    const told = await runJob(scene, name, jobs[name].steps, variables);
    ended.set(name, told);
    if (told.code === 0) passed.add(name);
  }
  return ended;
}

/** After a step that fails only what keeps results is done. */
async function runJob(
  scene: Scene,
  name: string,
  steps: readonly (string | Step)[],
  variables: Readonly<Record<string, string>>,
): Promise<Ended> {
  const [folder, shared] = [join(scene.top, "builds", name), join(scene.top, "workspace")];
  await scene.checkOut(folder);
  // What a step writes there, bash does before each later one.
  const env = scene.env({ ...variables, BASH_ENV: join(scene.top, `bash-env-${name}`) });
  scene.writeAt(env["BASH_ENV"] ?? "", "");
  const options = { cwd: folder, env, extendEnv: false, reject: false, all: true } as const;
  let told: Ended = { code: 0, output: "" };
  for (const step of steps) {
    if (typeof step === "string") continue;
    if (step.store_artifacts !== undefined)
      scene.keep(join(folder, step.store_artifacts.path), step.store_artifacts.path);
    if (told.code !== 0) continue;
    if (step.attach_workspace !== undefined && existsSync(shared)) cpSync(shared, folder, { recursive: true });
    for (const path of step.persist_to_workspace?.paths ?? []) cpSync(join(folder, path), join(shared, path));
    if (step.run === undefined) continue;
    const ran = await execa("bash", ["-eo", "pipefail", "-c", step.run.command], options);
    told = { code: ran.exitCode, output: `${told.output}${ran.all}\n` };
  }
  return told;
}

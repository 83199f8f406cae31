import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { type Ended, type Scene, SIGNED } from "./scene.ts";

/** The variables of a generated pipeline, but for the address of its repository. */
export const VARS = {
  "registry-username": "robot",
  "registry-password": "hush",
  "signing-key": "of publish",
  "canary-kubeconfig": "of canary",
  "production-kubeconfig": "of production",
  "production-approvals": SIGNED,
  "production-registry-username": "reader",
  "production-registry-password": "look",
};

interface Task {
  readonly task: string;
  readonly config: {
    readonly inputs: readonly { readonly name: string }[];
    readonly outputs?: readonly { readonly name: string }[];
    readonly params?: Readonly<Record<string, string>>;
    readonly run: { readonly path: string; readonly args: readonly string[] };
  };
}

type PlanStep = Task | { readonly get: string; readonly passed?: readonly string[]; readonly trigger?: boolean };

interface Job {
  readonly name: string;
  readonly plan: readonly PlanStep[];
}

/**
 * Runs jobs as Concourse would for a new version of the source: those that it triggers, and those that somebody starts by hand, each
 * when the jobs have passed that it asks for.
 *
 * @param vars of the credential manager; one that is missing ends the job, as there
 * @param pressed jobs whose button somebody presses
 * @returns how each job that ran has ended
 */
export async function runPipeline(
  scene: Scene,
  text: string,
  vars: Readonly<Record<string, string>>,
  pressed: readonly string[],
): Promise<Map<string, Ended>> {
  const { jobs } = parse(text) as { readonly jobs: readonly Job[] };
  const ended = new Map<string, Ended>();
  for (const { name, plan } of jobs) {
    const gets = plan.flatMap((step) => ("get" in step ? [step] : []));
    const passed = gets.flatMap((get) => get.passed ?? []).every((job) => ended.get(job)?.code === 0);
    const starts = gets.some(({ trigger }) => trigger === true) || pressed.includes(name);
    if (passed && starts) ended.set(name, await runJob(scene, name, plan, vars));
  }
  return ended;
}

async function runJob(
  scene: Scene,
  name: string,
  plan: readonly PlanStep[],
  vars: Readonly<Record<string, string>>,
): Promise<Ended> {
  const artifacts = join(scene.top, "builds", name);
  let all = "";
  for (const [at, step] of plan.entries()) {
    if ("get" in step) {
      await scene.checkOut(join(artifacts, step.get));
      continue;
    }
    const { code, output } = await runTask(scene, step, join(artifacts, `task-${at}`), { artifacts, vars });
    all += `${output}\n`;
    if (code !== 0) return { code, output: all };
  }
  return { code: 0, output: all };
}

/** A folder of its own with copies of its inputs and empty outputs; what is in the outputs then is kept, also of a task that failed. */
async function runTask(
  scene: Scene,
  { task, config }: Task,
  folder: string,
  { artifacts, vars }: { readonly artifacts: string; readonly vars: Readonly<Record<string, string>> },
): Promise<Ended> {
  mkdirSync(folder, { recursive: true });
  for (const { name } of config.inputs) await execa("cp", ["-R", join(artifacts, name), folder]);
  for (const { name } of config.outputs ?? []) mkdirSync(join(folder, name));
  const given = Object.entries(config.params ?? {}).map(([name, value]) => [name, fill(task, value, vars)]);
  const env = scene.env(Object.fromEntries(given));
  const { path, args } = config.run;
  const ran = await execa(path, args, { cwd: folder, env, extendEnv: false, reject: false, all: true });
  for (const { name } of config.outputs ?? []) {
    await execa("cp", ["-R", join(folder, name), artifacts]);
    scene.keep(join(folder, name), name);
  }
  return { code: ran.exitCode, output: ran.all };
}

function fill(task: string, value: string, vars: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\(\(([\w-]+)\)\)/g, (_, name: string) => {
    const found = vars[name];
    if (found === undefined) throw new Error(`task ${task}: undefined vars: ${name}`);
    return found;
  });
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Ended, Scene } from "./scene.ts";

const READER = join(import.meta.dirname, "tools/tekton/tekton");

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly configMapKeyRef?: { readonly name: string; readonly key: string };
  };
}

interface Task {
  readonly name: string;
  readonly runAfter?: readonly string[];
  readonly taskRef?: { readonly kind: string };
  readonly taskSpec?: {
    readonly workspaces?: readonly { readonly name: string; readonly mountPath: string }[];
    readonly steps: readonly { readonly name: string; readonly env?: readonly Variable[]; readonly script: string }[];
  };
}

interface PipelineRun {
  readonly spec: {
    readonly params: readonly { readonly name: string; readonly value: string }[];
    readonly pipelineSpec: { readonly tasks: readonly Task[] };
  };
}

interface Run {
  /** Secrets and ConfigMaps of the namespace, by their names. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** ApprovalTasks that somebody approves. */
  readonly pressed?: readonly string[];
}

/** A run as Tekton's own validation takes it, with its defaults. @throws what that says, when it refuses it */
export async function readRun(text: string): Promise<PipelineRun> {
  const { stdout } = await execa(READER, { input: text });
  return JSON.parse(stdout);
}

/** Runs the tasks in turn, each when those have passed that it runs after: its steps in one folder, until one fails. */
export async function runPipelineRun(scene: Scene, text: string, run: Run): Promise<Map<string, Ended>> {
  // What Pipelines-as-Code puts in.
  const filled = text
    .replaceAll("{{ repo_url }}", scene.source)
    .replaceAll("{{ revision }}", await scene.git("rev-parse", "HEAD"))
    .replaceAll("{{ git_auth_secret }}", "of-this-run");
  const { spec } = await readRun(filled);
  const params = Object.fromEntries(spec.params.map(({ name, value }) => [name, value]));
  const passed = new Set<string>();
  const ended = new Map<string, Ended>();
  for (const task of spec.pipelineSpec.tasks) {
    if (!(task.runAfter ?? []).every((name) => passed.has(name))) continue;
    if (task.taskRef?.kind === "ApprovalTask") {
      if ((run.pressed ?? []).includes(task.name)) passed.add(task.name);
      continue;
    }
    const told = await runTask(scene, task, params, run);
    ended.set(task.name, told);
    if (told.code === 0) passed.add(task.name);
  }
  return ended;
}

async function runTask(
  scene: Scene,
  { name, taskSpec }: Task,
  params: Readonly<Record<string, string>>,
  run: Run,
): Promise<Ended> {
  const folder = join(scene.top, "pods", name);
  mkdirSync(folder, { recursive: true });
  for (const { mountPath } of taskSpec?.workspaces ?? []) await shareWorkspace(scene, folder, mountPath);
  let told: Ended = { code: 0, output: "" };
  for (const step of taskSpec?.steps ?? []) {
    const given = (step.env ?? []).map((variable) => [variable.name, readVariable(name, variable, params, run)]);
    const env = scene.env(Object.fromEntries(given));
    const options = { cwd: folder, env, extendEnv: false, reject: false, all: true } as const;
    // Without a first line of its own Tekton gives a script this one.
    const ran = await execa("sh", ["-c", `set -e\n${step.script}`], options);
    told = { code: ran.exitCode, output: `${told.output}${ran.all}\n` };
    if (told.code !== 0) break;
  }
  scene.keep(join(folder, "source/reports"), "reports");
  return told;
}

/** One volume for all tasks of a run, which each has below its own /workspace. */
async function shareWorkspace(scene: Scene, folder: string, mountPath: string): Promise<void> {
  const [shared, name] = [join(scene.top, "volume"), mountPath.replace(/^\/workspace\//, "")];
  mkdirSync(shared, { recursive: true });
  await execa("ln", ["-s", shared, join(folder, name)]);
}

function readVariable(
  task: string,
  { value, valueFrom }: Variable,
  params: Readonly<Record<string, string>>,
  { secrets, configMaps = {} }: Run,
): string {
  if (value !== undefined) return value.replaceAll(/\$\(params\.(\w+)\)/g, (_, name: string) => params[name] ?? "");
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  const found =
    secretKeyRef === undefined
      ? configMaps[configMapKeyRef?.name ?? ""]?.[configMapKeyRef?.key ?? ""]
      : secrets[secretKeyRef.name]?.[secretKeyRef.key];
  if (found === undefined) throw new Error(`task ${task}: there is no ${JSON.stringify(valueFrom)}`);
  return found;
}

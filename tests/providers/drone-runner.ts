import { join } from "node:path";
import { execa } from "execa";
import type { Ended, Scene } from "./scene.ts";

/** Those of a repository of Drone, each with a value that says whose it is. */
export const SECRETS = {
  registry_username: "robot",
  registry_password: "hush",
  signing_key: "of publish",
  canary_kubeconfig: "of canary",
  production_kubeconfig: "of production",
  production_registry_username: "reader",
  production_registry_password: "look",
};

/** A pipeline of Drone, or a workflow of Woodpecker, that an event starts. */
export interface StartedPipeline {
  readonly name: string;
  readonly depends_on?: readonly string[];
  readonly steps: readonly StartedStep[];
}

interface StartedStep {
  readonly name: string;
  readonly commands?: readonly string[];
  readonly environment?: Readonly<Record<string, { readonly from_secret?: string; readonly value?: string }>>;
}

/** What a run is given. */
export interface Given {
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables of whoever started it by hand. */
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * Runs each pipeline when those have passed that it waits for: its steps in one folder with the commit, until one fails.
 *
 * @returns how each pipeline that ran has ended
 */
export async function runPipelines(
  scene: Scene,
  pipelines: readonly StartedPipeline[],
  given: Given,
): Promise<Map<string, Ended>> {
  const ended = new Map<string, Ended>();
  for (const { name, depends_on, steps } of pipelines) {
    if (!(depends_on ?? []).every((other) => ended.get(other)?.code === 0)) continue;
    const folder = join(scene.top, "builds", name);
    await scene.checkOut(folder);
    ended.set(name, await runSteps(scene, folder, steps, given));
    scene.keep(join(folder, "reports"), "reports");
  }
  return ended;
}

async function runSteps(scene: Scene, folder: string, steps: readonly StartedStep[], given: Given): Promise<Ended> {
  let output = "";
  for (const { name, commands = [], environment = {} } of steps) {
    const own = Object.entries(environment).map(([variable, { from_secret, value = "" }]) => [
      variable,
      from_secret === undefined ? value : find(name, from_secret, given.secrets),
    ]);
    const env = scene.env({ ...given.params, ...Object.fromEntries(own) });
    const options = { cwd: folder, env, extendEnv: false, reject: false, all: true } as const;
    const ran = await execa("sh", ["-c", ["set -e", ...commands].join("\n")], options);
    output += `${ran.all}\n`;
    if (ran.exitCode !== 0) return { code: ran.exitCode, output };
  }
  return { code: 0, output };
}

function find(step: string, name: string, secrets: Given["secrets"]): string {
  const found = secrets[name];
  if (found === undefined) throw new Error(`step ${step}: there is no secret ${name} for this event`);
  return found;
}

import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { Ended, Scene } from "./scene.ts";

interface Step {
  readonly bash?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly publish?: string;
  readonly artifact?: string;
  readonly download?: string;
  readonly condition?: string;
}

interface Job {
  readonly pool?: unknown;
  readonly steps?: readonly Step[];
  readonly strategy?: { readonly runOnce: { readonly deploy: { readonly steps: readonly Step[] } } };
}

interface Stage {
  readonly stage: string;
  readonly dependsOn?: string;
  readonly condition?: string;
  readonly variables?: readonly { readonly group: string }[];
  readonly jobs: readonly Job[];
}

interface Run {
  /** `refs/heads/main`, or of a pull request `refs/pull/7/merge`. */
  readonly ref: string;
  /** Secret variables by their group. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Stages that somebody lets go on. */
  readonly pressed?: readonly string[];
}

/** Runs the stages whose condition holds and whose dependency has passed: each job in a clone of its own. */
export async function runStages(scene: Scene, text: string, run: Run): Promise<Map<string, Ended>> {
  const ended = new Map<string, Ended>();
  for (const { stage, dependsOn, condition, variables = [], jobs } of parse(text).stages as readonly Stage[]) {
    if (dependsOn !== undefined && ended.get(dependsOn)?.code !== 0) continue;
    if (condition !== undefined && !condition.includes(`'${run.ref}'`)) continue;
    const values = Object.assign({}, ...variables.map(({ group }) => run.groups[group] ?? {}));
    const told = await runJobs(scene, stage, jobs, { values, isLet: (run.pressed ?? []).includes(stage) });
    if (told !== undefined) ended.set(stage, told);
  }
  return ended;
}

interface Given {
  readonly values: Readonly<Record<string, string>>;
  readonly isLet: boolean;
}

async function runJobs(scene: Scene, stage: string, jobs: readonly Job[], given: Given): Promise<Ended | undefined> {
  let told: Ended | undefined;
  for (const { pool, steps, strategy } of jobs) {
    // The job of no machine waits for a person.
    if (pool === "server" && !given.isLet) return told;
    if (pool !== "server")
      told = await runSteps(scene, stage, steps ?? strategy?.runOnce.deploy.steps ?? [], given.values);
  }
  return told;
}

async function runSteps(scene: Scene, stage: string, steps: readonly Step[], values: Given["values"]): Promise<Ended> {
  const [work, artifacts] = [join(scene.top, "agents", stage), join(scene.top, "artifacts")];
  const [folder, temp] = [join(work, "s"), join(work, "temp")];
  await scene.checkOut(folder);
  mkdirSync(temp, { recursive: true });
  let paths = "";
  let told: Ended = { code: 0, output: "" };
  for (const { bash, env = {}, publish, artifact = "", download, condition } of steps) {
    if (told.code !== 0 && condition !== "succeededOrFailed()") continue;
    if (publish !== undefined && existsSync(join(folder, publish))) {
      const to = join(artifacts, artifact, publish.includes(".") ? publish : "");
      cpSync(join(folder, publish), to, { recursive: true });
    }
    if (download !== undefined) {
      mkdirSync(work, { recursive: true });
      cpSync(join(artifacts, artifact), join(work, artifact), { recursive: true });
    }
    if (bash === undefined) continue;
    const given = Object.entries(env).map(([name, value]) => [name, fill(value, values)]);
    const all = { PIPELINE_WORKSPACE: work, AGENT_TEMPDIRECTORY: temp, ...Object.fromEntries(given) };
    const known = scene.env(all);
    known["PATH"] = `${paths}${known["PATH"]}`;
    const options = { cwd: folder, env: known, extendEnv: false, reject: false, all: true } as const;
    const ran = await execa("bash", ["--noprofile", "--norc", "-c", fill(bash, values)], options);
    for (const [, path] of ran.all.matchAll(/^##vso\[task\.prependpath\](.*)$/gm)) paths = `${path}:${paths}`;
    told = { code: ran.exitCode, output: `${told.output}${ran.all}\n` };
  }
  return told;
}

/** A variable that there is not stays as it is written. */
function fill(text: string, values: Given["values"]): string {
  return text.replaceAll(/\$\((\w+)\)/g, (written, name: string) => values[name] ?? written);
}

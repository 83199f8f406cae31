import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
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
  readonly continueOnError?: boolean;
  readonly task?: string;
  readonly inputs?: Readonly<Record<string, string>>;
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
  /** The folder of the engine's store on a machine that is new. */
  readonly store?: string;
}

/** Runs the stages whose condition holds and whose dependency has passed: each job in a clone of its own. */
export async function runStages(scene: Scene, text: string, run: Run): Promise<Map<string, Ended>> {
  const ended = new Map<string, Ended>();
  for (const { stage, dependsOn, condition, variables = [], jobs } of parse(text).stages as readonly Stage[]) {
    if (dependsOn !== undefined && ended.get(dependsOn)?.code !== 0) continue;
    if (condition !== undefined && !condition.includes(`'${run.ref}'`)) continue;
    const values = Object.assign({}, ...variables.map(({ group }) => run.groups[group] ?? {}));
    const isLet = (run.pressed ?? []).includes(stage);
    const told = await runJobs(scene, stage, jobs, { ref: run.ref, store: run.store, values, isLet });
    if (told !== undefined) ended.set(stage, told);
  }
  return ended;
}

interface Given {
  readonly ref: string;
  readonly store: string | undefined;
  readonly values: Readonly<Record<string, string>>;
  readonly isLet: boolean;
}

async function runJobs(scene: Scene, stage: string, jobs: readonly Job[], given: Given): Promise<Ended | undefined> {
  let told: Ended | undefined;
  for (const { pool, steps, strategy } of jobs) {
    // The job of no machine waits for a person.
    if (pool === "server" && !given.isLet) return told;
    if (pool !== "server") told = await runSteps(scene, stage, steps ?? strategy?.runOnce.deploy.steps ?? [], given);
  }
  return told;
}

async function runSteps(scene: Scene, stage: string, steps: readonly Step[], given: Given): Promise<Ended> {
  const [work, artifacts] = [join(scene.top, "agents", stage), join(scene.top, "artifacts")];
  const [folder, temp] = [join(work, "s"), join(work, "temp")];
  // Each job has a machine that is new.
  rmSync(work, { recursive: true, force: true });
  await scene.checkOut(folder);
  mkdirSync(temp, { recursive: true });
  let paths = "";
  let told = { code: 0, output: "" };
  const values: Record<string, string> = { ...given.values, "Pipeline.Workspace": work };
  const caches: AzureCache[] = [];
  for (const { bash, env = {}, publish, artifact = "", download, condition, ...step } of steps) {
    if (!isDue(condition, told.code, values)) continue;
    if (publish !== undefined && existsSync(join(folder, publish))) {
      const to = join(artifacts, artifact, publish.includes(".") ? publish : "");
      cpSync(join(folder, publish), to, { recursive: true });
    }
    if (download !== undefined) cpSync(join(artifacts, artifact), join(work, artifact), { recursive: true });
    if (step.task === "Cache@2") caches.push(new AzureCache(scene, given.ref, step.inputs ?? {}, values));
    if (bash === undefined) continue;
    const named = Object.entries(env).map(([name, value]) => [name, fill(value, values)]);
    const machine = given.store === undefined ? {} : { SLIPWAY_STORE: given.store };
    const all = { PIPELINE_WORKSPACE: work, AGENT_TEMPDIRECTORY: temp, ...machine, ...Object.fromEntries(named) };
    const known = scene.env(all);
    known["PATH"] = `${paths}${known["PATH"]}`;
    const options = { cwd: folder, env: known, extendEnv: false, reject: false, all: true } as const;
    const ran = await execa("bash", ["--noprofile", "--norc", "-c", fill(bash, values)], options);
    for (const [, path] of ran.all.matchAll(/^##vso\[task\.prependpath\](.*)$/gm)) paths = `${path}:${paths}`;
    for (const [, name = "", value = ""] of ran.all.matchAll(/^##vso\[task\.setvariable variable=(\w+)\](.*)$/gm))
      values[name] = value;
    // What a step leaves that may fail is no longer a job that succeeded: see `AzureCache`.
    const isLeft = step.continueOnError === true && ran.exitCode !== 0;
    told = { code: isLeft ? told.code : (ran.exitCode ?? 1), output: `${told.output}${ran.all}\n` };
    if (isLeft) caches.splice(0);
  }
  if (told.code === 0) for (const cache of caches) cache.save();
  return told;
}

function isDue(condition: string | undefined, code: number, values: Given["values"]): boolean {
  if (condition === undefined) return code === 0;
  if (condition === "succeededOrFailed()") return true;
  const [, name = "", value = ""] = /^and\(succeeded\(\), ne\(variables\['(\w+)'\], '(\w*)'\)\)$/.exec(condition) ?? [];
  if (name === "") throw new Error(`a condition that this runner does not know: ${condition}`);
  return code === 0 && (values[name] ?? "") !== value;
}

/**
 * What `Cache@2` does: it restores where it stands, and saves when the job has succeeded, unless there was exactly this key. A pull
 * request has caches of its own, and reads those of the branch that it goes to besides.
 */
class AzureCache {
  readonly #save: () => void;

  constructor(scene: Scene, ref: string, inputs: Readonly<Record<string, string>>, values: Record<string, string>) {
    const of = (name: string) => fill(inputs[name] ?? "", values);
    const [path, key] = [of("path"), nameOf(of("key"))];
    const folder = (branch: string) => join(scene.top, "caches", nameOf(branch));
    const readable = [...new Set([ref, "refs/heads/main"])].map(folder);
    const saved = readable.flatMap((from) =>
      existsSync(from) ? readdirSync(from).map((name) => ({ name, from })) : [],
    );
    const start = nameOf(of("restoreKeys"));
    const found = saved.find(({ name }) => name === key) ?? saved.find(({ name }) => name.startsWith(start));
    if (found !== undefined) cpSync(join(found.from, found.name), path, { recursive: true });
    values[inputs["cacheHitVar"] ?? ""] = found === undefined ? "false" : found.name === key ? "true" : "inexact";
    this.#save = () => {
      if (found?.name !== key) cpSync(path, join(folder(ref), key), { recursive: true });
    };
  }

  save(): void {
    this.#save();
  }
}

/** As the name of a folder. */
function nameOf(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, "_");
}

/** A variable that there is not stays as it is written. */
function fill(text: string, values: Given["values"]): string {
  return text.replaceAll(/\$\(([\w.]+)\)/g, (written, name: string) => values[name] ?? written);
}

import { createHash } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { Ended, Scene } from "./scene.ts";

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly "continue-on-error"?: boolean;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

interface Job {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly steps: readonly Step[];
}

/** What is known where a workflow runs. */
export interface Context {
  readonly event: "pull_request" | "push";
  /** By environment; those of the repository under "". */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly vars: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Environments that somebody has let the run into. */
  readonly approved: readonly string[];
  /** The folder of the engine's store on a machine that is new. */
  readonly store?: string;
}

/** What the steps of a job know of each other. */
interface Known {
  readonly event: Context["event"];
  readonly temp: string;
  readonly workspace: string;
  readonly outputs: Record<string, Readonly<Record<string, string>>>;
}

/**
 * Runs the jobs of a workflow as GitHub Actions would: those whose condition holds, in the order of `needs`, the scripts of each by
 * bash, its actions by a few lines that do the same.
 *
 * @returns how each job that ran has ended
 */
export async function runWorkflow(scene: Scene, text: string, context: Context): Promise<Map<string, Ended>> {
  const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, Job>> };
  const ended = new Map<string, Ended>();
  for (const [name, job] of Object.entries(jobs)) {
    const needed = (job.needs ?? []).every((one) => ended.get(one)?.code === 0);
    const isLetIn = job.environment !== "production" || context.approved.includes(job.environment);
    if (needed && isLetIn && holds(job.if, context)) ended.set(name, await runJob(scene, name, job, context));
  }
  return ended;
}

function holds(condition: string | undefined, { event }: Context): boolean {
  if (condition === undefined) return true;
  if (condition === "github.event_name == 'push'") return event === "push";
  throw new Error(`a condition that this runner does not know: ${condition}`);
}

async function runJob(scene: Scene, name: string, { environment, steps }: Job, context: Context): Promise<Ended> {
  const folder = join(scene.top, "jobs", name);
  rmSync(folder, { recursive: true, force: true });
  const [workspace, temp] = [join(folder, "work"), join(folder, "temp")];
  mkdirSync(temp, { recursive: true });
  const at = (file: string) => join(folder, file);
  const files = {
    GITHUB_PATH: at("path"),
    GITHUB_ENV: at("env"),
    GITHUB_STEP_SUMMARY: at("summary"),
    GITHUB_OUTPUT: at("output"),
  };
  for (const file of Object.values(files)) writeFileSync(file, "");
  let [code, output]: [number, string] = [0, ""];
  const known: Known = { event: context.event, temp, workspace, outputs: {} };
  for (const step of steps) {
    if (!isDue(step, code, known)) continue;
    if (step.uses !== undefined) await useAction(scene, step, known);
    if (step.run === undefined) continue;
    writeFileSync(files.GITHUB_OUTPUT, "");
    const paths = readFileSync(files.GITHUB_PATH, "utf8").split("\n").filter(Boolean);
    const base = scene.env({ ...files, RUNNER_TEMP: temp, GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/shop" });
    const given = Object.entries(step.env ?? {}).map(([key, value]) => [key, fill(value, context, environment)]);
    const machine = context.store === undefined ? {} : { SLIPWAY_STORE: context.store };
    const env = { ...base, ...machine, PATH: [...paths, base["PATH"]].join(":"), ...Object.fromEntries(given) };
    const script = join(folder, "script.sh");
    writeFileSync(script, step.run);
    const ran = await execa("bash", ["-e", script], {
      cwd: workspace,
      env,
      extendEnv: false,
      reject: false,
      all: true,
    });
    output += `${ran.all}\n`;
    if (code === 0 && step["continue-on-error"] !== true) code = ran.exitCode ?? 1;
    if (step.id !== undefined) known.outputs[step.id] = readOutputs(files.GITHUB_OUTPUT);
  }
  appendFileSync(join(folder, "log"), output);
  scene.keep(files.GITHUB_STEP_SUMMARY, `summary-${name}`);
  return { code, output };
}

function isDue({ if: condition }: Step, code: number, { event, outputs }: Known): boolean {
  if (condition === undefined) return code === 0;
  if (condition === "${{ !cancelled() }}") return true;
  if (condition === "${{ success() && github.event_name == 'push' && steps.warm.outputs.cache-hit != 'true' }}")
    return code === 0 && event === "push" && outputs["warm"]?.["cache-hit"] !== "true";
  throw new Error(`a condition that this runner does not know: ${condition}`);
}

function readOutputs(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
}

/** What the pinned actions do, as far as it matters here. */
async function useAction(scene: Scene, { uses = "", id = "", with: given = {} }: Step, known: Known): Promise<void> {
  const { workspace } = known;
  const action = uses.split("@")[0] ?? "";
  if (action.startsWith("actions/cache/")) {
    const of = (name: string) => fillKnown(given[name] ?? "", known);
    const cache = new GithubCache(scene, known.event);
    if (action === "actions/cache/save") return cache.save(of("path"), of("key"));
    known.outputs[id] = cache.restore(of("path"), of("key"), of("restore-keys"));
    return;
  }
  if (action === "actions/checkout") return await scene.checkOut(workspace);
  if (action === "actions/upload-artifact") {
    const path = given["path"] ?? "";
    return scene.keep(
      join(workspace, path),
      path.includes(".") ? join(given["name"] ?? "", path) : (given["name"] ?? ""),
    );
  }
  if (action === "actions/download-artifact") {
    const text = scene.artifact(`${given["name"]}/release.json`);
    if (text === undefined) throw new Error(`there is no artifact ${given["name"]}`);
    return writeFileSync(join(workspace, "release.json"), text);
  }
  if (action !== "actions/setup-node") throw new Error(`an action that this runner does not know: ${uses}`);
}

/** Expressions; a name that nobody has set is empty, as on GitHub. */
function fill(value: string, { secrets, vars }: Context, environment = ""): string {
  return value.replaceAll(/\$\{\{ (\w+)\.(\w+) \}\}/g, (_, scope: string, name: string) => {
    const known: Readonly<Record<string, Context["secrets"]>> = { secrets, vars };
    const found = known[scope];
    if (found === undefined) throw new Error(`an expression that this runner does not know: ${value}`);
    return found[environment]?.[name] ?? found[""]?.[name] ?? "";
  });
}

/** Expressions of a cache's steps. */
function fillKnown(value: string, { temp, workspace, outputs }: Known): string {
  return value.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
    const [, step = "", name = ""] = /^steps\.(\w+)\.outputs\.([\w-]+)$/.exec(expression) ?? [];
    if (step !== "") return outputs[step]?.[name] ?? "";
    if (expression === "runner.temp") return temp;
    if (expression.startsWith("hashFiles('slipway.yaml', '**/package-lock.json'"))
      return digest(readFileSync(join(workspace, "slipway.yaml")), readFileSync(join(workspace, "package-lock.json")));
    throw new Error(`an expression that this runner does not know: ${expression}`);
  });
}

function digest(...contents: readonly Buffer[]): string {
  return contents.reduce((hash, content) => hash.update(content), createHash("sha256")).digest("hex");
}

/** Caches as GitHub keeps them: a run saves for its own branch, and reads that and those of the protected one. */
class GithubCache {
  readonly #own: string;
  readonly #readable: readonly string[];

  constructor(scene: Scene, event: Context["event"]) {
    const of = (branch: string) => join(scene.top, "caches", branch);
    this.#own = of(event === "push" ? "main" : "pull");
    this.#readable = event === "push" ? [of("main")] : [of("pull"), of("main")];
    for (const folder of this.#readable) mkdirSync(folder, { recursive: true });
  }

  save(path: string, key: string): void {
    cpSync(path, join(this.#own, key), { errorOnExist: true, force: false });
  }

  restore(path: string, key: string, start: string): Record<string, string> {
    const saved = this.#readable.flatMap((folder) => readdirSync(folder).map((name) => ({ name, folder })));
    const found = saved.find(({ name }) => name === key) ?? saved.find(({ name }) => name.startsWith(start));
    if (found !== undefined) cpSync(join(found.folder, found.name), path);
    return { "cache-primary-key": key, "cache-hit": String(found?.name === key) };
  }
}

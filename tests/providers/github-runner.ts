import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import type { Ended, Scene } from "./scene.ts";

interface Step {
  readonly if?: string;
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
  const files = { GITHUB_PATH: at("path"), GITHUB_ENV: at("env"), GITHUB_STEP_SUMMARY: at("summary") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  let [code, output]: [number, string] = [0, ""];
  for (const step of steps) {
    if (code !== 0 && step.if !== "${{ !cancelled() }}") continue;
    if (step.uses !== undefined) await useAction(scene, step, workspace);
    if (step.run === undefined) continue;
    const paths = readFileSync(files.GITHUB_PATH, "utf8").split("\n").filter(Boolean);
    const base = scene.env({ ...files, RUNNER_TEMP: temp, GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/shop" });
    const given = Object.entries(step.env ?? {}).map(([key, value]) => [key, fill(value, context, environment)]);
    const env = { ...base, PATH: [...paths, base["PATH"]].join(":"), ...Object.fromEntries(given) };
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
    if (code === 0) code = ran.exitCode ?? 1;
  }
  appendFileSync(join(folder, "log"), output);
  scene.keep(files.GITHUB_STEP_SUMMARY, `summary-${name}`);
  return { code, output };
}

/** What the pinned actions do, as far as it matters here. */
async function useAction(scene: Scene, { uses = "", with: given = {} }: Step, workspace: string): Promise<void> {
  const action = uses.split("@")[0] ?? "";
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

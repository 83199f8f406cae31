import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Ended, Scene } from "../../providers/scene.ts";
import { type GoProgram, pathOf } from "../go-program.ts";

export const ACT: GoProgram = {
  folder: join(import.meta.dirname, "program"),
  source: "github.com/nektos/act",
  name: "act",
};

export const FILE = ".github/workflows/slipway.yml";

/** What is known where a workflow runs; act has no environments, so these are the same for all jobs. */
interface Known {
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
}

/** What act tells of a job, a line each. */
interface Line {
  readonly msg?: string;
  readonly jobID?: string;
  readonly jobResult?: string;
}

/**
 * Runs a workflow by act, on this machine. Actions of github.com, which cannot be reached, are replaced by those below actions/; what
 * they upload are artifacts of the scene.
 */
export async function runWorkflow(
  scene: Scene,
  event: "pull_request" | "push",
  { secrets, vars }: Known,
): Promise<Map<string, Ended>> {
  const artifacts = join(scene.top, "artifacts");
  mkdirSync(artifacts, { recursive: true });
  scene.writeAt(join(scene.top, "event.json"), JSON.stringify({ number: 7, pull_request: { number: 7 } }));
  const words = [
    event,
    "--json",
    "--strict",
    ...["--platform", "ubuntu-24.04=-self-hosted"],
    ...["--eventpath", join(scene.top, "event.json")],
    ...["--action-cache-path", join(scene.top, "act")],
    ...["--cache-server-path", join(scene.top, "act-cache"), "--no-cache-server"],
    ...Object.entries(secrets).flatMap(([name, value]) => ["--secret", `${name}=${value}`]),
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}=${value}`]),
    ...listActions(scene.read(FILE)).flatMap((action) => ["--local-repository", `${action}=${replace(action)}`]),
  ];
  const env = scene.env({ SLIPWAY_TEST_ARTIFACTS: artifacts });
  const options = { cwd: scene.source, env, extendEnv: false, reject: false, all: true, timeout: 300_000 } as const;
  const { all } = await execa(pathOf(ACT), words, options);
  return readLines(all);
}

/** The actions that a workflow uses, but the one that act knows itself. */
function listActions(text: string): string[] {
  // One may lie in a folder of its repository.
  const used = [...text.matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*(@\w+)/g)].map(([, name, commit]) => `${name}${commit}`);
  return [...new Set(used)].filter((action) => !action.startsWith("actions/checkout@"));
}

function replace(action: string): string {
  return join(import.meta.dirname, action.split("@")[0] ?? "");
}

/** How each job has ended, in the order in which they did. */
function readLines(output: string): Map<string, Ended> {
  const logs = new Map<string, string>();
  const ended = new Map<string, Ended>();
  for (const text of output.split("\n").filter((one) => one.startsWith("{"))) {
    const { msg = "", jobID: job, jobResult } = JSON.parse(text) as Line;
    if (job === undefined) continue;
    logs.set(job, `${logs.get(job) ?? ""}${msg.trimEnd()}\n`);
    if (jobResult !== undefined) ended.set(job, { code: jobResult === "success" ? 0 : 1, output: logs.get(job) ?? "" });
  }
  if (ended.size === 0) throw new Error(`act has run no job:\n${output}`);
  return ended;
}

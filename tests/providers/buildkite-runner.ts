import { chmodSync, cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { type Ended, type Scene, SIGNED } from "./scene.ts";

const READER = join(import.meta.dirname, "tools/buildkite/buildkite");

interface Step {
  readonly key: string;
  readonly block?: string;
  readonly depends_on?: readonly string[];
  readonly if?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly commands?: readonly string[];
  readonly artifact_paths?: string;
}

interface Run {
  readonly branch: string;
  /** The number of a pull request. */
  readonly pullRequest?: number;
  readonly secrets: Readonly<Record<string, string>>;
  /** Block steps that somebody unblocks. */
  readonly pressed?: readonly string[];
}

/** Those of the cluster, each with a value that says whose it is. */
export const SECRETS = {
  REGISTRY_USERNAME: "robot",
  REGISTRY_PASSWORD: "hush",
  SIGNING_KEY: "of publish",
  CANARY_KUBECONFIG: "of canary",
  PRODUCTION_KUBECONFIG: "of production",
  PRODUCTION_REGISTRY_USERNAME: "reader",
  PRODUCTION_REGISTRY_PASSWORD: "look",
  PRODUCTION_APPROVALS: SIGNED,
};

/** Uploads the pipeline as the agent does, and runs its steps, each in a clone of its own when those have passed that it waits for. */
export async function runPipeline(scene: Scene, text: string, run: Run): Promise<Map<string, Ended>> {
  const { stdout } = await execa(READER, { input: text });
  const agent = join(scene.bin, "buildkite-agent");
  writeFileSync(agent, AGENT(join(scene.top, "uploaded")));
  chmodSync(agent, 0o755);
  const passed = new Set<string>();
  const ended = new Map<string, Ended>();
  for (const step of parse(stdout).steps as readonly Step[]) {
    if (step.if !== undefined && !holds(step.if, run)) continue;
    if (!(step.depends_on ?? []).every((key) => passed.has(key))) continue;
    if (step.block !== undefined) {
      if ((run.pressed ?? []).includes(step.key)) passed.add(step.key);
      continue;
    }
    const told = await runStep(scene, step, run.secrets);
    ended.set(step.key, told);
    if (told.code === 0) passed.add(step.key);
  }
  return ended;
}

/** What the agent's program does for a deploy. */
const AGENT = (uploaded: string) => `#!/bin/sh
set -eu
[ "$1 $2" = "artifact download" ]
cp "${uploaded}/$3" "$4"
`;

/** The one kind of condition that the file has. */
export function holds(condition: string, { branch, pullRequest }: Pick<Run, "branch" | "pullRequest">): boolean {
  const wanted = /^build\.branch == "([^"]*)" && build\.pull_request\.id == null$/.exec(condition)?.[1];
  if (wanted === undefined) throw new Error(`not a condition that is known here: ${condition}`);
  return wanted === branch && pullRequest === undefined;
}

async function runStep(scene: Scene, step: Step, secrets: Run["secrets"]): Promise<Ended> {
  const folder = join(scene.top, "builds", step.key);
  await scene.checkOut(folder);
  const given = Object.entries(step.secrets ?? {}).map(([name, secret]) => {
    const value = secrets[secret];
    if (value === undefined) throw new Error(`step ${step.key}: there is no secret ${secret} for this build`);
    return [name, value];
  });
  const env = scene.env(Object.fromEntries(given));
  const options = { cwd: folder, env, extendEnv: false, reject: false, all: true } as const;
  const ran = await execa("bash", ["-e", "-c", (step.commands ?? []).join("\n")], options);
  // What is named is uploaded of a step that fails, too.
  if (step.artifact_paths?.startsWith("reports/") === true) scene.keep(join(folder, "reports"), "reports");
  else if (step.artifact_paths !== undefined && existsSync(join(folder, step.artifact_paths)))
    cpSync(join(folder, step.artifact_paths), join(scene.top, "uploaded", step.artifact_paths));
  return { code: ran.exitCode, output: ran.all };
}

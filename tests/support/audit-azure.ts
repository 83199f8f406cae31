import { parse } from "yaml";
import { auditSteps, nameAsVariable } from "./audit-steps.ts";

interface Step {
  readonly checkout?: string;
  readonly fetchDepth?: number;
  readonly persistCredentials?: boolean;
  readonly bash?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly task?: string;
  readonly download?: string;
  readonly publish?: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

interface Job {
  readonly job?: string;
  readonly deployment?: string;
  readonly dependsOn?: string;
  readonly environment?: string;
  readonly timeoutInMinutes?: number;
  readonly steps?: readonly Step[];
  readonly strategy?: { readonly runOnce?: { readonly deploy?: { readonly steps: readonly Step[] } } };
}

interface Stage {
  readonly stage: string;
  readonly dependsOn?: string;
  readonly condition?: string;
  readonly variables?: readonly { readonly group?: string }[];
  readonly lockBehavior?: string;
  readonly jobs: readonly Job[];
}

const ON_BRANCH = /^and\(succeeded\(\), eq\(variables\['Build\.SourceBranch'\], 'refs\/heads\/[\w./-]+'\)\)$/;

/** What is wrong with a file of Azure Pipelines, a line each. It knows nothing of how it was generated. */
export function auditAzure(text: string): string[] {
  const { trigger, pr, variables, stages } = parse(text);
  const all = stages as readonly Stage[];
  const names = all.map(({ stage }) => stage);
  return [
    ...(Array.isArray(trigger?.branches?.include) ? [] : ["runs for every branch"]),
    ...(pr === undefined ? ["runs for no pull request"] : []),
    ...(variables === undefined ? [] : ["variables of the whole pipeline"]),
    ...all.flatMap((stage) => auditStage(stage, names).map((line) => `${stage.stage}: ${line}`)),
  ];
}

function auditStage(stage: Stage, names: readonly string[]): string[] {
  const { stage: name, dependsOn, condition, variables = [], lockBehavior, jobs } = stage;
  const ring = /^deploy_(.*)$/.exec(name)?.[1]?.replaceAll("_", "-");
  const isDelivery = name !== "test";
  const groups = variables.flatMap(({ group }) => group ?? []);
  const wanted = isDelivery ? `slipway-${ring ?? name}` : "";
  const deploys = jobs.filter(({ deployment }) => deployment !== undefined);
  const asks = jobs.find(({ steps = [] }) => steps.some(({ task }) => task?.startsWith("ManualValidation@")));
  return [
    ...(dependsOn === undefined || names.includes(dependsOn) ? [] : [`waits for ${dependsOn}`]),
    ...(isDelivery && dependsOn === undefined ? ["waits for nothing"] : []),
    ...(isDelivery && !ON_BRANCH.test(condition ?? "") ? ["runs for pull requests"] : []),
    ...(groups.join() === wanted ? [] : [`has the secrets of ${groups.join(" and ") || "nothing"}`]),
    ...(ring === undefined
      ? []
      : [
          ...(deploys[0]?.environment === ring ? [] : ["has not the environment of its ring"]),
          ...(lockBehavior === "sequential" ? [] : ["one that waits is left out"]),
        ]),
    ...(ring === "production" && (asks === undefined || deploys[0]?.dependsOn !== asks.job) ? ["asks nobody"] : []),
    ...jobs.flatMap((job) => auditJob(job, ring)),
  ];
}

function auditJob({ job, deployment, timeoutInMinutes, steps, strategy }: Job, ring: string | undefined): string[] {
  const all = steps ?? strategy?.runOnce?.deploy?.steps ?? [];
  const name = (deployment ?? job ?? "").replaceAll("_", "-");
  const script = all.flatMap(({ bash }) => bash?.split("\n") ?? []);
  const env = Object.assign({}, ...all.map((step) => step.env ?? {}));
  const values = Object.entries(env as Record<string, string>).flatMap(([variable, value]) =>
    variable === "SLIPWAY_APPROVALS" ? [] : [[variable, value.replace(/^\$\((.*)\)$/, "$1")] as const],
  );
  const kept = script.flatMap((line) => /sudo --preserve-env=(\S+)/.exec(line)?.[1]?.split(",") ?? []);
  const isDelivery = name === "publish" || ring !== undefined;
  return [
    ...(timeoutInMinutes === undefined ? ["no time limit"] : []),
    ...auditSteps([{ name, script, secrets: Object.fromEntries(values) }], nameAsVariable).map((line) =>
      line.replace(`${name}: `, ""),
    ),
    ...(/\$\((?!mktemp)/.test(script.join("\n")) ? ["pasted into a script"] : []),
    ...(kept.length > 0 && values.some(([variable]) => !kept.includes(variable))
      ? ["a secret is not kept by sudo"]
      : []),
    ...all.flatMap(({ bash, task, persistCredentials }) => [
      ...(bash === undefined || bash.startsWith("set -e\n") ? [] : ["goes on after a line that fails"]),
      ...(task === undefined || /@\d+$/.test(task) ? [] : [`${task}: of no version`]),
      ...(persistCredentials === true ? ["leaves a token in the folder"] : []),
    ]),
    ...(isDelivery && name !== "ask" && !all.some(({ fetchDepth }) => fetchDepth === 0)
      ? ["not all of the history"]
      : []),
    ...all.flatMap((step) => auditCache(step, isDelivery)),
    ...(deployment !== undefined && !all.some(({ download }) => download === "current") ? ["has no release"] : []),
  ];
}

/** What a key may be made of: nothing of it can be chosen by whoever opens a pull request. */
const KEY = /^"\$\(storeBuild\)"(?: \| "\$\(storeKey\)")?$/;

function auditCache({ task = "", inputs = {} }: Step, isDelivery: boolean): string[] {
  if (!task.startsWith("Cache@")) return [];
  const keys = [inputs["key"], inputs["restoreKeys"]].filter((key) => key !== undefined);
  return [
    ...(isDelivery ? ["begins with what another run has left"] : []),
    ...keys.flatMap((key) => (KEY.test(key) ? [] : [`the key of a cache is ${key}`])),
  ];
}

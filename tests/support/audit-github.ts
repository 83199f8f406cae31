import { parse } from "yaml";

interface Step {
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean | string };
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: object;
  readonly env?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Where each secret may be read, and nothing else may. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  REGISTRY_USERNAME: /^(?:publish|deploy-.*)$/,
  REGISTRY_PASSWORD: /^(?:publish|deploy-.*)$/,
  SIGNING_KEY: /^publish$/,
  RING_KUBECONFIG: /^deploy-/,
};

/** Which job may write what, and nothing else may. */
const MAY_WRITE: Readonly<Record<string, string>> = { packages: "publish", "security-events": "code-scanning" };

/** What is wrong with a workflow of ours beyond its syntax, a line each. It knows nothing of how it was generated. */
export function auditGithub(text: string): string[] {
  const { on, permissions, env, jobs } = parse(text) as Workflow;
  return [
    ...Object.keys(on).flatMap((event) =>
      ["pull_request", "merge_group", "push"].includes(event) ? [] : [`event ${event}`],
    ),
    ...(permissions !== undefined && Object.keys(permissions).length === 0 ? [] : ["permissions of the workflow"]),
    ...(env === undefined ? [] : ["variables of the whole workflow"]),
    ...Object.entries(jobs).flatMap(([name, job]) => auditJob(name, job, jobs).map((line) => `${name}: ${line}`)),
  ];
}

function auditJob(name: string, job: Job, jobs: Workflow["jobs"]): string[] {
  const isDelivery = /^(?:publish|deploy-)/.test(name);
  const secrets = [...JSON.stringify(job).matchAll(/secrets\.(\w+)/g)].map((match) => match[1] ?? "");
  const cancels = job.concurrency?.["cancel-in-progress"];
  return [
    ...(job["timeout-minutes"] === undefined ? ["no time limit"] : []),
    ...Object.entries(job.permissions ?? { all: "write" }).flatMap(([scope, right]) =>
      right === "write" && MAY_WRITE[scope] !== name ? [`may write ${scope}`] : [],
    ),
    ...(job.needs ?? []).flatMap((needed) => (Object.hasOwn(jobs, needed) ? [] : [`needs ${needed}`])),
    ...secrets.flatMap((secret) => (SECRETS[secret]?.test(name) ? [] : [`secret ${secret}`])),
    ...(isDelivery && job.if !== "github.event_name == 'push'" ? ["runs for more than a push"] : []),
    ...(isDelivery && !reachesChecks(name, jobs) ? ["does not wait for the checks"] : []),
    ...(name.startsWith("deploy-") && job.environment !== name.slice(7) ? ["has not the environment of its ring"] : []),
    ...(name.startsWith("deploy-") && cancels !== false ? ["a running deploy may be stopped"] : []),
    ...job.steps.flatMap((step) => auditStep(step)),
    ...job.steps.flatMap((step) => auditCache(step, name)),
  ];
}

/** The checks of all engines lie before it. */
function reachesChecks(name: string, jobs: Workflow["jobs"], seen: readonly string[] = []): boolean {
  const needs = jobs[name]?.needs ?? [];
  const checks = Object.keys(jobs).filter((other) => other.startsWith("test"));
  if (checks.every((check) => needs.includes(check))) return true;
  return needs.some((next) => !seen.includes(next) && reachesChecks(next, jobs, [...seen, name]));
}

/** What a key may be made of: nothing of it can be chosen by whoever opens a pull request. */
const KEY =
  /^(?:\$\{\{ (?:steps\.store\.outputs\.key|steps\.warm\.outputs\.cache-primary-key|hashFiles\([^)]*\)) \}\}|[\w-]+)+$/;

/** Only checks may begin with what another run has left, and only a push may leave something. */
function auditCache({ if: condition = "", uses = "", with: given = {} }: Step, job: string): string[] {
  const part = /^actions\/cache(\/\w+)?@/.exec(uses);
  if (part === null) return [];
  const keys = [given["key"], given["restore-keys"]]
    .filter((key) => key !== undefined)
    .join("\n")
    .split("\n");
  return [
    ...(job.startsWith("test") ? [] : ["begins with what another run has left"]),
    ...(part[1] === "/restore" || condition.includes("success() && github.event_name == 'push' && ")
      ? []
      : ["saves a cache for more than a push"]),
    ...keys.flatMap((key) => (KEY.test(key) ? [] : [`the key of a cache is ${key}`])),
  ];
}

function auditStep({ uses, run, env }: Step): string[] {
  return [
    ...(uses === undefined || /^[\w-]+(?:\/[\w-]+){1,2}@[0-9a-f]{40}$/.test(uses) ? [] : [`not pinned: ${uses}`]),
    ...(run?.includes("${{") === true ? [`pasted into a script: ${run}`] : []),
    ...Object.keys(env ?? {}).flatMap((name) =>
      run?.includes(name) === true || /^DAGGER_|^GH_TOKEN$/.test(name) ? [] : [`${name} is given and not used`],
    ),
  ];
}

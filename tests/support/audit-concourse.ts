import { parse } from "yaml";

interface PlanStep {
  readonly get?: string;
  readonly put?: string;
  readonly passed?: readonly string[];
  readonly trigger?: boolean;
  readonly task?: string;
  readonly timeout?: string;
  readonly input_mapping?: Readonly<Record<string, string>>;
  readonly config?: {
    readonly platform: string;
    readonly image_resource?: { readonly source: { readonly tag?: string } };
    readonly inputs?: readonly { readonly name: string }[];
    readonly outputs?: readonly { readonly name: string }[];
    readonly params?: Readonly<Record<string, string>>;
    readonly run: { readonly path: string; readonly args: readonly string[] };
  };
}

interface Job {
  readonly name: string;
  readonly serial?: boolean;
  readonly plan: readonly PlanStep[];
}

interface Pipeline {
  readonly resources: readonly { readonly name: string; readonly source: Readonly<Record<string, unknown>> }[];
  readonly jobs: readonly Job[];
}

/** Keys of a step, of those kinds that are used. */
const KEYS = /^(?:get|put|passed|trigger|version|params|task|privileged|timeout|tags|config|input_mapping)$/;

/** Keys of a task, of which Concourse's own validation checks none. */
const TASK_KEYS = /^(?:platform|image_resource|inputs|outputs|params|run|caches|container_limits|rootfs_uri)$/;

/** A time limit, which it does not check either. */
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|m|s))+$/;

/** Where each variable of the credential manager may be read. */
const SECRETS: readonly (readonly [variable: RegExp, task: RegExp])[] = [
  [/^(?:registry-username|registry-password|signing-key)$/, /^publish$/],
  [/^(?<ring>[\w-]+)-(?:kubeconfig|approvals|registry-username|registry-password)$/, /^deploy-/],
  [/^dagger-engine$/, /./],
];

/** What is wrong with a pipeline of Concourse, its references among it, a line each. It knows nothing of how it was generated. */
export function auditConcourse(text: string): string[] {
  const { resources, jobs } = parse(text) as Pipeline;
  const used = jobs.flatMap(({ plan }) => plan.flatMap(({ get, put }) => [get, put]));
  return [
    ...resources.flatMap(({ name, source }) => [
      ...(used.includes(name) ? [] : [`resource ${name} is not used`]),
      ...(name === "pull-request" && source["disable_forks"] !== true ? ["forks have a worker to themselves"] : []),
    ]),
    ...jobs.flatMap((job) => auditJob(job, { resources, jobs }).map((line) => `${job.name}: ${line}`)),
  ];
}

function auditJob(job: Job, { resources, jobs }: Pipeline): string[] {
  const [first] = job.plan;
  const isDelivery = job.name.startsWith("deploy-");
  const before = jobs.slice(0, jobs.indexOf(job)).map(({ name }) => name);
  return [
    ...(isDelivery && job.serial !== true ? ["two of them run at once"] : []),
    ...(isDelivery && (first?.passed ?? []).length === 0 ? ["waits for nothing"] : []),
    ...(job.name === "deploy-production" && first?.trigger === true ? ["asks nobody"] : []),
    ...(first?.passed ?? []).flatMap((name) => (before.includes(name) ? [] : [`passed ${name}`])),
    ...job.plan.flatMap((step, at) => [
      ...Object.keys(step).flatMap((key) => (KEYS.test(key) ? [] : [`unknown key ${key}`])),
      ...[step.get ?? step.put].flatMap((name) =>
        name === undefined || resources.some((one) => one.name === name) ? [] : [`no resource ${name}`],
      ),
      ...(step.config === undefined ? [] : auditTask(job, step, at)),
    ]),
  ];
}

function auditTask(job: Job, { task = "", timeout, config, input_mapping }: PlanStep, at: number): string[] {
  const there = job.plan
    .slice(0, at)
    .flatMap(({ get, config: made }) => [
      ...(get === undefined ? [] : [get]),
      ...(made?.outputs ?? []).map(({ name }) => name),
    ]);
  const script = config?.run.args.join("\n") ?? "";
  const params = Object.entries(config?.params ?? {});
  return [
    ...Object.keys(config ?? {}).flatMap((key) => (TASK_KEYS.test(key) ? [] : [`unknown key ${key} of ${task}`])),
    ...(timeout === undefined ? ["no time limit"] : []),
    ...(timeout === undefined || DURATION.test(timeout) ? [] : [`no time limit: ${timeout}`]),
    ...(/^(?:latest)?$/.test(config?.image_resource?.source.tag ?? "") ? ["an image of no version"] : []),
    ...(config?.inputs ?? []).flatMap(({ name }) =>
      there.includes(input_mapping?.[name] ?? name) ? [] : [`no ${name}`],
    ),
    ...(script.includes("((") ? ["pasted into a script"] : []),
    ...params.flatMap(([name, value]) => [
      ...[...value.matchAll(/\(\(([^)]*)\)\)/g)].flatMap(([, variable = ""]) =>
        mayRead(task, variable) ? [] : [`${task} reads ${variable}`],
      ),
      ...(script.includes(name) || name.startsWith("_EXPERIMENTAL_DAGGER") ? [] : [`${name} is given and not used`]),
    ]),
  ];
}

function mayRead(task: string, variable: string): boolean {
  return SECRETS.some(([name, where]) => {
    const found = name.exec(variable);
    const ring = found?.groups?.["ring"];
    return found !== null && where.test(task) && (ring === undefined || task === `deploy-${ring}`);
  });
}

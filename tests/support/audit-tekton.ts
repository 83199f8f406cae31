import { parse } from "yaml";
import { auditSteps, nameAsVariable } from "./audit-steps.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly Variable[];
  readonly args?: readonly string[];
  readonly script?: string;
  readonly securityContext?: object;
  readonly volumeMounts?: readonly { readonly name: string }[];
}

interface Task {
  readonly name: string;
  readonly runAfter?: readonly string[];
  readonly timeout?: string;
  readonly taskRef?: { readonly kind?: string; readonly resolver?: string };
  readonly params?: readonly { readonly name: string; readonly value: unknown }[];
  readonly taskSpec?: { readonly steps: readonly Container[]; readonly sidecars?: readonly Container[] };
}

interface PipelineRun {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly taskRunTemplate?: {
      readonly serviceAccountName?: string;
      readonly podTemplate?: { readonly automountServiceAccountToken?: boolean };
    };
    readonly pipelineSpec: { readonly tasks: readonly Task[] };
  };
}

/** What is wrong with a run of Tekton that Pipelines-as-Code starts, a line each. It knows nothing of how it was generated. */
export function auditTekton(text: string): string[] {
  const { metadata, spec } = parse(text) as PipelineRun;
  const { annotations } = metadata;
  const { tasks } = spec.pipelineSpec;
  const { serviceAccountName, podTemplate } = spec.taskRunTemplate ?? {};
  const isOfPush = asks(annotations, "on-event") === "[push]";
  const delivers = tasks.some(({ name }) => !name.startsWith("test"));
  return [
    ...(serviceAccountName === "slipway" ? [] : ["runs as an account that others give rights to"]),
    ...(podTemplate?.automountServiceAccountToken === false ? [] : ["steps have a token of the cluster"]),
    ...(delivers && !isOfPush ? ["delivers for other events than a push"] : []),
    ...(isOfPush && !/^\[refs\/heads\/[\w./-]+\]$/.test(asks(annotations, "on-target-branch") ?? "")
      ? ["starts for other branches or tags"]
      : []),
    ...(isOfPush && asks(annotations, "cancel-in-progress") !== "false" ? ["stops a running deploy"] : []),
    ...tasks.flatMap((task) => auditTask(task, tasks).map((line) => `${task.name}: ${line}`)),
  ];
}

const asks = (annotations: PipelineRun["metadata"]["annotations"], name: string) =>
  annotations[`pipelinesascode.tekton.dev/${name}`];

function auditTask(task: Task, tasks: readonly Task[]): string[] {
  const { name, runAfter = [], timeout, taskRef, taskSpec } = task;
  const before = tasks.slice(0, tasks.indexOf(task));
  const asked = before.some((one) => runAfter.includes(one.name) && one.taskRef?.kind === "ApprovalTask");
  return [
    ...runAfter.flatMap((one) => (before.some((other) => other.name === one) ? [] : [`runs after ${one}`])),
    ...(!name.startsWith("test") && runAfter.length === 0 ? ["waits for nothing"] : []),
    ...(timeout === undefined ? ["no time limit"] : []),
    ...(name === "deploy-production" && !asked ? ["asks nobody"] : []),
    ...(taskRef === undefined ? [] : auditReference(task)),
    ...(taskSpec === undefined
      ? []
      : [...taskSpec.steps, ...(taskSpec.sidecars ?? [])].flatMap((one) => auditContainer(name, one))),
  ];
}

function auditReference({ name, taskRef, params = [] }: Task): string[] {
  const ring = name.replace(/^allow-/, "");
  const approvers = params.find((one) => one.name === "approvers")?.value;
  return [
    ...(taskRef?.resolver === undefined ? [] : ["is fetched when it runs"]),
    ...(JSON.stringify(approvers) === JSON.stringify([`group:slipway-${ring}`]) ? [] : ["is answered by others"]),
  ];
}

function auditContainer(
  task: string,
  { name, image, env = [], args = [], script = "", volumeMounts = [] }: Container,
): string[] {
  const refs = env.flatMap(({ name: variable, valueFrom }) =>
    valueFrom?.secretKeyRef === undefined ? [] : [[variable, valueFrom.secretKeyRef] as const],
  );
  const secrets = Object.fromEntries(refs.map(([variable, { key }]) => [variable, key]));
  const place = task.replace(/^deploy-/, "");
  const isCall = name === "call";
  return [
    ...refs.flatMap(([variable, secret]) =>
      secret.name === `slipway-${place}` ? [] : [`${variable} is of ${secret.name}`],
    ),
    ...auditSteps([{ name: isCall ? task : name, image, script: [script], secrets }], nameAsVariable).map((line) =>
      line.replace(/^[\w-]+: /, ""),
    ),
    ...(/\$\(params\.|\{\{/.test(script) ? ["pasted into a script"] : []),
    ...(isCall && volumeMounts.some((mount) => mount.name === "git") ? ["has the token of the source"] : []),
    ...(args.some((word) => /--host=tcp:/.test(word)) ? ["Docker is open to all pods"] : []),
  ];
}

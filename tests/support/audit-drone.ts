import { parse, parseAllDocuments } from "yaml";
import { type AuditedStep, auditSteps, listEndless } from "./audit-steps.ts";

/** A step as Drone and Woodpecker have it. */
export interface DroneStep {
  readonly name: string;
  readonly image?: string;
  readonly commands?: readonly string[];
  readonly environment?: Readonly<Record<string, string | { readonly from_secret: string }>>;
}

interface Pipeline {
  readonly kind: string;
  readonly name: string;
  readonly trigger?: Readonly<Partial<Record<"event" | "ref" | "target" | "branch", readonly string[]>>>;
  readonly depends_on?: readonly string[];
  readonly concurrency?: { readonly limit?: number };
  readonly clone?: { readonly depth?: number };
  readonly steps: readonly DroneStep[];
}

/** What is wrong with the pipelines of Drone, a line each. It knows nothing of how they were generated. */
export function auditDrone(text: string): string[] {
  const pipelines = parseAllDocuments(text).map((document) => document.toJS() as Pipeline);
  const names = pipelines.map(({ name }) => name);
  return pipelines.flatMap((pipeline) =>
    auditPipeline(pipeline, names).map((line) => (line.includes(": ") ? line : `${pipeline.name}: ${line}`)),
  );
}

function auditPipeline(pipeline: Pipeline, names: readonly string[]): string[] {
  const { name, trigger = {}, depends_on = [], concurrency, clone, steps } = pipeline;
  const { event = [], ref = [], target = [] } = trigger;
  const isDelivery = !name.startsWith("test");
  return [
    ...auditDroneSteps(steps),
    ...(ref.length === 0 ? ["runs for every branch"] : []),
    ...depends_on.flatMap((one) => (names.includes(one) ? [] : [`waits for ${one}`])),
    ...(!isDelivery
      ? []
      : [
          ...(event.includes("pull_request") || ref.some((one) => !/^refs\/heads\/[\w./-]+$/.test(one))
            ? ["runs for pull requests"]
            : []),
          ...(event.includes("promote") || depends_on.length > 0 ? [] : ["waits for nothing"]),
          ...(concurrency?.limit === 1 ? [] : ["two of them run at once"]),
          ...(clone?.depth === undefined ? [] : ["not all of the history"]),
          ...listWithoutRelease(steps),
        ]),
    ...(name === "deploy-production" && !(event.join() === "promote" && target.join() === "production")
      ? ["asks nobody"]
      : []),
  ];
}

/** What is wrong with steps of Drone or Woodpecker. */
function auditDroneSteps(steps: readonly DroneStep[]): string[] {
  return [
    ...auditSteps(steps.map(read), nameSecret),
    ...steps.flatMap(({ name, commands = [] }) => [
      ...listEndless(commands).map((line) => `${name}: ${line}`),
      // These systems read it before the shell does.
      ...(commands.join("\n").includes("${") ? [`${name}: replaced before it runs`] : []),
    ]),
  ];
}

/** Deploys of a release that no step before has made. */
function listWithoutRelease(steps: readonly DroneStep[]): string[] {
  const made = steps.findIndex(({ commands = [] }) => commands.join("\n").includes("-o release.json"));
  return steps.flatMap(({ name, commands = [] }, at) =>
    commands.join("\n").includes("--release release.json") && (made === -1 || made > at)
      ? [`${name}: has no release`]
      : [],
  );
}

function read({ name, image, commands = [], environment = {} }: DroneStep): AuditedStep {
  const secrets = Object.entries(environment).flatMap(([variable, value]) =>
    typeof value === "string" ? [] : [[variable, value.from_secret] as const],
  );
  return { name, ...(image === undefined ? {} : { image }), script: commands, secrets: Object.fromEntries(secrets) };
}

function nameSecret(variable: string, step: string): string | undefined {
  const ring = /^deploy-(.*)$/.exec(step)?.[1];
  if (ring !== undefined) return `${ring}_${variable.replace("RING_", "").toLowerCase()}`;
  return step === "publish" ? variable.toLowerCase() : undefined;
}

/** One file of Woodpecker. */
interface Workflow {
  readonly when?: readonly { readonly event: string; readonly ref?: string; readonly evaluate?: string }[];
  readonly depends_on?: readonly string[];
  readonly concurrency?: number;
  readonly clone?: readonly { readonly image: string; readonly settings?: { readonly partial?: boolean } }[];
  readonly steps: readonly (DroneStep & { readonly when?: readonly { readonly evaluate?: string }[] })[];
}

/** What is wrong with the workflows of Woodpecker, a line each. @param files texts by path */
export function auditWoodpecker(files: ReadonlyMap<string, string>): string[] {
  const names = [...files.keys()].map(nameOf);
  return [...files].flatMap(([path, text]) =>
    auditWorkflow(nameOf(path), parse(text) as Workflow, names).map((line) =>
      line.includes(": ") ? line : `${nameOf(path)}: ${line}`,
    ),
  );
}

function auditWorkflow(name: string, workflow: Workflow, names: readonly string[]): string[] {
  const { when = [], depends_on = [], concurrency, clone = [], steps } = workflow;
  const isDelivery = !name.startsWith("test");
  const isAsked = when.length > 0 && when.every(({ event, evaluate }) => event === "deployment" && evaluate);
  return [
    ...auditDroneSteps(steps),
    ...(when.length === 0 || when.some(({ event, ref }) => event !== "pull_request" && ref === undefined)
      ? ["runs for every branch"]
      : []),
    ...depends_on.flatMap((one) => (names.includes(one) ? [] : [`waits for ${one}`])),
    ...(!isDelivery
      ? []
      : [
          ...(when.some(({ event }) => event === "pull_request") ? ["runs for pull requests"] : []),
          ...(isAsked || depends_on.length > 0 ? [] : ["waits for nothing"]),
          ...(concurrency === 1 ? [] : ["two of them run at once"]),
          ...(clone[0]?.settings?.partial === false ? [] : ["not all of the history"]),
          ...clone.flatMap(({ image }) => (/:\d/.test(image) ? [] : ["clones by an image of no version"])),
          ...listWithoutRelease(steps),
        ]),
    ...steps.flatMap(({ name: step, when: own }) =>
      step === "deploy-production" && !(isAsked && own?.[0]?.evaluate?.endsWith('== "production"'))
        ? [`${step}: asks nobody`]
        : [],
    ),
  ];
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.yaml$/, "");
}

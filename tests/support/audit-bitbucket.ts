import { parse } from "yaml";
import { auditSteps, nameAsVariable } from "./audit-steps.ts";

interface Step {
  readonly name: string;
  readonly image?: string;
  readonly "max-time"?: number;
  readonly runtime?: { readonly cloud?: { readonly version?: unknown } };
  readonly services?: readonly string[];
  readonly "runs-on"?: readonly string[];
  readonly script: readonly string[];
  readonly artifacts?: readonly string[] | object;
  readonly deployment?: string;
  readonly clone?: { readonly depth?: unknown };
  readonly trigger?: string;
}

type Item = { readonly step: Step } | { readonly parallel: { readonly steps: readonly { readonly step: Step }[] } };

interface File {
  readonly definitions?: { readonly services?: Readonly<Record<string, object>> };
  readonly pipelines: Readonly<Record<string, Readonly<Record<string, readonly Item[]>>>>;
}

const KEYS =
  /^(?:name|image|max-time|size|runtime|services|runs-on|script|artifacts|deployment|clone|trigger|oidc|caches)$/;

/** What is wrong with a file of Bitbucket Pipelines, much of which its schema lets pass, a line each. */
export function auditBitbucket(text: string): string[] {
  const { definitions, pipelines, ...rest } = parse(text) as File;
  const events = Object.entries(pipelines ?? {});
  return [
    ...Object.keys(rest).map((key) => `unknown key ${key}`),
    ...events.flatMap(([event, byName]) =>
      Object.entries(byName).flatMap(([name, items]) => {
        const steps = items.flatMap(stepsOf);
        const isBranch = event === "branches" && !/[*{]/.test(name);
        return [
          ...(isBranch ? auditBranch(items.map(stepsOf)) : steps.flatMap(refuseDelivery)),
          ...steps.flatMap((step) => auditStep(step, definitions).map((line) => `${step.name}: ${line}`)),
        ];
      }),
    ),
  ];
}

function stepsOf(item: Item): Step[] {
  return "step" in item ? [item.step] : item.parallel.steps.map(({ step }) => step);
}

function refuseDelivery({ name, deployment }: Step): string[] {
  return deployment === undefined && name.startsWith("test") ? [] : [`${name}: runs for pull requests`];
}

function auditBranch(items: readonly (readonly Step[])[]): string[] {
  const steps = items.flat();
  const places = steps.flatMap(({ deployment }) => deployment ?? []);
  return [
    ...(items[0]?.every(({ name }) => name.startsWith("test")) ? [] : ["waits for no checks"]),
    ...places.flatMap((place, at) => (places.indexOf(place) === at ? [] : [`two steps deploy to ${place}`])),
    ...steps.flatMap(({ name, script }, at) =>
      script.join("\n").includes("--release release.json") && !steps.slice(0, at).some(handsOnRelease)
        ? [`${name}: has no release`]
        : [],
    ),
  ];
}

function handsOnRelease({ artifacts }: Step): boolean {
  return Array.isArray(artifacts) && artifacts.includes("release.json");
}

function auditStep(step: Step, definitions: File["definitions"]): string[] {
  const { name, runtime, services = [], deployment, clone, trigger } = step;
  const isCloud = step["runs-on"] === undefined;
  const isDelivery = !name.startsWith("test");
  const place = /^deploy-(.*)$/.exec(name)?.[1] ?? name;
  return [
    ...Object.keys(step).flatMap((key) => (KEYS.test(key) ? [] : [`unknown key ${key}`])),
    ...(Array.isArray(step.script) && step.script.length > 0 ? [] : ["no script"]),
    ...(Number.isInteger(step["max-time"]) ? [] : ["no time limit"]),
    ...(isCloud && runtime?.cloud?.version !== "3" ? ["its Docker has not the rights that an engine needs"] : []),
    ...services.flatMap((one) => (definitions?.services?.[one] === undefined ? [`no service ${one}`] : [])),
    ...(isDelivery && deployment !== place ? [`has the secrets of ${deployment ?? "nothing"}`] : []),
    ...(isDelivery && clone?.depth !== "full" ? ["not all of the history"] : []),
    ...(name === "deploy-production" && trigger !== "manual" ? ["asks nobody"] : []),
    ...auditSecrets(step),
  ];
}

/** A step has what its environment has, which is everything that its script takes from the environment. */
function auditSecrets({ name, image, script = [] }: Step): string[] {
  const used = [...script.join("\n").matchAll(/(?:env:|\$)(REGISTRY_\w+|SIGNING_\w+|RING_\w+)/g)].map(
    ([, variable = ""]) => [variable, variable] as const,
  );
  const asked = { name, ...(image === undefined ? {} : { image }), script, secrets: Object.fromEntries(used) };
  return auditSteps([asked], nameAsVariable).map((line) => line.replace(`${name}: `, ""));
}

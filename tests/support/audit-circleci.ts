import { parse } from "yaml";
import { auditSteps, listEndless, nameAsVariable } from "./audit-steps.ts";

interface Job {
  readonly machine?: true | { readonly image: string };
  readonly docker?: readonly object[];
  readonly steps: readonly (string | Readonly<Record<string, Readonly<Record<string, unknown>>>>)[];
}

interface Place {
  readonly type?: string;
  readonly requires?: readonly string[];
  readonly context?: readonly string[];
  readonly filters?: { readonly branches?: { readonly only?: readonly string[] } };
  readonly "serial-group"?: string;
}

const JOB_KEYS = /^(?:machine|resource_class|steps|environment)$/;
const PLACE_KEYS = /^(?:type|requires|context|filters|serial-group)$/;

/** What is wrong with a file of CircleCI, a line each. It knows nothing of how it was generated. */
export function auditCircleci(text: string): string[] {
  const { version, jobs, workflows, ...rest } = parse(text);
  const places = (workflows.slipway.jobs as readonly (string | Record<string, Place>)[]).map(
    (one): readonly [string, Place] => (typeof one === "string" ? [one, {}] : (Object.entries(one)[0] ?? ["", {}])),
  );
  const names = places.map(([name]) => name);
  return [
    ...(version === 2.1 ? [] : ["no version"]),
    ...Object.keys(rest).map((key) => (key === "orbs" ? "uses what somebody else may change" : `unknown key ${key}`)),
    ...places.flatMap(([name, place]) => auditPlace(name, place, places).map((line) => `${name}: ${line}`)),
    ...Object.entries(jobs as Record<string, Job>).flatMap(([name, job]) => [
      ...(names.includes(name) ? [] : [`${name}: is in no workflow`]),
      ...auditJob(name, job).map((line) => (line.startsWith(`${name}: `) ? line : `${name}: ${line}`)),
    ]),
    ...places.flatMap(([name, { type }]) =>
      type === "approval" || name in jobs ? [] : [`${name}: there is no such job`],
    ),
  ];
}

function auditPlace(name: string, place: Place, places: readonly (readonly [string, Place])[]): string[] {
  const { type, requires = [], context = [], filters } = place;
  const ring = /^deploy-(.*)$/.exec(name)?.[1];
  const isDelivery = !name.startsWith("test");
  const asked = places.some(([other, { type: kind }]) => kind === "approval" && requires.includes(other));
  const own = ring ?? (name === "publish" ? name : undefined);
  const wanted = own === undefined ? [] : [`slipway-${own}`];
  return [
    ...Object.keys(place).flatMap((key) => (PLACE_KEYS.test(key) ? [] : [`unknown key ${key}`])),
    ...(type === undefined || type === "approval" ? [] : [`no type ${type}`]),
    ...requires.flatMap((one) => (places.some(([other]) => other === one) ? [] : [`waits for ${one}`])),
    ...(isDelivery && requires.length === 0 ? ["waits for nothing"] : []),
    ...(isDelivery && filters?.branches?.only === undefined ? ["runs for every branch"] : []),
    ...(context.join() === wanted.join() ? [] : [`has the secrets of ${context.join(" and ") || "nothing"}`]),
    ...(ring !== undefined && place["serial-group"] === undefined ? ["two of them run at once"] : []),
    ...(ring === "production" && !asked ? ["asks nobody"] : []),
  ];
}

function auditJob(name: string, job: Job): string[] {
  const steps = job.steps.map((step) => (typeof step === "string" ? { [step]: {} } : step));
  const script = steps.flatMap(({ run }) => String(run?.["command"] ?? "").split("\n"));
  const used = [...script.join("\n").matchAll(/(?:env:|\$)(REGISTRY_\w+|SIGNING_\w+|RING_\w+)/g)].map(
    ([, variable = ""]) => [variable, variable] as const,
  );
  const secrets = Object.fromEntries(used);
  const isDelivery = !name.startsWith("test");
  const has = (key: string) => steps.some((step) => key in step);
  const image = typeof job.machine === "object" ? { image: job.machine.image } : {};
  const lost = script
    .flatMap((line) => /sudo --preserve-env=(\S+)/.exec(line)?.[1]?.split(",") ?? [])
    .filter((variable) => variable !== "CI");
  return [
    ...Object.keys(job).flatMap((key) => (JOB_KEYS.test(key) ? [] : [`unknown key ${key}`])),
    ...(job.machine === undefined ? ["no machine of its own"] : []),
    ...auditSteps([{ name, script, secrets, ...image }], nameAsVariable),
    ...listEndless(script),
    ...(script.some((line) => line.includes("sudo ")) && Object.keys(secrets).some((one) => !lost.includes(one))
      ? ["a secret is not kept by sudo"]
      : []),
    ...(steps.some(({ run }) => / call /.test(String(run?.["command"])) && run?.["no_output_timeout"] === undefined)
      ? ["ends when nothing is said"]
      : []),
    ...(isDelivery && !steps.some(({ checkout }) => checkout?.["method"] === "full") ? ["not all of the history"] : []),
    ...(name === "publish" && !has("persist_to_workspace") ? ["hands on no release"] : []),
    ...(name.startsWith("deploy-") && !has("attach_workspace") ? ["has no release"] : []),
  ];
}

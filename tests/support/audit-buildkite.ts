import { parse } from "yaml";
import { auditSteps } from "./audit-steps.ts";

interface Step {
  readonly key: string;
  readonly block?: string;
  readonly depends_on?: readonly string[];
  readonly if?: string;
  readonly timeout_in_minutes?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly commands?: readonly string[];
  readonly artifact_paths?: string;
  readonly concurrency?: number;
  readonly concurrency_group?: string;
}

const ON_BRANCH = /^build\.branch == "[\w./-]+" && build\.pull_request\.id == null$/;

/** What is wrong with a pipeline of Buildkite, a line each. It knows nothing of how it was generated. */
export function auditBuildkite(text: string): string[] {
  const { steps, ...rest } = parse(text) as { readonly steps: readonly Step[] };
  return [
    ...Object.keys(rest).map((key) => `${key} of the whole pipeline`),
    ...steps.flatMap((step) => auditStep(step, steps).map((line) => `${step.key}: ${line}`)),
  ];
}

function auditStep(step: Step, steps: readonly Step[]): string[] {
  const { key, block, depends_on = [], secrets = {}, commands = [] } = step;
  const ring = /^deploy-(.*)$/.exec(key)?.[1];
  const isDelivery = !key.startsWith("test");
  const script = commands.map((line) => line.replaceAll("$$", "$"));
  const asked = steps.some((other) => other.block !== undefined && depends_on.includes(other.key));
  const { SLIPWAY_APPROVALS: _, ...own } = secrets;
  return [
    ...depends_on.flatMap((one) => (steps.some((other) => other.key === one) ? [] : [`waits for ${one}`])),
    ...(isDelivery && depends_on.length === 0 ? ["waits for nothing"] : []),
    ...(isDelivery && !ON_BRANCH.test(step.if ?? "") ? ["runs for pull requests"] : []),
    ...(block === undefined && step.timeout_in_minutes === undefined ? ["no time limit"] : []),
    ...auditSteps([{ name: key, script, secrets: own }], nameSecret).map((line) => line.replace(`${key}: `, "")),
    ...(/(?<!\$)(?:\$\$)*\$(?!\$)/.test(commands.join("\n")) ? ["replaced when it is uploaded"] : []),
    ...(key === "publish" && step.artifact_paths !== "release.json" ? ["hands on no release"] : []),
    ...(ring === undefined
      ? []
      : [
          ...(step.concurrency === 1 && step.concurrency_group?.endsWith(`-${ring}`)
            ? []
            : ["two of them run at once"]),
          ...(script.some((line) => line.startsWith("buildkite-agent artifact download release.json"))
            ? []
            : ["has no release"]),
        ]),
    ...(ring === "production" && !asked ? ["asks nobody"] : []),
  ];
}

function nameSecret(variable: string, step: string): string | undefined {
  const ring = /^deploy-(.*)$/.exec(step)?.[1];
  if (ring !== undefined) return `${ring.replaceAll("-", "_").toUpperCase()}_${variable.replace("RING_", "")}`;
  return step === "publish" ? variable : undefined;
}

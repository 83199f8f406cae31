import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { StartedPipeline } from "./drone-runner.ts";
import type { Scene } from "./scene.ts";

/** What has happened, in Woodpecker's words. */
export interface Event {
  readonly event: string;
  readonly ref: string;
  readonly target?: string;
}

interface Condition {
  readonly event?: string;
  readonly ref?: string;
  readonly evaluate?: string;
}

interface Step {
  readonly name: string;
  readonly commands: readonly string[];
  readonly environment?: Readonly<Record<string, string | { readonly from_secret: string }>>;
  readonly when?: readonly Condition[];
}

/** The workflows that an event starts, those first that others wait for; one whose dependency does not start is left out, as there. */
export function startWorkflows(scene: Scene, happened: Event): StartedPipeline[] {
  const all = readdirSync(join(scene.source, ".woodpecker")).map((file) => ({
    name: file.replace(/\.yaml$/, ""),
    ...(parse(scene.read(`.woodpecker/${file}`)) as {
      readonly when: readonly Condition[];
      readonly depends_on?: readonly string[];
      readonly steps: readonly Step[];
    }),
  }));
  const started = all.filter(({ when }) => matches(when, happened));
  const names = started.map(({ name }) => name);
  return started
    .filter(({ depends_on = [] }) => depends_on.every((name) => names.includes(name)))
    .sort((left, right) => (left.depends_on ?? []).length - (right.depends_on ?? []).length)
    .map(({ name, depends_on = [], steps }) => ({
      name,
      depends_on,
      steps: steps.filter(({ when }) => when === undefined || matches(when, happened)).map(readStep),
    }));
}

function matches(conditions: readonly Condition[], { event, ref, target = "" }: Event): boolean {
  return conditions.some(
    (one) =>
      (one.event ?? event) === event &&
      (one.ref ?? ref) === ref &&
      (one.evaluate === undefined || evaluate(one.evaluate, target)),
  );
}

/** The one kind of expression that the files have. */
function evaluate(expression: string, target: string): boolean {
  return expression.split(" || ").some((part) => {
    const wanted = /^CI_PIPELINE_DEPLOY_TARGET == "([^"]*)"$/.exec(part)?.[1];
    if (wanted === undefined) throw new Error(`not an expression that is known here: ${part}`);
    return wanted === target;
  });
}

function readStep({ name, commands, environment = {} }: Step): StartedPipeline["steps"][number] {
  const variables = Object.entries(environment).map(([variable, value]) => [
    variable,
    typeof value === "string" ? { value } : value,
  ]);
  return { name, commands, environment: Object.fromEntries(variables) };
}

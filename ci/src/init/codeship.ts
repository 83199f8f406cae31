import { parse, stringify } from "yaml";
import { toName } from "../config/found-name.ts";
import type { Settings } from "../config/settings.ts";
import { entries, type Fields, fields } from "../input/fields.ts";
import { hasFile, type Outline } from "../repository/outline.ts";

const STEPS = "codeship-steps.yml";
const SERVICES = "codeship-services.yml";

/** What Codeship ran as checks, to be copied: it has shut down, and its steps are worth keeping. */
export function tellCodeship({ checks, providers }: Settings, outline: Outline): string[] {
  if (!hasFile(outline, STEPS)) return [];
  const other = Object.keys(providers).length > 0 ? "" : "; `providers` names another system";
  const known = new Set(
    Object.values(checks).flatMap(({ run }) => (typeof run === "string" ? run : run.map((words) => words.join(" ")))),
  );
  const found = readChecks(outline).filter(([, { run }]) => !known.has(run));
  const text = stringify(Object.fromEntries(found), { collectionStyle: "flow", lineWidth: 0 }).trim();
  return [
    `${STEPS} is there, and Codeship has shut down${other}`,
    ...(found.length === 0 ? [] : [`the steps of ${STEPS} as checks: \`checks: ${text}\``]),
  ];
}

type Check = readonly [name: string, check: { readonly run: string; readonly image?: string }];

/** Steps that run on every branch; what is pushed or deployed is a release. */
function readChecks(outline: Outline): Check[] {
  const services = fields(read(outline, SERVICES));
  const names = new Set<string>();
  return listSteps(read(outline, STEPS), undefined).map(({ name, service, command }): Check => {
    const start = toName(name) || "step";
    let free = start;
    for (let number = 2; names.has(free); number += 1) free = `${start}-${number}`;
    names.add(free);
    // What Codeship built from a Dockerfile is the image of the check anyway.
    const { image } = fields(services[service ?? ""]);
    return [free, { run: command, ...(typeof image === "string" ? { image } : {}) }];
  });
}

interface Step {
  readonly name: string;
  readonly service: string | undefined;
  readonly command: string;
}

function listSteps(list: unknown, service: string | undefined): Step[] {
  return entries(list).flatMap((entry): Step[] => {
    const step: Fields = fields(entry);
    if (step["tag"] !== undefined || step["type"] === "push") return [];
    const own = textOf(step["service"]) ?? textOf(entries(step["services"])[0]) ?? service;
    const command = textOf(step["command"]);
    if (command === undefined) return listSteps(step["steps"], own);
    return [{ name: textOf(step["name"]) ?? command.split(/\s/, 1)[0] ?? "", service: own, command }];
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** Nothing of a file that is no YAML: nothing here depends on it. */
function read(outline: Outline, path: string): unknown {
  try {
    return parse(outline.told.has(path) ? (outline.text(path) ?? "") : "");
  } catch {
    return undefined;
  }
}

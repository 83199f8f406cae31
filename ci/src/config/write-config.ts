import { type Fields, isFields } from "../input/fields.ts";
import { DEFAULT, type Decisions } from "./decisions.ts";
import type { ProviderSettings } from "./provider-schema.ts";
import type { CheckSettings, ServiceSettings, Settings } from "./settings.ts";

type Path = readonly string[];

/** The first line of a file that editors complete. */
const SCHEMA_LINE = "# yaml-language-server: $schema=https://unpkg.com/slipway/ci/slipway.schema.json";

/** Beyond this column the origins are not aligned: one long value would push them all away. */
const MOST_ALIGNED = 60;

/**
 * The settings as a slipway.yaml that says everything, with where each value is from behind it. Read again in the same
 * repository it means the same.
 */
export function writeConfig(settings: Settings): string {
  const lines = writeMembers(asFile(settings), [], settings.decisions);
  const widths = lines.map(({ text }) => text.length).filter((width) => width <= MOST_ALIGNED);
  const column = Math.max(0, ...widths);
  const written = lines.map(({ text, from }) => (from === undefined ? text : `${text.padEnd(column)}  # ${from}`));
  return `${[SCHEMA_LINE, ...written].join("\n")}\n`;
}

/** The settings in the form of the file. */
export function asFile(settings: Settings): Fields {
  const { product, services, backing, compose, front, checks, unwantedChecks, answers, images, rings } = settings;
  const { approvals, providers } = settings;
  return {
    product,
    services: Object.fromEntries(Object.entries(services).map(([name, service]) => [name, serviceAsFile(service)])),
    backing,
    compose,
    front,
    checks: {
      ...Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, checkAsFile(check)])),
      ...Object.fromEntries(unwantedChecks.map((name) => [name, false])),
    },
    projects: answers,
    images: Object.fromEntries(
      Object.entries(images).filter(([key, value]) => key !== "platforms" || !Array.isArray(value) || value.length > 0),
    ),
    rings: Object.fromEntries(Object.keys(rings).map((name) => [name, ringAsFile(settings, name)])),
    approvals,
    providers: Object.fromEntries(
      Object.entries(providers).map(([name, provider]) => [name, providerAsFile(provider)]),
    ),
  };
}

/** Who answers nobody has no probe. */
function serviceAsFile({ probe, ...service }: ServiceSettings): Fields {
  const { path, kind, port, ...rest } = service;
  return kind === "service" ? { path, kind, port, probe, ...rest } : service;
}

function checkAsFile({ run, timeoutSeconds, ...rest }: CheckSettings): Fields {
  const [first, second] = typeof run === "string" ? [] : run;
  const single = first !== undefined && second === undefined ? first : run;
  return { run: single, ...rest, timeout: tellTime(timeoutSeconds) };
}

/** Without manifests that are only supposed to be there: named in a file, they would have to be. */
function ringAsFile({ rings, decisions }: Settings, name: string): Fields {
  const { manifests, ...rules } = rings[name] ?? {};
  if (manifests === undefined || decisions.of(["rings", name, "manifests", "path"]).from === DEFAULT) return rules;
  const { path, kind } = manifests;
  return { manifests: kind === "helm" ? manifests : { path, kind }, ...rules };
}

/** A list of one as its member. */
function providerAsFile({ engines, command, runner, deliver }: ProviderSettings): Fields {
  const single = (list: readonly string[]) => (list.length > 1 ? list : list[0]);
  return { engine: single(engines), command, runner: single(runner), deliver };
}

/** In the largest unit that it is a whole number of. */
function tellTime(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

interface Line {
  readonly text: string;
  readonly from?: string;
}

/** Mappings open a level; everything else stands on one line, with where it is from. */
function writeMembers(value: Fields, path: Path, decisions: Decisions): Line[] {
  return Object.entries(value).flatMap(([key, member]): Line[] => {
    if (member === undefined) return [];
    const at = [...path, key];
    const start = `${"  ".repeat(path.length)}${writeText(key)}:`;
    if (isFields(member) && Object.keys(member).length > 0)
      return [{ text: start }, ...writeMembers(member, at, decisions)];
    return [{ text: `${start} ${writeValue(member)}`, from: decisions.of(at).from }];
  });
}

function writeValue(value: unknown): string {
  if (typeof value === "string") return writeText(value);
  if (Array.isArray(value)) return `[${value.map(writeValue).join(", ")}]`;
  return isFields(value) ? "{}" : String(value);
}

/** As it is where YAML reads it as the same text, otherwise between quotes. */
function writeText(text: string): string {
  const isPlain =
    /^(?:[A-Za-z/.][\w./@-]*|[1-9]\d*[smh])$/.test(text) &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$|^\.(?:inf|nan)$|^\.\d/i.test(text);
  if (isPlain) return text;
  const quoted = JSON.stringify(text);
  return quoted.replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffd]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

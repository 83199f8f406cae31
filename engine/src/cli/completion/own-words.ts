import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseDocument } from "yaml";
import { findWorkspace } from "../../api/workspace-view.ts";
import { storeDir } from "../../store/system-words.ts";
import { keptRuns } from "../../trace/kept-runs.ts";
import { commandText, outcomeText } from "../../trace/run-text.ts";
import type { KnownFlag, Named } from "./known-module.ts";

/** Sections of slipway.yaml by the arguments of Slipway's own functions that take a name from them. */
const BY_FLAG: Readonly<Record<string, readonly string[]>> = {
  from: ["rings"],
  ring: ["rings"],
  service: ["services"],
  to: ["rings"],
};

/** The same for `--name`, which means another thing in each function. */
const BY_FUNCTION: Readonly<Record<string, readonly string[]>> = {
  backing: ["backing"],
  check: ["checks"],
  explain: ["services", "backing", "checks", "rings"],
  reports: ["checks"],
};

/** Checks that Slipway brings along, by the section of slipway.yaml that they are about. They are there when it has an entry. */
const BROUGHT_ALONG: Readonly<Record<string, Named>> = {
  rings: { name: "manifests", about: "check of the manifests of every ring" },
  providers: { name: "workflows-current", about: "check of the generated files of CI systems" },
};

/** The functions that take these as a `--name` too. */
const WITH_BROUGHT_ALONG: readonly string[] = ["check", "reports"];

/** The only values that an argument of a function may have, by function and flag. */
const CHOICES: Readonly<Record<string, Readonly<Record<string, readonly Named[]>>>> = {
  metrics: {
    format: [
      { name: "table", about: "for a person" },
      { name: "openmetrics", about: "for Prometheus or a Pushgateway" },
      { name: "json", about: "for a script" },
    ],
  },
};

/** No settings and no release file is larger than this. */
const MOST_BYTES = 1024 * 1024;
/** So many files of a folder are looked into. */
const MOST_FILES = 100;

/**
 * The values of an argument of one of Slipway's functions: fixed ones, or the names that slipway.yaml has for it, of rings, services
 * and checks. None if there is no such file, or if it cannot be read.
 *
 * @param called the function, in kebab case
 */
export function ownValues(called: string, flag: KnownFlag, cwd: string): readonly Named[] {
  return CHOICES[called]?.[flag.name] ?? namesInSettings(called, flag, cwd);
}

function namesInSettings(called: string, flag: KnownFlag, cwd: string): readonly Named[] {
  const sections = flag.name === "name" ? BY_FUNCTION[called] : BY_FLAG[flag.name];
  if (sections === undefined) return [];
  const settings = readSettings(cwd) ?? {};
  const named = sections.flatMap((section) => {
    const members = membersOf(settings, section);
    return Object.keys(members).map((name) => ({ name, about: aboutMember(section, members, name) }));
  });
  if (flag.name !== "name" || !WITH_BROUGHT_ALONG.includes(called)) return named;
  const along = Object.entries(BROUGHT_ALONG).flatMap(([section, check]) =>
    Object.keys(membersOf(settings, section)).length === 0 ? [] : [check],
  );
  return [...named, ...along.filter(({ name }) => !named.some((one) => one.name === name))];
}

function membersOf(settings: Readonly<Record<string, unknown>>, section: string): object {
  const members = settings[section];
  return typeof members !== "object" || members === null || Array.isArray(members) ? {} : members;
}

function aboutMember(section: string, members: object, name: string): string {
  const kind = section === "backing" ? "backing service" : section.replace(/s$/, "");
  const after = (members as Record<string, { readonly after?: unknown } | null>)[name]?.after;
  return section === "rings" && typeof after === "string" ? `${kind}, after ${after}` : kind;
}

function readSettings(cwd: string): Readonly<Record<string, unknown>> | undefined {
  const { root } = findWorkspace(cwd);
  for (let folder = cwd; ; folder = dirname(folder)) {
    const text = readSmall(join(folder, "slipway.yaml"));
    if (text !== undefined) {
      const settings: unknown = parseDocument(text, { logLevel: "silent", merge: false }).toJS({ maxAliasCount: 0 });
      return typeof settings === "object" && settings !== null ? (settings as Record<string, unknown>) : undefined;
    }
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}

/** The kept runs by number, the newest first. */
export function listRuns(env: NodeJS.ProcessEnv): readonly Named[] {
  return [...keptRuns(resolve(storeDir(env)))].map((run, place) => ({
    name: String(place + 1),
    about: `${commandText(run)}, ${outcomeText(run)}`,
  }));
}

/** The release files in a folder, each with the name of its release and its commit. */
export function releaseFiles(folder: string, cwd: string): readonly Named[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.slice(0, MOST_FILES).flatMap((name) => {
    const path = join(folder, name);
    const release = readRelease(readSmall(path));
    return release === undefined ? [] : [{ name: relative(cwd, path), about: release }];
  });
}

function readRelease(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('"r-')) return undefined;
  const { id, commit, commitTime } = parse(text);
  if (![id, commit, commitTime].every((one) => typeof one === "string")) return undefined;
  return `release ${String(id).slice(0, 10)} of commit ${String(commit).slice(0, 10)}, ${String(commitTime)}`;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function readSmall(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MOST_BYTES) return undefined;
  return readFileSync(path, "utf8");
}

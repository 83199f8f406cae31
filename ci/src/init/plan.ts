import { dirname } from "node:path/posix";
import { type Detect, readSettings } from "../config/read-settings.ts";
import type { Settings } from "../config/settings.ts";
import { fields } from "../input/fields.ts";
import { addressOf, namesSlipway } from "../input/module-file.ts";
import { SET_UP, SETUP_FILE } from "../input/setup-file.ts";
import { foldersUp, hasFile, isBelow, isThere, type Outline } from "../repository/outline.ts";
import { addOpenLines, findLeftOpen, type LeftOpen } from "./left-open.ts";
import { type ProposedConfig, proposeConfig } from "./propose-config.ts";
import { listRemarks } from "./remarks.ts";
import { findUnprepared, writeRingAccounts } from "./ring-accounts.ts";
import { ringManifests } from "./ring-manifests.ts";

/** The file that says what this repository is to Slipway. */
const CONFIG = "slipway.yaml";

/** A file that is there already and is not as `init` would have it. */
export interface Difference {
  readonly path: string;
  readonly what: string;
  readonly todo: string;
}

/** What `init` does in a repository. Nothing that is there is written over; only .gitignore gets lines at its end. */
export interface InitPlan {
  /** As they count now. */
  readonly found: Settings;
  /** As they count once everything is written. */
  readonly settings: Settings;
  /** Undefined when there is a slipway.yaml: then that counts, and nothing is proposed. */
  readonly proposal: ProposedConfig | undefined;
  /** By service: what only a person can say. It stands in the proposal as comments. */
  readonly open: ReadonlyMap<string, readonly LeftOpen[]>;
  /** Whole texts by path, in the order in which they are told. */
  readonly writes: Readonly<Record<string, string>>;
  readonly kept: readonly string[];
  readonly differences: readonly Difference[];
  /** What stops nothing and a person should know. */
  readonly remarks: readonly string[];
  /** What stands behind `slipway call`, where the functions of another module answer to that alone. */
  readonly module: string | undefined;
}

/** What is never to be committed: values for arguments, secrets among them. */
const IGNORED = [".env"];

/**
 * Looks at a repository and decides what would make it one of Slipway's.
 *
 * @param version of Slipway, for the schema and the address of the module
 * @throws ConfigError, Undecided when the repository cannot be taken as it is; nothing is to be written then
 */
export function planInit(outline: Outline, detect: Detect, version: string): InitPlan {
  const present = outline.text(CONFIG);
  const found = readSettings(present, outline, detect);
  const proposal = present === undefined ? proposeConfig(outline, found, version) : undefined;
  // Read again: what is written has to be taken, and manifests are made from what will count.
  const settings = proposal === undefined ? found : readSettings(proposal.text, outline, detect);
  const open = proposal === undefined ? new Map<string, readonly LeftOpen[]>() : findLeftOpen(outline, settings);
  const wanted: Record<string, string> = {
    ...(proposal === undefined ? {} : { [CONFIG]: addOpenLines(proposal.text, open) }),
    "dagger.json": daggerJson(settings.product, version),
    ...missingManifests(outline, settings),
    ...ringAccounts(settings),
  };
  const blocked = Object.keys(wanted).flatMap((path) => {
    const file = foldersUp(dirname(path)).find((folder) => hasFile(outline, folder));
    return file === undefined ? [] : [{ path, file }];
  });
  const writes = Object.fromEntries(
    Object.entries(wanted).filter(([path]) => !isThere(outline, path) && !blocked.some((one) => one.path === path)),
  );
  const ofModule = differenceOfModule(outline.text("dagger.json"), version);
  const ignore = outline.folders.has(".gitignore") ? undefined : gitIgnore(outline.text(".gitignore"));
  return {
    found,
    settings,
    proposal,
    open,
    writes: { ...writes, ...(ignore === undefined ? {} : { ".gitignore": ignore }) },
    kept: [CONFIG, "dagger.json", ".gitignore"].filter(
      (path) => hasFile(outline, path) && !(path === ".gitignore" && ignore !== undefined),
    ),
    differences: [
      ...ofModule,
      ...["dagger.json", ".gitignore"].filter((path) => outline.folders.has(path)).map(differenceOfFolder),
      ...differenceOfConfig(present, settings),
      ...differenceOfAccounts(outline, settings),
      ...[...new Set(blocked.map(({ file }) => file))].map(differenceOfFile),
    ],
    remarks: listRemarks({ ...found, checks: settings.checks }, outline),
    module: ofModule.length === 0 ? undefined : `-m ${addressOf(version)}`,
  };
}

/**
 * The plan without what is hidden: a file that git ignores is there all the same, and is not written over.
 *
 * @param there those paths of the writes that are there, and what lies below them
 */
export function leaveHidden(plan: InitPlan, outline: Outline, there: readonly string[]): InitPlan {
  const taken = Object.keys(plan.writes).filter(
    (path) => !hasFile(outline, path) && there.some((other) => isBelow(other.replace(/\/$/, ""), path)),
  );
  const writes = Object.fromEntries(Object.entries(plan.writes).filter(([path]) => !taken.includes(path)));
  const differences = taken.map((path) => ({
    path,
    what: "it exists already, but .gitignore hides it, or it is a link to nowhere",
    todo: "remove it from .gitignore if it is Slipway's, or move it away and run init again",
  }));
  return { ...plan, writes, differences: [...plan.differences, ...differences] };
}

function daggerJson(name: string, version: string): string {
  const blueprint = { name: "slipway", source: addressOf(version) };
  return `${JSON.stringify({ name, engineVersion: "v0.21.8", blueprint }, undefined, 2)}\n`;
}

/** Only where a ring has none at all: what somebody has begun is theirs. */
function missingManifests(outline: Outline, settings: Settings): Record<string, string> {
  const rings = Object.entries(settings.rings).filter(
    ([ring, { manifests }]) =>
      manifests.path === `manifests/${ring}` && !outline.paths.some((path) => path.startsWith(`manifests/${ring}/`)),
  );
  if (rings.length === 0 || Object.keys(settings.services).length === 0) return {};
  const hasBase = outline.paths.some((path) => path.startsWith("manifests/base/"));
  const all = ringManifests(
    settings,
    rings.map(([ring, { namespace }]) => ({ ring, namespace })),
  );
  return Object.fromEntries(Object.entries(all).filter(([path]) => !(hasBase && path.startsWith("manifests/base/"))));
}

function ringAccounts({ rings }: Settings): Record<string, string> {
  return Object.keys(rings).length === 0 ? {} : { [SETUP_FILE]: writeRingAccounts(rings) };
}

function gitIgnore(present = ""): string | undefined {
  const lines = present
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line) => line.trim());
  const missing = IGNORED.filter((wanted) => !lines.includes(wanted) && !lines.includes(`/${wanted}`));
  if (missing.length === 0) return undefined;
  const end = present.includes("\r\n") ? "\r\n" : "\n";
  const start = present === "" || present.endsWith("\n") ? present : `${present}${end}`;
  return `${start}${missing.map((line) => `${line}${end}`).join("")}`;
}

function differenceOfModule(present: string | undefined, version: string): Difference[] {
  if (present === undefined) return [];
  const source = addressOf(version);
  let config: unknown;
  try {
    config = JSON.parse(present);
  } catch {
    return [{ path: "dagger.json", what: "it is not JSON", todo: "fix it, and run init again" }];
  }
  if (typeof config !== "object" || config === null || Array.isArray(config))
    return [
      { path: "dagger.json", what: "it is not a module: expected a JSON object", todo: "fix it, and run init again" },
    ];
  const { name } = fields(config);
  if (namesSlipway(config)) return [];
  return [
    {
      path: "dagger.json",
      what: `it is your own module${typeof name === "string" ? ` (${name})` : ""}, and does not name Slipway`,
      todo: `add "toolchains": [{ "name": "slipway", "source": "${source}" }] to add Slipway to it, or use slipway call -m ${source}`,
    },
  ];
}

function differenceOfFolder(path: string): Difference {
  return { path, what: "it is a folder, but has to be a file", todo: "move it away, and run init again" };
}

/** Rings that were named later have to get into it: what stands there may have been changed by hand. */
function differenceOfAccounts(outline: Outline, { rings }: Settings): Difference[] {
  const present = outline.text(SETUP_FILE);
  const missing = present === undefined ? [] : findUnprepared(rings, present);
  if (missing.length === 0) return [];
  return [
    {
      path: SETUP_FILE,
      what: `it has no account for ${missing.map((ring) => `ring ${ring} (namespace ${rings[ring]?.namespace})`).join(", ")}`,
      todo: `move it away, run init again, copy your changes to the new file, then ${SET_UP}`,
    },
  ];
}

function differenceOfFile(path: string): Difference {
  return {
    path,
    what: "it is a file or a link, so the manifests cannot be written below it",
    todo: "move it away and run init again, or say in rings of slipway.yaml where the manifests are",
  };
}

function differenceOfConfig(present: string | undefined, { rings, services }: Settings): Difference[] {
  if (present === undefined || Object.keys(rings).length > 0 || Object.keys(services).length === 0) return [];
  return [
    {
      path: CONFIG,
      what: "it names no rings, so nothing can be deployed",
      todo: "add rings: { canary: {}, production: { after: canary } } and run init again for their manifests",
    },
  ];
}

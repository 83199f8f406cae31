import { pathClean } from "../../go-texts/path-clean.ts";
import type { DependencyConfig } from "../config.ts";

/** Why a module names another one. */
export type RelatedKind = "dependency" | "toolchain";

/** A module that another one names: what stands in its dagger.json, and what that means. */
export interface Related {
  /** As it stands in dagger.json, with all that is said there about a toolchain. */
  readonly config: DependencyConfig;
  /** What it is known by: the address without a version, or the way from the module that names it. */
  readonly place: string;
  /** Of an address; undefined where it says none, and for a folder of this machine. */
  readonly version: string | undefined;
  readonly isLocal: boolean;
}

const PLURALS: Readonly<Record<RelatedKind, string>> = { dependency: "dependencies", toolchain: "toolchains" };

/**
 * The list with more modules in it, sorted by name. One of the same place is replaced.
 *
 * @throws Error `duplicate dependency name "x"`
 */
export function withRelated(
  kind: RelatedKind,
  before: readonly Related[],
  added: readonly Related[],
): readonly Related[] {
  const byPlace = new Map<string, Related>();
  const names = new Set<string>();
  for (const one of [...added, ...before]) {
    const known = kind === "toolchain" ? `${one.place}@${one.version ?? ""}` : one.place;
    if (byPlace.has(known)) continue;
    const { name } = one.config;
    if (names.has(name)) throw new Error(`duplicate ${kind} name ${JSON.stringify(name)}`);
    names.add(name);
    byPlace.set(known, one);
  }
  return [...byPlace.values()].sort((a, b) => (a.config.name < b.config.name ? -1 : 1));
}

/** Those of the words, each a name or a place with or without a version, that mean no module of the list. */
export function unknownIn(list: readonly Related[], words: readonly string[]): readonly string[] {
  return words
    .map(splitVersion)
    .filter((request) => !list.some((one) => isMeant(request, one, pathClean(request.place))))
    .map(({ place }) => place);
}

/**
 * The list without those of a name or a place. What is not in it is no fault.
 *
 * @throws Error when a version is named and another one is there
 */
export function withoutRelated(
  kind: RelatedKind,
  before: readonly Related[],
  wanted: readonly string[],
): readonly Related[] {
  return before.filter((one) => {
    const found = wanted.map(splitVersion).find((request) => isMeant(request, one, pathClean(request.place)));
    if (found === undefined) return true;
    checkVersion(kind, one, found.version);
    return false;
  });
}

function checkVersion(kind: RelatedKind, { place, version }: Related, wanted: string): void {
  if (wanted === "") return;
  const known = `the ${kind} ${JSON.stringify(place)} was installed`;
  const advice = "Try re-running without specifying the version number";
  const asked = `version ${JSON.stringify(wanted)} was requested to be uninstalled but ${known}`;
  if (version === undefined) throw new Error(`${asked} without a specific version. ${advice}`);
  if (version !== wanted && !version.endsWith(`/${wanted}`)) {
    throw new Error(`${asked} with ${JSON.stringify(version)}. ${advice}`);
  }
}

/** A module to be looked up anew. */
export interface Update {
  readonly related: Related;
  /** What is looked up. */
  readonly ref: string;
}

/**
 * What is to be looked up anew: all that are not of this machine, or those that are named, by name or place and with
 * `@version` for another one.
 *
 * @throws Error for a folder of this machine, and for what is not in the list
 */
export function updatesOf(kind: RelatedKind, list: readonly Related[], wanted: readonly string[]): readonly Update[] {
  const remote = list.filter(({ isLocal }) => !isLocal);
  if (wanted.length === 0) return remote.map((related) => ({ related, ref: refOf(related, "") }));
  const requests = wanted.map(splitVersion);
  if (list.some((one) => one.isLocal && requests.some((request) => isMeant(request, one)))) {
    throw new Error(`updating local ${PLURALS[kind]} is not supported`);
  }
  const missing = requests.filter((request) => !remote.some((one) => isMeant(request, one)));
  if (missing.length > 0) {
    const names = JSON.stringify(missing.map(({ place }) => place).join(","));
    throw new Error(`${kind} ${names} was requested to be updated, but it is not found in the ${PLURALS[kind]} list`);
  }
  return remote.flatMap((related) => {
    const request = requests.find((one) => isMeant(one, related));
    return request === undefined ? [] : [{ related, ref: refOf(related, request.version) }];
  });
}

function refOf({ place, version }: Related, wanted: string): string {
  const meant = wanted || version;
  return meant === undefined ? place : `${place}@${meant}`;
}

interface Request {
  readonly place: string;
  readonly version: string;
}

function isMeant({ place }: Request, { config, place: own }: Related, path = place): boolean {
  return place === config.name || path === own || place === own;
}

const WITH_VERSION = /^((?:[a-z]+:\/\/(?:[\w.][\w.-]*@)?|[\w.][\w.-]*@(?=[^/@:]+:))?[^@]*)(?:@(.*))?$/s;

/** The sign behind the path begins a version; one before it, as in `git@host:owner/name`, does not. */
export function splitVersion(ref: string): Request {
  const [, place = ref, version = ""] = WITH_VERSION.exec(ref) ?? [];
  return { place, version };
}

import { existsSync, realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pathClean } from "../../go-texts/path-clean.ts";
import { isAtOrBelow } from "../../store/paths.ts";
import type { DependencyConfig } from "../config.ts";
import { gitRefText, looksRemote, parseGitAddress } from "../git-address.ts";
import { fetchModule } from "../git-modules.ts";
import { findModuleDir } from "../module-dir.ts";
import { findContextDir, readConfig, type Tell } from "../source.ts";
import { type Related, type RelatedKind, splitVersion } from "./related-lists.ts";

/** From where a module is named, and by which one. */
export interface NamedBy {
  readonly kind: RelatedKind;
  /** What relative paths start from. */
  readonly fromDir: string;
  /** Of the module that names it. */
  readonly moduleDir: string;
  readonly tell: Tell;
}

/**
 * What a module is that a person names: a folder, or an address of a git repository, which is looked up now.
 *
 * @throws Error when there is none, or when it is outside of the repository
 */
export function findNamed(ref: string, by: NamedBy): Related {
  const dir = resolve(by.fromDir, ref);
  if (!existsSync(dir) && looksRemote(ref)) return remoteRelated(ref, by);
  if (!existsSync(dir)) throw new Error(`local path ${JSON.stringify(ref)} does not exist`);
  const real = realpathSync(dir);
  if (!existsSync(join(real, "dagger.json"))) throw new Error(`there is no dagger.json in ${dir}`);
  const [own, other] = [findContextDir(by.moduleDir), findContextDir(real)];
  if (!isAtOrBelow(other, own)) {
    throw new Error(
      `local module ${by.kind} context directory ${JSON.stringify(other)} is not in parent context directory ${JSON.stringify(own)}`,
    );
  }
  const source = relative(by.moduleDir, real) || ".";
  return { config: { name: readConfig(real).name, source }, place: source, version: undefined, isLocal: true };
}

/**
 * A module in a git repository as it is now: its source with the version that was found, and its commit. A folder in it leads to it.
 *
 * @throws Error when there is none
 */
export function remoteRelated(ref: string, { tell }: Pick<NamedBy, "tell">): Related {
  const { dir, commit, version = "" } = fetchModule(ref, undefined, tell);
  const { cloneRef, version: asked = "" } = parseGitAddress(ref);
  const top = findContextDir(dir);
  const moduleDir = findModuleDir(dir);
  if (moduleDir === undefined || !isAtOrBelow(moduleDir, top)) {
    throw new Error(`git module source ${JSON.stringify(ref)} does not contain a dagger config file`);
  }
  const found = version || asked;
  const folder = relative(top, moduleDir) || ".";
  const source = gitRefText(cloneRef, folder, found);
  const config = { name: readConfig(moduleDir).name, source, ...(commit === undefined ? {} : { pin: commit }) };
  return { config, place: gitRefText(cloneRef, folder, ""), version: found || undefined, isLocal: false };
}

/**
 * What stands in a dagger.json about another module, with what is missing there looked up: a name, or the commit of an address.
 *
 * @throws Error when it is not there
 */
export function relatedFromConfig(written: string | DependencyConfig, by: NamedBy): Related {
  const config = typeof written === "string" ? { name: "", source: written } : written;
  const { name, source, pin } = config;
  if (existsSync(resolve(by.moduleDir, source)) || !looksRemote(source)) return localFromConfig(config, by);
  if (pin === undefined || name === "") {
    const found = remoteRelated(source, by);
    return { ...found, config: { ...config, ...found.config, name: name || found.config.name } };
  }
  // A commit is a version too, where nothing else is said.
  const { place, version } = splitVersion(source);
  const meant = version || pin;
  return { config: { ...config, source: `${place}@${meant}` }, place, version: meant, isLocal: false };
}

function localFromConfig(config: DependencyConfig, { moduleDir }: NamedBy): Related {
  const source = pathClean(config.source);
  const name = config.name || readConfig(resolve(moduleDir, source)).name;
  return { config: { ...config, name, source }, place: source, version: undefined, isLocal: true };
}

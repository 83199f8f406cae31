import { dirname } from "node:path/posix";
import { parse } from "yaml";
import { z } from "zod";
import { matchesGlob } from "../../repository/glob.ts";
import { foldersUp, hasFile, isBelow, type Outline, pathBelow, pathIn } from "../../repository/outline.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/** The workspace that a package belongs to; a package by itself is a workspace of one. */
export interface Workspace {
  /** The folder with the lock file. */
  readonly root: string;
  /** What the root says of itself. */
  readonly manifest: Manifest;
  /** Every member with its folder, the root not included. */
  readonly members: ReadonlyMap<string, Manifest>;
}

/**
 * The workspace of a package: the nearest folder at or above it that names it as a member, else its own folder.
 *
 * npm and yarn name members in `workspaces` of package.json, pnpm in pnpm-workspace.yaml.
 */
export function findWorkspace(outline: Outline, path: string, own: Manifest): Workspace {
  for (const folder of foldersUp(path).slice(1)) {
    const manifest = readManifest(outline, folder);
    if (manifest === undefined) continue;
    const members = listMembers(outline, folder, manifest);
    if (members.has(path)) return { root: folder, manifest, members };
  }
  return { root: path, manifest: own, members: listMembers(outline, path, own) };
}

function listMembers(outline: Outline, root: string, manifest: Manifest): Map<string, Manifest> {
  const patterns = [...manifest.workspaces, ...readPnpmPatterns(outline, root)];
  const members = new Map<string, Manifest>();
  if (patterns.length === 0) return members;
  for (const path of outline.paths.filter((one) => one.endsWith("/package.json"))) {
    const folder = dirname(path);
    if (folder === root || !isBelow(folder, root)) continue;
    if (/(^|\/)node_modules\//.test(path) || !isMember(patterns, pathBelow(folder, root))) continue;
    const member = readManifest(outline, folder);
    if (member !== undefined) members.set(folder, member);
  }
  return members;
}

function isMember(patterns: readonly string[], folder: string): boolean {
  const out = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const named = patterns.filter((pattern) => !pattern.startsWith("!"));
  const among = (some: readonly string[]) => some.some((pattern) => matchesGlob(folder, pattern));
  return among(named) && !among(out);
}

const pnpmSchema = z.object({ packages: z.array(z.string()).default([]) }).catch({ packages: [] });

function readPnpmPatterns(outline: Outline, root: string): string[] {
  const path = pathIn(root, "pnpm-workspace.yaml");
  return hasFile(outline, path) ? pnpmSchema.parse(parse(outline.text(path) ?? "")).packages : [];
}

/**
 * The folders of the members that a package needs, itself included, by the names in its dependencies. Each comes before
 * those that it needs itself.
 */
export function listNeeded(workspace: Workspace, path: string): string[] {
  const { root, manifest, members } = workspace;
  const folders = new Map([...members].map(([folder, { name }]) => [name, folder]));
  const ordered: string[] = [];
  const visit = (folder: string, above: readonly string[]) => {
    if (ordered.includes(folder) || above.includes(folder)) return;
    const one = folder === root ? manifest : members.get(folder);
    const { dependencies, devDependencies, optionalDependencies } = one ?? manifest;
    for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      const other = folders.get(name);
      if (other !== undefined) visit(other, [...above, folder]);
    }
    ordered.unshift(folder);
  };
  visit(path, []);
  return ordered;
}

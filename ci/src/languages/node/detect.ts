import { normalize } from "node:path/posix";
import { hasFile, listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import { nodeImage } from "../../tool-images.ts";
import { decideAll } from "../decide.ts";
import type { Answers, Project, Reads, Step } from "../language.ts";
import { findPort, present, readSources } from "../reads.ts";
import { listCommands, listGenerated, listSetup } from "./commands.ts";
import { planInstall } from "./install.ts";
import { findNodePort } from "./listens.ts";
import { findManager, type Manager } from "./manager.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { findMains } from "./start.ts";
import { findVersion } from "./version.ts";
import { findWorkspace, listNeeded, type Workspace } from "./workspace.ts";

/** Files beside package.json that an install reads. */
const INSTALL = [".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs", ".pnpmfile.mjs", ".yarnrc", ".yarnrc.yml"];

/** Folders that tools of Node write. */
const MADE = ["node_modules", "coverage", ".next/cache", ".turbo", ".nyc_output", ".cache", "*.tsbuildinfo"];

/** A package of Node: what package.json, the lock file and the configuration of known tools say of it. */
export function detectNode(outline: Outline, path: string, answers: Answers = {}): Project | undefined {
  const manifest = readManifest(outline, path);
  if (manifest === undefined) return undefined;
  const workspace = findWorkspace(outline, path, manifest);
  const { root } = workspace;
  const folders = [...new Set([path, root])];
  const manifests = [...new Set([manifest, workspace.manifest])];
  const { manager, version } = decideAll({
    manager: () => findManager(outline, root, workspace.manifest, answers.manager),
    version: () => findVersion(outline, folders, manifests, answers.version),
  });
  const mains = findMains(outline, path, manifest);
  const port = findPort(outline, path) ?? findNodePort(outline, path, mains[0]);
  return {
    language: "node",
    path,
    root,
    ...(manifest.name === undefined ? {} : { name: { value: manifest.name, from: `${manifest.path} name` } }),
    manager: { value: manager.value.name, from: manager.from },
    version,
    image: { value: nodeImage(version.value), from: version.from },
    packages: listPackages(outline, workspace, manager.value),
    reads: listReads(outline, workspace, path),
    ...planInstall(workspace, path, manager.value, hasFile(outline, pathIn(root, ".yarnrc.yml"))),
    setup: [
      ...[...manifests].reverse().flatMap((one) => listSetup(one, manager.value)),
      ...listNeeded(workspace, path)
        .reverse()
        .flatMap((folder) => {
          const one = folder === root ? workspace.manifest : workspace.members.get(folder);
          return one === undefined ? [] : listGenerated(outline, folder, one, manager.value);
        }),
      ...buildNeeded(workspace, path, manager.value),
    ],
    commands: listCommands(outline, path, manifest, manager.value),
    mains,
    ...(port === undefined ? {} : { port }),
    remarks: listRemarks(manifest, manager.value),
  };
}

/** Builds the members that a package needs, the deepest first: it imports what they build, in its tests as well. */
function buildNeeded(workspace: Workspace, path: string, manager: Manager): Step[] {
  return listNeeded(workspace, path)
    .filter((folder) => folder !== path && folder !== workspace.root)
    .reverse()
    .filter((folder) => workspace.members.get(folder)?.scripts["build"] !== undefined)
    .map((folder) => ({ command: [manager.name, "run", "build"], folder }));
}

/** What the install reads: the manifests of all members, because a lock file is about all of them. */
function listPackages(outline: Outline, { root, manifest, members }: Workspace, { lock }: Manager): Reads {
  const manifests = [[root, manifest] as const, ...members];
  const include = [
    ...manifests.map(([, { path }]) => path),
    ...manifests.flatMap(([folder, one]) => listLocal(outline, folder, one)),
    ...(lock === undefined ? [] : [lock]),
    ...present(outline, root, INSTALL),
    ...[".yarn/releases", ".yarn/plugins", ".yarn/patches", "patches"]
      .map((folder) => pathIn(root, folder))
      .filter((folder) => outline.folders.has(folder))
      .map((folder) => `${folder}/**`),
  ];
  return { include: [...new Set(include)], exclude: [] };
}

/** Dependencies that lie in the repository (`file:../lib`): their manifest, or the archive itself. */
function listLocal(outline: Outline, folder: string, { dependencies, devDependencies }: Manifest): string[] {
  return Object.values({ ...devDependencies, ...dependencies })
    .filter((value) => /^(file|link|portal):/.test(value))
    .map((value) => normalize(pathIn(folder, value.replace(/^\w+:/, ""))))
    .map((path) => (hasFile(outline, path) ? path : pathIn(path, "package.json")))
    .filter((path) => hasFile(outline, path));
}

/** The members that the package needs, and the files at the top of the workspace, which hold what they share. */
function listReads(outline: Outline, workspace: Workspace, path: string): Reads {
  if (path === workspace.root) return readSources(outline, [path], MADE);
  const { root } = workspace;
  const sources = readSources(outline, listNeeded(workspace, path), MADE);
  const shared = listFolder(outline, root)
    .map((name) => pathIn(root, name))
    .filter((one) => hasFile(outline, one));
  return {
    include: [...shared.filter((one) => !/\.md$|\/?LICENSE$/.test(one)), ...sources.include],
    exclude: sources.exclude,
  };
}

function listRemarks({ path, dependencies, devDependencies }: Manifest, { name, lock }: Manager): string[] {
  const some = Object.keys({ ...dependencies, ...devDependencies }).length > 0;
  if (lock !== undefined || !some) return [];
  return [`${path} has no lock file: other versions may be installed another day; commit the one of ${name}`];
}

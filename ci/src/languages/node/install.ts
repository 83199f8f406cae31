import { pathBelow } from "../../repository/outline.ts";
import { PACKAGE_MANAGERS } from "../../tool-images.ts";
import type { Command, Step } from "../language.ts";
import type { Manager } from "./manager.ts";
import type { Workspace } from "./workspace.ts";

/** Where the managers keep what they have downloaded: one cache volume for all of them. */
export const NODE_CACHE = "/cache";

/**
 * Takes the scripts that npm runs by itself out of the repository's own package.json files: they need sources, which come
 * later. Scripts of the dependencies run as ever. The files are as before once the sources are there.
 */
const STRIP = `
for (const file of process.argv.slice(1)) {
  const { readFileSync, writeFileSync } = require("node:fs");
  const manifest = JSON.parse(readFileSync(file, "utf8").replace(/^\\uFEFF/, ""));
  for (const name of ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish"])
    if (manifest.scripts) delete manifest.scripts[name];
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}`;

/** How the packages come, for checks and for production. */
export function planInstall(
  { root, manifest, members }: Workspace,
  path: string,
  manager: Manager,
  isBerry: boolean,
): { install: Step[]; production: Step[] } {
  const files = [manifest, ...members.values()].map((one) => pathBelow(one.path, root));
  const first: Command[] = [...getManager(manager, isBerry), ["node", "-e", STRIP, ...files]];
  const plan = plans[manager.name === "yarn" && isBerry ? "berry" : manager.name];
  const member = path === root ? undefined : (members.get(path)?.name ?? path);
  const inRoot = (command: Command): Step => ({ command, folder: root });
  return {
    install: [...first, plan.all(manager)].map(inRoot),
    production: [...first, plan.production(manager, member)].map(inRoot),
  };
}

interface Plan {
  readonly all: (manager: Manager) => Command;
  readonly production: (manager: Manager, member: string | undefined) => Command;
}

const npm = ({ lock }: Manager): Command => ["npm", lock === undefined ? "install" : "ci", "--no-audit", "--no-fund"];
const pnpm = ({ lock }: Manager): Command => [
  "pnpm",
  "install",
  lock === undefined ? "--no-frozen-lockfile" : "--frozen-lockfile",
  ...["--store-dir", `${NODE_CACHE}/pnpm`],
];
const yarn = ({ lock }: Manager): Command => [
  ...["yarn", "install", "--non-interactive"],
  ...(lock === undefined ? [] : ["--frozen-lockfile"]),
];

const plans: Readonly<Record<Manager["name"] | "berry", Plan>> = {
  npm: {
    all: npm,
    production: (manager, member) => [
      ...npm(manager),
      "--omit=dev",
      ...(member === undefined ? [] : ["--workspace", member, "--include-workspace-root"]),
    ],
  },
  pnpm: {
    all: pnpm,
    production: (manager, member) => [
      ...pnpm(manager),
      "--prod",
      ...(member === undefined ? [] : ["--filter", `${member}...`]),
    ],
  },
  yarn: { all: yarn, production: (manager) => [...yarn(manager), "--production"] },
  berry: {
    all: ({ lock }) => ["yarn", "install", ...(lock === undefined ? ["--no-immutable"] : ["--immutable"])],
    production: (_manager, member) => [
      "yarn",
      "workspaces",
      "focus",
      ...(member === undefined ? [] : [member]),
      "--production",
    ],
  },
};

/** npm comes with Node; the others are packages of it, in the version that the repository pins. */
function getManager({ name, version }: Manager, isBerry: boolean): Command[] {
  if (name === "npm") return [];
  const [major] = (version ?? "").split(".");
  const isNewYarn = name === "yarn" && (major === "" ? isBerry : major !== "1");
  const item = isNewYarn ? "@yarnpkg/cli-dist" : name;
  const wanted = version ?? PACKAGE_MANAGERS[isNewYarn ? "berry" : name];
  return [["npm", "install", "--global", "--force", "--no-audit", "--no-fund", `${item}@${wanted}`]];
}

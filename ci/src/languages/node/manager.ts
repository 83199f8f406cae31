import { hasFile, type Outline, pathIn, tellFolder } from "../../repository/outline.ts";
import { type Found, Undecided } from "../language.ts";
import type { Manifest } from "./manifest.ts";

/** The programs that install packages of npm's registry, each with the lock files that it writes. */
const lockFiles: Readonly<Record<string, readonly string[]>> = {
  npm: ["package-lock.json", "npm-shrinkwrap.json"],
  pnpm: ["pnpm-lock.yaml"],
  yarn: ["yarn.lock"],
  bun: ["bun.lock", "bun.lockb"],
};

/** Who installs, as far as the repository says it. */
export interface Manager {
  readonly name: "npm" | "pnpm" | "yarn";
  /** As `packageManager` or `engines` pins it; undefined when nothing does. */
  readonly version?: string;
  /** The lock file by its path; undefined when there is none. */
  readonly lock?: string;
}

/** Decides who installs the packages of a folder: what a person has answered, `packageManager`, or the lock file. */
export function findManager(outline: Outline, root: string, manifest: Manifest, answer?: string): Found<Manager> {
  const locks = Object.entries(lockFiles).flatMap(([name, files]) =>
    files.map((file) => ({ name, path: pathIn(root, file) })).filter(({ path }) => hasFile(outline, path)),
  );
  const pinned = readPinned(manifest);
  const named = answer === undefined ? pinned?.name : answer;
  const from = answer === undefined ? `${manifest.path} packageManager` : "slipway.yaml";
  const mine = named === undefined ? locks : locks.filter(({ name }) => name === named);
  if (named !== undefined && mine.length === 0 && locks.length > 0) throw contradiction(from, named, locks);
  const names = [...new Set(mine.map(({ name }) => name))];
  if (names.length > 1) throw tooMany(root, mine);
  const lock = mine[0]?.path;
  const name = known(named ?? names[0] ?? "npm", named === undefined ? (lock ?? manifest.path) : from);
  const version = pinned?.name === name ? pinned.version : readEngine(manifest, name);
  return {
    value: { name, ...(version === undefined ? {} : { version }), ...(lock === undefined ? {} : { lock }) },
    from: named !== undefined ? from : (lock ?? `${manifest.path}, without a lock file`),
  };
}

/** `packageManager`: NAME@VERSION, with a hash behind a plus that only Corepack reads. */
function readPinned({ packageManager, path }: Manifest): { name: string; version: string } | undefined {
  if (packageManager === undefined) return undefined;
  const match = /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+[\w.-]*)(?:\+.*)?$/.exec(packageManager);
  if (match?.[1] !== undefined && match[2] !== undefined) return { name: match[1], version: match[2] };
  const what = `packageManager is ${JSON.stringify(packageManager)}`;
  throw new Undecided([{ what, where: path, todo: "write npm, pnpm or yarn with its whole version: pnpm@10.18.3" }]);
}

/** A version in `engines` counts when it is one version and no range. */
function readEngine({ engines }: Manifest, name: string): string | undefined {
  return /^\d+\.\d+\.\d+$/.exec(engines[name] ?? "")?.[0];
}

function known(name: string, from: string): Manager["name"] {
  if (name === "npm" || name === "pnpm" || name === "yarn") return name;
  const what = `packages are installed by ${name}, which Slipway does not know`;
  throw new Undecided([
    {
      what,
      where: from,
      todo: "build the service with a Dockerfile and exclude its folder (`projects: { FOLDER: false }` in slipway.yaml), or install with npm, pnpm or yarn",
    },
  ]);
}

function tooMany(root: string, locks: readonly { name: string; path: string }[]): Undecided {
  const paths = locks.map(({ path }) => path).join(" and ");
  const names = locks.map(({ name }) => name).join(" or ");
  const todo = `remove the one that is not used, or write \`packageManager\` into ${pathIn(root, "package.json")}`;
  return new Undecided([{ what: `${paths} both exist: ${names}?`, where: tellFolder(root), todo }]);
}

function contradiction(from: string, named: string, locks: readonly { name: string; path: string }[]): Undecided {
  const paths = locks.map(({ path }) => path).join(", ");
  const what = `${from} says ${named}, but the lock file is ${paths}`;
  const todo = `install once by ${named} and commit its lock file, or change what says ${named}`;
  return new Undecided([{ what, where: `${from}, ${paths}`, todo }]);
}

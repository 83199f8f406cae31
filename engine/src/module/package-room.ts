import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { certificateVariables } from "../run/host-environment.ts";
import { hostToolEnv } from "../store/host-tools.ts";
import { MOUNT_DEVICES } from "../store/mount-devices.ts";
import { type EndedProgram, type ProgramOptions, runProgram } from "../store/start-program.ts";

/** A file or folder of this machine in the room. */
interface Shown {
  readonly source: string;
  readonly place: string;
}

/** Files and folders that npm takes from the person and the machine. */
export interface NpmSettings {
  readonly userconfig?: string;
  readonly globalconfig?: string;
  readonly cache?: string;
  readonly cafile?: string;
}

/** What a package manager is run with. */
export interface RoomRun {
  /** Shows the room's own system: that of functions. */
  readonly systemDir: string;
  /** An empty folder of this process. */
  readonly rootDir: string;
  /** The folder with package.json, in which packages are installed. */
  readonly dir: string;
  /** Where it is in the room. */
  readonly place: string;
  /** Folder with the program's `node_modules`; it is shown at `PROGRAM_PLACE`. */
  readonly programDir: string;
  readonly args: readonly string[];
  readonly settings: NpmSettings;
  /** Whether it cannot run without /proc, which is the host's where no other can be mounted. */
  readonly needsProc: boolean;
}

/**
 * A root in memory: the system of functions, the names that this machine resolves, the folder with package.json, and what is named
 * one by one. There is no git in it, and no other file of this machine.
 */
const IN_ITS_ROOM = `
root=$1
mount -t tmpfs -o mode=0755 slipway-packages "$root"
for entry in "$2"/*; do
  place=$root/\${entry##*/}
  case $place in
    "$root/etc") cp -R "$entry" "$place" ;;
    "$root/bin" | "$root/lib"* | "$root/usr") mkdir "$place"; mount --no-canonicalize --bind "$entry" "$place" ;;
    *) mkdir "$place" ;;
  esac
done
for name in hosts resolv.conf; do [ ! -e "/etc/$name" ] || cp -L "/etc/$name" "$root/etc/$name"; done
mkdir -p "$root/tmp" "$root/run"
chmod 1777 "$root/tmp"
folder=$4
mkdir -p "$root$folder"
mount --no-canonicalize --bind "$3" "$root$folder"
shift 4
while [ "$1" != -- ]; do
  place=$root$2
  mkdir -p "\${place%/*}"
  if [ -d "$1" ]; then mkdir -p "$place"; else : > "$place"; fi
  mount --bind "$1" "$place"
  shift 2
done
shift
needsProc=$1
shift
set -- "$root" "$@"
[ "$needsProc" = no ] || mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
${MOUNT_DEVICES}
shift
unshare=$(command -v unshare)
export PATH=/usr/local/bin:/bin
exec "$unshare" --root="$root" --wd="$folder" "$@"`;

/** Where the program's `node_modules` is. */
export const PROGRAM_PLACE = "/program/node_modules";

const SCRIPTS = { npm: "npm/bin/npm-cli.js", yarn: "yarn/bin/yarn.js", pnpm: "pnpm/bin/pnpm.cjs" } as const;

/** How a package manager is started that lies there, by the Node of functions. */
export function byNode(name: keyof typeof SCRIPTS): readonly string[] {
  return ["/usr/local/bin/node", "--no-deprecation", join(PROGRAM_PLACE, SCRIPTS[name])];
}

const AUTHORITIES = "/settings/authorities.crt";

const PLACES = {
  npm_config_userconfig: "/root/.npmrc",
  npm_config_globalconfig: "/settings/npmrc",
  npm_config_cache: "/caches/npm",
  npm_config_store_dir: "/caches/pnpm-store",
  npm_config_cache_dir: "/caches/pnpm",
  YARN_CACHE_FOLDER: "/caches/yarn",
  BUN_INSTALL_CACHE_DIR: "/caches/bun",
};

/** No script of a package runs, and nothing of what asks for git: a package from git can name a program as its git. */
const CLOSED = {
  HOME: "/root",
  NODE_OPTIONS: "--use-openssl-ca",
  TMPDIR: "/tmp",
  npm_config_git: "/git-is-not-here",
  npm_config_ignore_scripts: "true",
  npm_config_install_links: "false",
};

/**
 * Runs a package manager where it sees package.json, what a person has set for package managers, and nothing else of this machine: a
 * package.json can name any folder as a package (`file:/home/me/.ssh`), and a `.npmrc` any program and any place to write to.
 */
export async function runInPackageRoom(run: RoomRun, options: ProgramOptions): Promise<EndedProgram> {
  const certificates = certificateVariables({}, process.env);
  const files = filesOf(run.settings).filter(({ source }) => existsSync(source));
  const shown: readonly Shown[] = [
    { source: run.programDir, place: PROGRAM_PLACE },
    ...cachesOf(run.settings).filter(({ source }) => isMade(source)),
    ...files,
    ...certificates.mounts.map(({ source = "", destination }) => ({ source, place: destination })),
  ];
  const env = {
    ...variablesFor(files.map(({ source }) => readFileSync(source, "utf8"))),
    ...(files.some(({ place }) => place === AUTHORITIES) ? { npm_config_cafile: AUTHORITIES } : {}),
    ...PLACES,
    ...CLOSED,
    ...certificates.env,
  };
  const places = shown.flatMap(({ source, place }) => [realpathSync(source), place]);
  const inside = [
    run.rootDir,
    run.systemDir,
    run.dir,
    run.place,
    ...places,
    "--",
    run.needsProc ? "yes" : "no",
    ...run.args,
  ];
  return await runProgram(
    [
      "setpriv",
      "--pdeathsig",
      "KILL",
      "unshare",
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-euc",
      IN_ITS_ROOM,
      "sh",
      ...inside,
    ],
    // `unshare` waits for its child through any other signal, and ends it with itself.
    { ...options, cwd: run.dir, killSignal: "SIGKILL", env: { ...env, PATH: hostToolEnv()["PATH"] } },
  );
}

/** Where the packages that were downloaded before are; they are compared with their digests. */
function cachesOf({ cache }: NpmSettings): readonly Shown[] {
  const home = (path: string) => join(homedir(), path);
  const caches = process.env["XDG_CACHE_HOME"] || home(".cache");
  return [
    ...(cache === undefined ? [] : [{ source: cache, place: "/caches/npm" }]),
    { source: join(caches, "yarn"), place: "/caches/yarn" },
    { source: home(".local/share/pnpm/store"), place: "/caches/pnpm-store" },
    { source: join(caches, "pnpm"), place: "/caches/pnpm" },
    { source: home(".bun/install/cache"), place: "/caches/bun" },
  ];
}

function filesOf({ userconfig, globalconfig, cafile }: NpmSettings): readonly Shown[] {
  const home = (path: string) => join(homedir(), path);
  return [
    ...(userconfig === undefined ? [] : [{ source: userconfig, place: "/root/.npmrc" }]),
    ...(globalconfig === undefined ? [] : [{ source: globalconfig, place: PLACES.npm_config_globalconfig }]),
    ...(cafile === undefined ? [] : [{ source: cafile, place: AUTHORITIES }]),
    { source: home(".yarnrc"), place: "/root/.yarnrc" },
    { source: home(".config/pnpm/rc"), place: "/root/.config/pnpm/rc" },
    { source: home(".bunfig.toml"), place: "/root/.bunfig.toml" },
  ];
}

/** Without a place to write to, as in a home that is read-only, a package manager downloads all of it again. */
function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * What of this machine's variables is for package managers: their own, proxies, and those that the person's settings name
 * (`_authToken=${NPM_TOKEN}`).
 */
function variablesFor(settings: readonly string[]): Record<string, string> {
  const named = new Set(settings.flatMap((text) => [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1])));
  // Where npm has started this process, that is who it is, and not what runs here.
  const isOfCaller = (name: string) => name === "npm_config_user_agent";
  const isFor = (name: string) =>
    (named.has(name) || /^(npm_config|yarn|bun_config)_|^\w+_proxy$/i.test(name)) && !isOfCaller(name);
  const found = Object.entries(process.env).filter(([name, value]) => value !== undefined && isFor(name));
  return Object.fromEntries(found) as Record<string, string>;
}

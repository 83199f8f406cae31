import { closeSync, constants, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { namesIn } from "../store/folders.ts";
import type { ProgramEnd } from "../store/helper-shell.ts";
import { mountOf } from "../store/mounts.ts";
import { inUserNamespace, unmount } from "../store/overlay.ts";
import { Anchor } from "./anchor.ts";
import { beatsElsewhere, makeBeatingFolder } from "./beat.ts";
import { runMountProgram } from "./command.ts";

/**
 * What all containers and networks of this engine process share: a folder of its own below `runDir`, the anchor, and the one
 * change to our mount namespace that crun needs. Everything is made when it is first used.
 */
export class RunHost {
  /** `<runDir>/engine-<pid>-<start time>`: bundles, namespaces, hosts files. Only for this process and its user. */
  readonly dir: string;
  /** The relay agent: a bundled script, or a TypeScript file run by tsx in tests. */
  readonly relayAgent: readonly string[];
  readonly anchor = new Anchor();
  #dirFd: number | undefined;
  #mounted: Promise<void> | undefined;
  #whenMounted: (() => void)[] = [];
  #sequence = 0;

  readonly #stopBeat: () => void;

  private constructor(dir: string, relayAgent: readonly string[], stopBeat: () => void) {
    this.dir = dir;
    this.relayAgent = relayAgent;
    this.#stopBeat = stopBeat;
  }

  /** `relayAgent`: Node arguments that run the agent; by default `relay-agent.js` beside this bundle. */
  static open(options: { readonly runDir: string; readonly relayAgent?: readonly string[] }): RunHost {
    const dir = join(options.runDir, engineDirName(process.pid, startTimeOf(process.pid) ?? "0"));
    const stopBeat = makeBeatingFolder(dir);
    return new RunHost(
      dir,
      options.relayAgent ?? [fileURLToPath(new URL("relay-agent.js", import.meta.url))],
      stopBeat,
    );
  }

  /** A name that no other thing of this process has. */
  uniqueName(prefix: string): string {
    this.#sequence += 1;
    return `${prefix}${this.#sequence}`;
  }

  /**
   * The OCI runtime as a program that nobody can write to, not even through the file of a process that runs it. Where it is none, it
   * makes itself one before each container, and starts a second time.
   */
  get runtimeProgram(): string {
    const program = join(this.dir, "crun.program");
    return existsSync(program) ? program : "crun";
  }

  /** A path for a unix socket in `dir` that is short whatever `dir` is (the kernel allows 107 bytes). */
  socketPath(name: string): string {
    this.#dirFd ??= openSync(this.dir, constants.O_RDONLY | constants.O_DIRECTORY);
    return `/proc/self/fd/${this.#dirFd}/${name}`;
  }

  /**
   * Makes the two mounts which everything else needs, once, in our own mount namespace: `dir` in memory, so that nothing of a
   * container's configuration or input reaches the disk and nothing stays after a kill; and nothing over the control groups, because
   * crun refuses their older layout even when told not to use any.
   */
  mounted(): Promise<void> {
    if (this.#mounted === undefined) {
      this.#mounted = mountOwnPlaces(this.dir);
      this.#mounted.then(
        () => this.#whenMounted.forEach((begin) => void begin()),
        () => undefined,
      );
    }
    return this.#mounted;
  }

  /** Begins something as soon as `dir` is what it is to be: a container will be started soon. */
  whenMounted(begin: () => void): void {
    this.#whenMounted.push(begin);
  }

  /**
   * Runs a short program of the host to its end, inside of the anchor and beside whatever else runs. Its output is dropped.
   *
   * @param input its standard input
   */
  async runInside(args: readonly string[], input: string): Promise<ProgramEnd> {
    await this.mounted();
    const [stdin, stderr] = [join(this.dir, this.uniqueName("in")), join(this.dir, this.uniqueName("err"))];
    try {
      for (const [path, text] of [
        [stdin, input],
        [stderr, ""],
      ] as const)
        writeFileSync(path, text, { mode: 0o600 });
      const { exit } = await this.anchor.start({ args, groupLists: [], stdin, stdout: "/dev/null", stderr });
      return { code: await exit, stderr: readFileSync(stderr, "utf8") };
    } finally {
      for (const path of [stdin, stderr]) rmSync(path, { force: true });
    }
  }

  /** Ends all processes of this engine and removes its folder. */
  async close(): Promise<void> {
    await this.anchor.stop();
    if (this.#dirFd !== undefined) closeSync(this.#dirFd);
    this.#dirFd = undefined;
    if (this.#mounted !== undefined) await unmount(this.dir);
    this.#stopBeat();
    removeEngineDir(this.dir);
  }
}

async function mountOwnPlaces(dir: string): Promise<void> {
  if (isInitialMountNamespace()) {
    throw new Error(
      "the engine must run in a mount namespace of its own, or it would change the mounts of this machine: start it by ./slipway or `unshare --mount`",
    );
  }
  const groups = controlGroupsFolder();
  const isCopyHidden = hidden !== undefined;
  if (groups === CONTROL_GROUPS) hidden = openSync(CONTROL_GROUPS, constants.O_RDONLY | constants.O_DIRECTORY);
  const steps = [
    'mount -t tmpfs -o mode=700,nosuid,nodev slipway-run "$0"',
    'mount --no-canonicalize --rbind --make-rprivate -o X-mount.mkdir "$1" "$0/groups"',
    // Best done where it may be; the runtime does it for each container otherwise.
    '{ : > "$0/crun.program" && mount --bind -o ro "$(command -v crun)" "$0/crun.program" || rm -f "$0/crun.program"; } 2>/dev/null',
    // What hides them is on top of the copy too.
    ...(isCopyHidden ? ['umount "$0/groups"'] : []),
    ...(groups === CONTROL_GROUPS ? ["mount -t tmpfs -o ro,size=4k slipway-cgroup /sys/fs/cgroup"] : []),
  ];
  await runMountProgram(`nothing could be mounted at ${dir}`, ["sh", "-c", steps.join(" && "), dir, groups]);
}

const CONTROL_GROUPS = "/sys/fs/cgroup";

/** The folder of the machine's control groups, open since before an engine of this process has hidden it. */
let hidden: number | undefined;

/** Where the control groups of this machine are. At their usual place an engine hides them, for itself and all that it starts. */
export function controlGroupsFolder(): string {
  if (hidden !== undefined) return `/proc/${process.pid}/fd/${hidden}`;
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const at = (place: RegExp) => mounts.filter((line) => place.test(line.split(" ")[4] ?? "")).at(-1);
  if (at(/^\/sys\/fs\/cgroup$/)?.includes(" - tmpfs slipway-cgroup ") !== true) return CONTROL_GROUPS;
  return at(/\/engine-\d+-\d+\/groups$/)?.split(" ")[4] ?? CONTROL_GROUPS;
}

const LOCKED = ["nosuid", "noexec", "ro"];

/**
 * Makes device files below `dir` open nothing, for us and for all that we start: an image, an archive or a container may have
 * brought some. Only in a mount namespace of our own; in that of the machine nothing is started. Returns how to end it.
 */
export async function closeDevicesBelow(dir: string): Promise<() => Promise<void>> {
  if (isInitialMountNamespace()) return async () => undefined;
  // What an administrator has set for a file system cannot be left out by who is root of a user namespace alone.
  const locked = inUserNamespace ? (mountOf(dir)?.options ?? []).filter((option) => LOCKED.includes(option)) : [];
  const args = ["mount", "--bind", "-o", ["nodev", ...locked].join(","), dir, dir];
  await runMountProgram(`nothing could be mounted at ${dir}`, args);
  return async () => await unmount(dir);
}

/**
 * Whether our mounts are those of process 1, that is, the whole machine's. Each mount has a number of its own, and a copy of the
 * namespace has others. The link /proc/1/ns/mnt is kept from us on many machines, even from root. Where nothing can be read,
 * process 1 is another user's, and the mounts are not ours to change.
 */
function isInitialMountNamespace(): boolean {
  try {
    const all = mountNumbers("1");
    return [...mountNumbers("self")].some((own) => all.has(own));
  } catch {
    return false;
  }
}

function mountNumbers(pid: string): ReadonlySet<string> {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
  return new Set(lines.filter(Boolean).map((line) => line.slice(0, line.indexOf(" "))));
}

function engineDirName(pid: number, startTime: string): string {
  return `engine-${pid}-${startTime}`;
}

/**
 * Whether the engine process runs to which a name belongs; undefined when the name is none of `RunHost.dir`.
 *
 * @param runDir where the folders of all engines are that use the store
 */
export function engineOf(name: string, runDir: string): { readonly isRunning: boolean } | undefined {
  const [, pid, startTime] = /^engine-(\d+)-(\d+)$/.exec(name) ?? [];
  if (pid === undefined) return undefined;
  return { isRunning: beatsElsewhere(join(runDir, name)) ?? startTimeOf(Number(pid)) === startTime };
}

/** Start time of a process in clock ticks after boot; tells a process from a later one with the same number. */
export function startTimeOf(pid: number): string | undefined {
  return statusField(pid, 22);
}

/** The process that has started another one; undefined when that one is gone. */
export function parentOf(pid: number): string | undefined {
  return statusField(pid, 4);
}

/** One field of /proc/PID/stat, as proc(5) numbers them. */
function statusField(pid: number, number: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything; the fields after its last bracket are numbered from 3.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[number - 3];
  } catch {
    return undefined;
  }
}

/**
 * Removes the folders of engine processes that are gone (killed before they could clean up), in `run/` and elsewhere. Returns what it
 * removed.
 */
export function sweepLeftovers(runDir: string, ...elsewhere: readonly string[]): string[] {
  const removed: string[] = [];
  // Last those by which it is known who runs.
  for (const dir of [...elsewhere, runDir]) {
    for (const name of namesIn(dir)) {
      const engine = engineOf(name, runDir);
      if (engine === undefined || engine.isRunning) continue;
      removeEngineDir(join(dir, name));
      removed.push(name);
    }
  }
  return removed;
}

/** A namespace file that is still mounted in our own namespace cannot be removed; it goes with the namespace and the next sweep. */
function removeEngineDir(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw error;
  }
}

import { defaultCapabilities } from "./capabilities.ts";
import type { ContainerMount, ContainerSpec, JoiningProcess, PersonTerminal } from "./container.ts";
import { type SystemCallFilter, systemCallFilter } from "./system-calls.ts";

/** What a container needs of this machine beside its spec. */
export interface HostParts {
  /** The static init on the host that becomes process 1. */
  readonly initPath: string;
  /** A file of the host that covers files of the container, for certificates; destinations have no symbolic links in them. */
  readonly certificates: { readonly source: string; readonly destinations: readonly string[] } | undefined;
  /** Where the destinations of mounts lie after all symbolic links of the image; those not named lie where they say. */
  readonly places: ReadonlyMap<string, string>;
  /** All capabilities that the engine itself has: what `insecureRootCapabilities` gives. */
  readonly ownCapabilities: readonly string[];
  /** Whether the control groups keep the container from devices that are not its own. */
  readonly hasDeviceRules: boolean;
  /** The engine's own, above which only some may go; infinite where there is none. */
  readonly hardLimits: HardLimits;
  /** Processes and threads of the container at most; where there are no control groups a limit of the user counts instead. */
  readonly processes: number;
  /** Open files of each process at most. */
  readonly openFiles: number;
  /** Whether the engine is root in a user namespace only: no device can be made there, and no mount of it has any. */
  readonly isUserNamespace: boolean;
  /** The program of the host that takes away what crun makes and Docker does not: a static busybox. */
  readonly busyboxPath: string | undefined;
}

/** What of it counts for every process of a container. */
export type ProcessParts = Pick<
  HostParts,
  "ownCapabilities" | "hardLimits" | "isUserNamespace" | "processes" | "openFiles"
>;

/** Limits of the engine's own process, as the kernel lists them. */
export interface HardLimits {
  /** Bytes of a core dump. */
  readonly core: number;
  readonly processes: number;
  readonly openFiles: number;
}

/** Reads /proc/self/limits. */
export function hardLimitsOf(text: string): HardLimits {
  const read = (name: string): number => {
    const hard = new RegExp(`^Max ${name}\\s+\\S+\\s+(\\S+)`, "m").exec(text)?.[1];
    return hard === undefined || hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  };
  return { core: read("core file size"), processes: read("processes"), openFiles: read("open files") };
}

/** One mount as the OCI runtime specification writes it. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Docker's lists: places of /proc and /sys that tell about, or change, the machine. */
const maskedPaths = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/**
 * The one size of a core dump, in bytes, with which the kernel neither writes it nor starts the program that the machine has for
 * dumps: that one would run as root, outside of the container.
 */
const noCore = 1;

/** When the machine runs out of memory, what runs in a container ends before what the person has open. */
const oomScoreAdj = 500;

/** The path of the init in the container, as the real engine shows it in /proc/1/cmdline. */
export const initDestination = "/.init";

/** A container as the OCI runtime specification writes it; what is decided later is named. */
export interface OciConfig extends Readonly<Record<string, unknown>> {
  readonly linux: { readonly seccomp?: SystemCallFilter } & Readonly<Record<string, unknown>>;
}

/** The OCI `config.json` of one container. A pure function of its arguments. */
export function ociConfig(spec: ContainerSpec, host: HostParts): OciConfig {
  const capabilities = capabilitiesOf(spec, host);
  const args = spec.noInit ? spec.args : [initDestination, "--", ...spec.args];
  return {
    ociVersion: "1.0.2",
    process: ociProcess({ ...spec, args }, capabilities, host),
    root: { path: spec.rootDir, readonly: false },
    hostname: spec.hostname,
    mounts: mountsOf(spec, host),
    ...hooksOf(spec, host),
    linux: {
      namespaces: namespacesOf(spec),
      ...(spec.insecureRootCapabilities
        ? {}
        : {
            maskedPaths,
            readonlyPaths,
            seccomp: systemCallFilter({
              capabilities,
              processor: process.arch,
              hasDeviceRules: host.hasDeviceRules,
            }),
          }),
    },
  };
}

/** What the processes of a container may have of root's powers. */
export function capabilitiesOf(
  { insecureRootCapabilities }: ContainerSpec,
  { ownCapabilities }: ProcessParts,
): readonly string[] {
  return insecureRootCapabilities ? ownCapabilities : defaultCapabilities;
}

/** One process of a container, its first one or one that joins it later, as the OCI runtime specification writes it. */
export function ociProcess(
  { args, env, cwd, user, terminal }: JoiningProcess,
  capabilities: readonly string[],
  host: ProcessParts,
): Readonly<Record<string, unknown>> {
  // A user that is not root keeps the bounding set only, as with Docker: a set-uid program can still gain them.
  const held = user.uid === 0 ? capabilities : [];
  return {
    ...terminalOf(terminal),
    user: { uid: user.uid, gid: user.gid, additionalGids: [...user.groups], umask: 0o022 },
    args: [...args],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    cwd,
    capabilities: { bounding: capabilities, effective: held, permitted: held, inheritable: [], ambient: [] },
    noNewPrivileges: false,
    rlimits: limitsOf(host),
    oomScoreAdj,
  };
}

/** Older runtimes do not take the size from the terminal that they copy from and to. */
function terminalOf(terminal: PersonTerminal | undefined): Record<string, unknown> {
  if (terminal === undefined) return { terminal: false };
  const { columns, rows } = terminal.size();
  return { terminal: true, consoleSize: { width: columns, height: rows } };
}

/**
 * Takes away /dev/core, a link which crun makes and the real engine has not. It runs in the container's mount namespace, where /dev
 * is the empty one that was mounted a moment before: the runtime refuses a root in which /dev is a link.
 */
function hooksOf(spec: ContainerSpec, { busyboxPath }: HostParts): Record<string, unknown> {
  const isCovered = spec.mounts.some(({ destination }) => /^\/+(dev(\/+core)?\/*)?$/.test(destination));
  if (busyboxPath === undefined || isCovered) return {};
  // The runtime gives the container's state as input, and takes a hook that does not read it for one that failed. The state has the
  // filter of system calls in it, and a shell reads byte by byte: for longer than all else of a container takes. Both commands are the
  // shell's own, and the second one needs no program any more.
  const script = 'cat >/dev/null; exec rm -f "$0"';
  const args = ["busybox", "sh", "-c", script, `${spec.rootDir}/dev/core`];
  return { hooks: { createContainer: [{ path: busyboxPath, args }] } };
}

/** Only a limit that is not above the engine's own can be set by everybody. */
function limitsOf({ hardLimits, isUserNamespace, processes, openFiles }: ProcessParts): Record<string, unknown>[] {
  const limit = (type: string, most: number, hard: number) => {
    const value = Math.min(most, hard);
    return { type, soft: value, hard: value };
  };
  const always = [
    limit("RLIMIT_CORE", noCore, hardLimits.core),
    limit("RLIMIT_NOFILE", openFiles, hardLimits.openFiles),
  ];
  return isUserNamespace ? [...always, limit("RLIMIT_NPROC", processes, hardLimits.processes)] : always;
}

function namespacesOf(spec: ContainerSpec): Record<string, string>[] {
  const own = [{ type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }, { type: "cgroup" }];
  const { namespacePath } = spec.network;
  const network = spec.hasNoNetwork === true || namespacePath === undefined ? {} : { path: namespacePath };
  return [...own, { type: "network", ...network }];
}

function mountsOf(spec: ContainerSpec, host: HostParts): OciMount[] {
  const certificates = host.certificates;
  const at = (destination: string): string => host.places.get(destination) ?? destination;
  return [
    ...(host.isUserNamespace ? [] : [rootWithoutDevices(spec)]),
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
    },
    {
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
    },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    systemMount(spec),
    ...(spec.noInit ? [] : [bind(host.initPath, initDestination, ["ro", "nosuid", "nodev"])]),
    bind(spec.network.resolvPath, at("/etc/resolv.conf"), ["ro", "nosuid", "noexec", "nodev"]),
    bind(spec.network.hostsPath, at("/etc/hosts"), ["ro", "nosuid", "noexec", "nodev"]),
    ...(certificates?.destinations.map((destination) =>
      bind(certificates.source, destination, ["ro", "nosuid", "noexec", "nodev"]),
    ) ?? []),
    ...spec.mounts.map((mount) => toOciMount(mount, at(mount.destination))),
  ];
}

/** A fresh /sys shows the container's own network. */
function systemMount(spec: ContainerSpec): OciMount {
  const writable = spec.insecureRootCapabilities ? "rw" : "ro";
  return { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", writable] };
}

/** crun makes a mount of the root and clears its options; this sets one of them again. In a user namespace it cannot be cleared. */
function rootWithoutDevices({ rootDir }: ContainerSpec): OciMount {
  return { destination: "/.", type: "bind", source: rootDir, options: ["bind", "remount", "nodev"] };
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: "bind", source, options: ["bind", ...options] };
}

function toOciMount(mount: ContainerMount, destination: string): OciMount {
  const access = mount.readOnly === true ? "ro" : "rw";
  if (mount.kind === "tmpfs") {
    const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`];
    return { destination, type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "noexec", ...size, access] };
  }
  if (mount.source === undefined) throw new Error(`the bind mount at ${mount.destination} has no source`);
  return { destination, type: "bind", source: mount.source, options: ["rbind", "nodev", access] };
}

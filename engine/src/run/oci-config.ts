import type { ContainerMount, ContainerSpec } from "./container.ts";
import { deniedSystemCalls } from "./system-calls.ts";

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
}

/** One mount as the OCI runtime specification writes it. */
export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Docker's default set, 0xa80425fb: what programs in images expect to have. */
export const defaultCapabilities: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SYS_CHROOT",
  "CAP_MKNOD",
  "CAP_AUDIT_WRITE",
  "CAP_SETFCAP",
];

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

/** The path of the init in the container, as the real engine shows it in /proc/1/cmdline. */
export const initDestination = "/.init";

/** The OCI `config.json` of one container. A pure function of its arguments. */
export function ociConfig(spec: ContainerSpec, host: HostParts): Record<string, unknown> {
  const capabilities = spec.insecureRootCapabilities ? host.ownCapabilities : defaultCapabilities;
  // A user that is not root keeps the bounding set only, as with Docker: a set-uid program can still gain them.
  const held = spec.user.uid === 0 ? capabilities : [];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: spec.user.uid, gid: spec.user.gid, additionalGids: [...spec.user.groups], umask: 0o022 },
      args: spec.noInit ? [...spec.args] : [initDestination, "--", ...spec.args],
      env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
      cwd: spec.cwd,
      capabilities: { bounding: capabilities, effective: held, permitted: held, inheritable: [], ambient: [] },
      noNewPrivileges: false,
    },
    root: { path: spec.rootDir, readonly: false },
    hostname: spec.hostname,
    mounts: mountsOf(spec, host),
    linux: {
      namespaces: namespacesOf(spec),
      ...(spec.insecureRootCapabilities
        ? {}
        : {
            maskedPaths,
            readonlyPaths,
            seccomp: {
              defaultAction: "SCMP_ACT_ALLOW",
              syscalls: [{ names: deniedSystemCalls, action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
            },
          }),
    },
  };
}

function namespacesOf(spec: ContainerSpec): Record<string, string>[] {
  const own = [{ type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }];
  const path = spec.network.namespacePath;
  return path === undefined ? own : [...own, { type: "network", path }];
}

function mountsOf(spec: ContainerSpec, host: HostParts): OciMount[] {
  const certificates = host.certificates;
  const at = (destination: string): string => host.places.get(destination) ?? destination;
  return [
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

/** A fresh /sys shows the container's own network; in the host's network only the owner of that may make one, so it is bound. */
function systemMount(spec: ContainerSpec): OciMount {
  if (spec.network.namespacePath === undefined)
    return { destination: "/sys", type: "bind", source: "/sys", options: ["rbind", "nosuid", "noexec", "nodev", "ro"] };
  const writable = spec.insecureRootCapabilities ? "rw" : "ro";
  return { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", writable] };
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
  return { destination, type: "bind", source: mount.source, options: ["rbind", access] };
}

/** Names of the capabilities whose bits are set in a mask as /proc/self/status writes it (hexadecimal). */
export function capabilityNames(mask: string): string[] {
  const bits = BigInt(`0x${mask}`);
  return capabilitiesByBit.filter((_, bit) => (bits & (1n << BigInt(bit))) !== 0n);
}

/** linux/capability.h, in the order of their numbers. */
const capabilitiesByBit = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT",
  "CAP_SYS_ADMIN",
  "CAP_SYS_BOOT",
  "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_SYS_TTY_CONFIG",
  "CAP_MKNOD",
  "CAP_LEASE",
  "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_SYSLOG",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ",
  "CAP_PERFMON",
  "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
];

import { allowedByCapability, allowedByProcessor, alwaysAllowed, refused } from "./known-calls.ts";

/** What a filter is made for. */
export interface FilterFor {
  /** The bounding set of the container: what its processes may gain at most. */
  readonly capabilities: readonly string[];
  /** As Node names it. */
  readonly processor: string;
  /** Whether the control groups keep device files from being opened, so that making one does no harm. */
  readonly hasDeviceRules: boolean;
}

interface ArgumentRule {
  readonly index: number;
  readonly value: number;
  readonly valueTwo: number;
  readonly op: "SCMP_CMP_MASKED_EQ";
}

interface CallRule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly errnoRet?: number;
  readonly args?: readonly ArgumentRule[];
}

/** A filter as the OCI runtime specification writes it. */
export interface SystemCallFilter {
  readonly defaultAction: "SCMP_ACT_ERRNO";
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly CallRule[];
}

const EPERM = 1;
const ENOSYS = 38;

/**
 * With the older calls that programs of 32 bits make on the same processor. Without the mixed form x32, whose programs are ended:
 * few kernels know it, and the filter for it takes as long to make as all the rest.
 */
const architectures: Readonly<Record<string, readonly string[]>> = {
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};

/**
 * The system calls that a container may make: those of Docker's default filter for its capabilities, and no others. As there, one
 * that is newer than the filter does not exist, so that a C library takes an older one. Stricter in three places: an argument of
 * 32 bits is compared as the kernel reads it, without what stands above; sockets cannot be made by the collective call of 32-bit
 * programs, whose arguments no filter sees; and device files are not made where they could be opened.
 *
 * @throws Error for a processor whose calls are not known
 */
export function systemCallFilter({ capabilities, processor, hasDeviceRules }: FilterFor): SystemCallFilter {
  const known = architectures[processor];
  if (known === undefined)
    throw new Error(`the system calls of ${processor} processors are not known, so nothing can be run safely here`);
  const plain = new Set([
    ...alwaysAllowed,
    ...(allowedByProcessor[processor] ?? []),
    ...capabilities.flatMap((name) => allowedByCapability[name] ?? []),
    ...debugging,
  ]);
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: ENOSYS,
    architectures: known,
    syscalls: [
      allow([...plain]),
      deny(refused.filter((name) => !plain.has(name))),
      ...personalities,
      ...(capabilities.includes("CAP_SYS_ADMIN") ? [] : withoutNamespaces),
      ...socketFamilies,
      ...(hasDeviceRules ? [allow(["mknod", "mknodat"])] : withoutDevices),
    ],
  };
}

/** Between processes of one container. Before Linux 4.8 it was a way around the filter, and no such kernel has what we need. */
const debugging = ["process_vm_readv", "process_vm_writev", "ptrace"];

/** Linux, Linux for programs of 32 bits, each also with fewer signals of its own kind, and the question which one it is. */
const personalities = [
  ...[0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff].map((value) => allow(["personality"], equal(0, value))),
  // Addresses that are not random: what debuggers ask for.
  deny(["personality"], equal(0, 0x4_0000)),
];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const namespaceFlags = [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000];
const anyNamespace = namespaceFlags.reduce((all, flag) => all + flag, 0);

const withoutNamespaces = [
  allow(["clone"], equal(0, 0, anyNamespace)),
  ...namespaceFlags.map((flag) => deny(["clone"], equal(0, flag, flag))),
  // It hides its flags from a filter; a C library that hears that it is not there uses clone.
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS } as const,
];

/** All families up to AF_MCTP (45) but AF_ALG (38), the kernel's ciphers, and AF_VSOCK (40), a way out of a virtual machine. */
const socketFamilies = [
  allow(["socket"], equal(0, 0, 0xffff_ffe0)),
  allow(["socket"], equal(0, 32, 0xffff_fffc)),
  allow(["socket"], equal(0, 36, 0xffff_fffe)),
  allow(["socket"], equal(0, 39)),
  allow(["socket"], equal(0, 41)),
  allow(["socket"], equal(0, 42, 0xffff_fffe)),
  allow(["socket"], equal(0, 44, 0xffff_fffe)),
  deny(["socket"], equal(0, 38)),
  deny(["socket"], equal(0, 40)),
];

const kindMask = 0o170000;
const [character, block] = [0o020000, 0o060000];

/** Plain files, pipes and sockets. Where in its arguments each call has the mode: */
const withoutDevices = Object.entries({ mknod: 1, mknodat: 2 }).flatMap(([name, mode]) => [
  ...[0, 0o100000, 0o010000, 0o140000].map((kind) => allow([name], equal(mode, kind, kindMask))),
  ...[character, block].map((kind) => deny([name], equal(mode, kind, kindMask))),
]);

function allow(names: readonly string[], ...args: readonly ArgumentRule[]): CallRule {
  return { names, action: "SCMP_ACT_ALLOW", ...(args.length === 0 ? {} : { args }) };
}

function deny(names: readonly string[], ...args: readonly ArgumentRule[]): CallRule {
  return { names, action: "SCMP_ACT_ERRNO", errnoRet: EPERM, ...(args.length === 0 ? {} : { args }) };
}

function equal(index: number, value: number, mask = 0xffff_ffff): ArgumentRule {
  return { index, value: mask, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" };
}

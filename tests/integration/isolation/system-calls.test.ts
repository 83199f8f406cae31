import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { programOf, type RawCall } from "./raw-call.ts";

const calls = suite("system calls of a container");
let sandbox: RunSandbox;

calls.before(() => {
  sandbox = new RunSandbox();
});
calls.after(() => sandbox.close());

const [EPERM, ENOSYS] = [1, 38];
const newUser = 0x1000_0000;
const childSignal = 17;
const [character, block, pipe] = [0o20644, 0o60644, 0o10644];
const [inet, unix, netlink, alg, vsock] = [2, 1, 16, 38, 40];

type Row = readonly [name: string, door: RawCall["door"], number: number, args: RawCall["args"]];

/** What each needs to do harm is given, so that only the filter can refuse it. */
const refused: readonly Row[] = [
  ["unshare of a user namespace", "x64", 272, [newUser]],
  ["unshare of nothing", "x64", 272, [0]],
  ["setns", "x64", 308, [0, 0]],
  ["clone with a user namespace", "x64", 56, [newUser + childSignal, 0, 0, 0, 0]],
  ["clone with a network namespace", "x64", 56, [0x4000_0000 + childSignal, 0, 0, 0, 0]],
  ["clone with a user and a mount namespace", "x64", 56, [newUser + 0x2_0000 + childSignal, 0, 0, 0, 0]],
  ["mount", "x64", 165, ["none", "/tmp", "tmpfs", 0, 0]],
  ["umount2", "x64", 166, ["/proc", 2]],
  ["pivot_root", "x64", 155, ["/", "/tmp"]],
  ["fsopen", "x64", 430, ["tmpfs", 0]],
  ["open_tree", "x64", 428, [-100, "/", 1]],
  ["move_mount", "x64", 429, [0, 0, 0, 0, 0]],
  ["mount_setattr", "x64", 442, [0, 0, 0, 0, 0]],
  ["bpf", "x64", 321, [0, 0, 0]],
  ["perf_event_open", "x64", 298, [0, 0, -1, -1, 0]],
  ["userfaultfd", "x64", 323, [1]],
  ["io_uring_setup", "x64", 425, [1, 0]],
  ["io_uring_enter", "x64", 426, [0, 0, 0, 0, 0, 0]],
  ["io_uring_register", "x64", 427, [0, 0, 0, 0]],
  ["keyctl", "x64", 250, [0, -3, 0]],
  ["add_key", "x64", 248, ["user", "name", "value", 5, -3]],
  ["request_key", "x64", 249, ["user", "name", 0, 0]],
  ["open_by_handle_at", "x64", 304, [-100, 0, 0]],
  ["kexec_load", "x64", 246, [0, 0, 0, 0]],
  ["kexec_file_load", "x64", 320, [0, 0, 0, 0, 0]],
  ["init_module", "x64", 175, [0, 0, 0]],
  ["finit_module", "x64", 313, [0, 0, 0]],
  ["delete_module", "x64", 176, ["none", 0]],
  ["reboot", "x64", 169, [0, 0, 0, 0]],
  ["swapon", "x64", 167, ["/tmp", 0]],
  ["acct", "x64", 163, [0]],
  ["settimeofday", "x64", 164, [0, 0]],
  ["clock_settime", "x64", 227, [0, 0]],
  ["syslog", "x64", 103, [10, 0, 0]],
  ["quotactl", "x64", 179, [0, 0, 0, 0]],
  ["iopl", "x64", 172, [0]],
  ["ioperm", "x64", 173, [0, 1, 0]],
  ["sethostname", "x64", 170, ["other", 5]],
  ["pidfd_getfd", "x64", 438, [0, 0, 0]],
  ["kcmp", "x64", 312, [1, 1, 0, 0, 0]],
  ["move_pages", "x64", 279, [0, 0, 0, 0, 0, 0]],
  ["fanotify_init", "x64", 300, [0, 0]],
  ["personality without random addresses", "x64", 135, [0x4_0000]],
  ["a socket into a virtual machine's host", "x64", 41, [vsock, 1, 0]],
  ["a socket of the kernel's ciphers", "x64", 41, [alg, 5, 0]],
  ["a socket whose family has other bits above", "x64", 41, [0x1_0000_0000n + BigInt(vsock), 1, 0]],
  ["unshare by the door of 32 bits", "int80", 310, [newUser]],
  ["clone by the door of 32 bits", "int80", 120, [newUser + childSignal, 0, 0, 0, 0]],
  ["mount by the door of 32 bits", "int80", 21, ["none", "/tmp", "tmpfs", 0, 0]],
  ["a collective socket call of 32 bits", "int80", 102, [1, 0]],
  ["a socket into the host by the door of 32 bits", "int80", 359, [vsock, 1, 0]],
];

const absent: readonly Row[] = [
  ["clone3, which hides its flags", "x64", 435, [0, 0]],
  ["a call of a kernel to come", "x64", 900, [0]],
];

const allowed: readonly Row[] = [
  ["getpid", "x64", 39, []],
  ["clone as fork", "x64", 56, [childSignal, 0, 0, 0, 0]],
  ["ptrace", "x64", 101, [0, 0, 0, 0]],
  ["personality, asked", "x64", 135, [0xffff_ffff]],
  ["a socket of the internet", "x64", 41, [inet, 1, 0]],
  ["a socket of the machine", "x64", 41, [unix, 1, 0]],
  ["a socket to the kernel", "x64", 41, [netlink, 3, 0]],
  ["a named pipe", "x64", 133, ["/tmp/pipe", pipe, 0]],
  ["a plain file by mknod", "x64", 133, ["/tmp/plain", 0o100644, 0]],
  ["memfd_create", "x64", 319, ["name", 0]],
  ["chroot", "x64", 161, ["/"]],
  ["getpid by the door of 32 bits", "int80", 20, []],
  ["a socket by the door of 32 bits", "int80", 359, [inet, 1, 0]],
];

for (const [expected, rows] of [
  [EPERM, refused],
  [ENOSYS, absent],
  [0, allowed],
] as const) {
  const verdict = { [EPERM]: "is not permitted", [ENOSYS]: "does not exist", 0: "works" }[expected];
  calls(`each of ${rows.length} calls ${verdict}`, async () => {
    if (process.arch !== "x64") return console.log("NOT TESTED: the programs of this test are for x86-64");
    const found = await outcomes(rows);
    assert.equal(
      found,
      rows.map(([name]) => `${name}: ${expected}`),
    );
    return undefined;
  });
}

calls("an x32 program is ended at its first call", async () => {
  if (process.arch !== "x64") return console.log("NOT TESTED: the programs of this test are for x86-64");
  const badSystemCall = 128 + 31;
  assert.equal(await outcomes([["getpid", "x32", 39, []]]), [`getpid: ${badSystemCall}`]);
  return undefined;
});

calls("a device file is not made, or opens nothing", async () => {
  if (process.arch !== "x64") return console.log("NOT TESTED: the programs of this test are for x86-64");
  const loop = 7 << 8;
  const memory = (1 << 8) + 1;
  const rows: readonly Row[] = [
    ["block", "x64", 133, ["/tmp/loop", block, loop]],
    ["memory", "x64", 133, ["/tmp/memory", character, memory]],
    ["block in /dev", "x64", 133, ["/dev/loop", block, loop]],
    ["block by a folder", "x64", 259, [-100, "/dev/loop2", block, loop]],
    ["block by the door of 32 bits", "int80", 14, ["/tmp/loop3", block, loop]],
  ];
  await outcomes(rows);
  const { stdout } = await sandbox.run([
    "sh",
    "-c",
    "for file in /tmp/loop /tmp/memory /dev/loop /dev/loop2 /tmp/loop3; do head -c 1 $file >/dev/null 2>&1 && echo $file was read; (echo x > $file) 2>/dev/null && test ! -f $file && echo $file was written; done; echo done",
  ]);
  assert.is(stdout, "done\n");
  return undefined;
});

/** Runs all programs in one container, one after the other. */
async function outcomes(rows: readonly Row[]): Promise<string[]> {
  for (const [index, [, door, number, args]] of rows.entries())
    writeFileSync(join(sandbox.rootDir, `call${index}`), programOf({ door, number, args }), { mode: 0o755 });
  const script = rows.map((_, index) => `/call${index}; echo $?`).join("\n");
  const { stdout, stderr } = await sandbox.run(["sh", "-c", script]);
  assert.is(stderr.replaceAll("Bad system call\n", ""), "");
  return stdout
    .trim()
    .split("\n")
    .map((code, index) => `${rows[index]?.[0]}: ${code}`);
}

calls.run();

#!/usr/bin/env node
/**
 * runc, as this machine lets one run it. A privileged container gets the capabilities that the machine itself has: runc refuses any other,
 * and some machines have not all. Its control groups are below the one that is removed at the end.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const words = process.argv.slice(2);
const after = (word) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined);

/** As the kernel numbers them. */
const CAPABILITIES =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split(
    " ",
  );
const [, bounding = "0"] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
const isThere = (name) => (BigInt(`0x${bounding}`) >> BigInt(CAPABILITIES.indexOf(name.replace("CAP_", "")))) & 1n;

const bundle = after("--bundle");
const path = after("--process") ?? (bundle === undefined ? undefined : `${bundle}/config.json`);
if (path !== undefined) {
  const spec = JSON.parse(readFileSync(path, "utf8"));
  const { capabilities = {} } = spec.process ?? spec;
  for (const [set, names] of Object.entries(capabilities)) capabilities[set] = names.filter(isThere);
  if (spec.linux !== undefined) spec.linux.cgroupsPath = `${process.env.CGROUP}/${words.at(-1)}`;
  writeFileSync(path, JSON.stringify(spec));
}
const { status } = spawnSync("/usr/sbin/runc", words, { stdio: "inherit" });
process.exit(status ?? 1);

/**
 * System calls that Docker's default filter refuses to a container without further capabilities, as far as they name a thing of
 * the whole kernel. They are refused with "operation not permitted"; all others go through to the kernel's own checks.
 */
export const deniedSystemCalls: readonly string[] = [
  "acct", "add_key", "bpf", "clock_adjtime", "clock_settime", "delete_module", "finit_module", "fsconfig", "fsmount", "fsopen",
  "fspick", "init_module", "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mount", "mount_setattr",
  "move_mount", "nfsservctl", "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root", "quotactl", "quotactl_fd", "reboot",
  "request_key", "setdomainname", "sethostname", "setns", "settimeofday", "stime", "swapoff", "swapon", "syslog", "umount", "umount2", "unshare",
  "userfaultfd", "vm86", "vm86old",
];

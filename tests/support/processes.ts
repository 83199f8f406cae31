import { readdirSync, readFileSync } from "node:fs";

/** Numbers of all processes of this machine, also those in namespaces of their own. */
export function listProcesses(): string[] {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid));
}

/** What `/proc` tells of a process in one of its files, a character for each byte; nothing when the process has ended. */
export function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

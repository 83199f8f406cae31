import { existsSync } from "node:fs";
import { installDebianPackages } from "../../support/debian-packages.ts";
import { probeOf } from "../go-program.ts";
import { CONCOURSE, INIT, SYSTEM_PROGRAMS } from "./server.ts";

const programs = probeOf(CONCOURSE, INIT);

export async function whyNot(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "Concourse's worker needs root";
  return await programs.whyNot();
}

/** Builds Concourse, which takes many minutes the first time, and installs what it needs of the system. */
export async function provide(): Promise<Awaited<ReturnType<typeof programs.provide>>> {
  const missing = Object.entries(SYSTEM_PROGRAMS).flatMap(([path, name]) => (existsSync(path) ? [] : [name]));
  if (missing.length > 0) await installDebianPackages(missing);
  return await programs.provide();
}

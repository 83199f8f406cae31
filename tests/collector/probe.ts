import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { buildCollector, collectorProgram } from "./collector.ts";

/** Why there is no collector on this machine; `undefined` when there is one. It is built once, by Go. */
export function whyNot(): string | undefined {
  if (existsSync(collectorProgram())) return undefined;
  if (spawnSync("go", ["version"]).status !== 0) return "building OpenTelemetry's collector needs go (1.25 or newer)";
  return buildCollector();
}

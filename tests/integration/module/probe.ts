import { existsSync } from "node:fs";
import { whyNot as whyNoContainers } from "../run/probe.ts";

/** Why modules cannot be run on this machine; `undefined` when they can. */
export function whyNot(): string | undefined {
  if (!existsSync("engine/dist/module/digest")) return "engine/dist/module is missing: node engine/build.mjs makes it";
  return whyNoContainers();
}

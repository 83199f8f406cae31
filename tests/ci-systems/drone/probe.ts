import { dirname } from "node:path";
import { READER } from "../../providers/drone-reader.ts";
import { build, whyNotBuilt } from "../go-program.ts";
import { RUNNER } from "./runner.ts";

export const whyNot = () => whyNotBuilt(RUNNER);

export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  await build(RUNNER);
  // Which pipelines an event starts decides the server, and so Drone's parser here.
  await build({ folder: dirname(READER), source: ".", name: "drone" });
  return { env: {}, close: async () => {} };
}

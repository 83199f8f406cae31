import { join } from "node:path";
import { execa } from "execa";
import type { StartedPipeline } from "./drone-runner.ts";
import type { Scene } from "./scene.ts";

/** The program that has Drone's own parser and linter. */
export const READER = join(import.meta.dirname, "tools/drone/drone");

/** What Drone's own parser reads, and which of it an event starts. */
export async function readDrone(
  scene: Scene,
  event: string,
  ref = "refs/heads/main",
  target = "",
): Promise<StartedPipeline[]> {
  const { stdout } = await execa(READER, [join(scene.source, ".drone.yml"), event, ref, target]);
  return JSON.parse(stdout);
}

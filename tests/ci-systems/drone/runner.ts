import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { readDrone } from "../../providers/drone-reader.ts";
import type { Given } from "../../providers/drone-runner.ts";
import type { Ended, Scene } from "../../providers/scene.ts";
import { type GoProgram, pathOf } from "../go-program.ts";
import { DroneServer } from "./server.ts";

export const RUNNER: GoProgram = {
  folder: join(import.meta.dirname, "program"),
  source: "github.com/drone-runners/drone-runner-exec",
  name: "drone-runner-exec",
};

/** What has happened, in Drone's words. */
interface Happened extends Given {
  readonly event: string;
  readonly ref: string;
  readonly deployTo?: string;
}

/**
 * Drone's own runner for machines without Docker runs the pipelines that an event starts, each in a clone that it makes itself. For it
 * the pipelines are of its type, and have neither image nor volumes.
 */
export async function runBuild(scene: Scene, happened: Happened): Promise<Map<string, Ended>> {
  const { event, ref, deployTo } = happened;
  const started = await readDrone(scene, event, ref, deployTo);
  const commit = await scene.git("rev-parse", ref);
  const file = scene
    .read(".drone.yml")
    .replaceAll("type: docker", "type: exec")
    .replaceAll(/^ *(?:image|privileged|volumes): .*\n/gm, "");
  const server = new DroneServer({ ...happened, commit, repository: scene.source, file }, started);
  const root = join(scene.top, "runner");
  mkdirSync(root);
  const { HOME = "/root", SLIPWAY_STORE, XDG_CACHE_HOME = join(HOME, ".cache"), ...env } = scene.env();
  // Of a machine it gives steps the PATH alone, and a home of their own.
  const kept = [
    `XDG_CACHE_HOME:${XDG_CACHE_HOME}`,
    ...(SLIPWAY_STORE === undefined ? [] : [`SLIPWAY_STORE:${SLIPWAY_STORE}`]),
  ];
  const host = await server.listen();
  const runner = execa(pathOf(RUNNER), ["daemon"], {
    env: {
      ...env,
      DRONE_RPC_HOST: host,
      DRONE_RPC_SECRET: "secret",
      DRONE_HTTP_BIND: "127.0.0.1:0",
      DRONE_RUNNER_CAPACITY: "1",
      DRONE_RUNNER_ROOT: root,
      DRONE_RUNNER_ENVIRON: kept.join(","),
    },
    extendEnv: false,
    reject: false,
    all: true,
    timeout: 300_000,
  });
  try {
    const told = await Promise.race([server.done, runner]);
    if (told !== undefined || server.unknown().length > 0)
      throw new Error(`${server.unknown().join("\n")}\n${told?.all ?? ""}`);
    return server.ended();
  } finally {
    runner.kill("SIGTERM");
    await server.close();
    await runner;
  }
}

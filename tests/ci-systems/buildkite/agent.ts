import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { holds } from "../../providers/buildkite-runner.ts";
import type { Ended, Scene } from "../../providers/scene.ts";
import { type GoProgram, pathOf } from "../go-program.ts";
import { BuildkiteServer, UPLOAD } from "./server.ts";

export const AGENT: GoProgram = {
  folder: join(import.meta.dirname, "program"),
  source: "github.com/buildkite/agent/v3",
  name: "buildkite-agent",
};

/** What a build is started with. */
interface Run {
  readonly branch: string;
  /** The number of a pull request. */
  readonly pullRequest?: number;
  readonly secrets: Readonly<Record<string, string>>;
  /** Block steps that somebody unblocks. */
  readonly pressed?: readonly string[];
}

/** How the pipeline was uploaded and its jobs have ended, what annotations they have made, and what the agent said of itself. */
export interface Built {
  readonly upload: Ended | undefined;
  readonly ended: ReadonlyMap<string, Ended>;
  readonly annotations: readonly string[];
  readonly agent: string;
}

/** Buildkite's own agent uploads the pipeline of a commit and runs its jobs. What it uploads besides are artifacts of the scene. */
export async function runBuild(scene: Scene, run: Run): Promise<Built> {
  const commit = await scene.git("rev-parse", "HEAD");
  const server = new BuildkiteServer({
    ...run,
    repository: scene.source,
    commit,
    holds: (condition) => holds(condition, run),
  });
  const folder = (name: string) => {
    const path = join(scene.top, "agent", name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  try {
    const words = ["start", "--endpoint", await server.listen(), "--token", "registration", "--name", "agent"];
    const places = ["build-path", "hooks-path", "plugins-path", "sockets-path"].flatMap((at) => [
      `--${at}`,
      folder(at),
    ]);
    const { all } = await execa(pathOf(AGENT), [...words, ...places, "--ping-mode", "poll-only", "--no-color"], {
      env: scene.env({ GIT_CONFIG_GLOBAL: "/dev/null" }),
      extendEnv: false,
      reject: false,
      all: true,
      timeout: 300_000,
    });
    if (server.unknown().length > 0) throw new Error(`${server.unknown().join("\n")}\n${all}`);
    for (const { path, content } of server.artifacts) {
      const file = join(scene.top, "artifacts", path);
      mkdirSync(dirname(file), { recursive: true });
      if (content !== undefined) writeFileSync(file, content);
    }
    const ended = server.ended();
    const upload = ended.get(UPLOAD.key);
    ended.delete(UPLOAD.key);
    return { upload, ended, annotations: server.annotations, agent: all };
  } finally {
    await server.close();
  }
}

import { join, resolve } from "node:path";
import { execa } from "execa";
import { type Ended, type Scene, SIGNED } from "./scene.ts";

const PROGRAM = resolve(import.meta.dirname, "tools/node_modules/gitlab-ci-local/dist/index.js");

/** What GitLab keeps for the project, by the environment that may see it. */
const VARIABLES = `global:
  REGISTRY_USERNAME: { values: { publish: robot, production: reader, "*": robot } }
  REGISTRY_PASSWORD: { values: { publish: hush, production: look, "*": hush } }
  SIGNING_KEY: { values: { publish: of publish } }
  RING_KUBECONFIG: { values: { canary: of canary, production: of production } }
  SLIPWAY_APPROVALS: { values: { production: ${SIGNED} } }
`;

/** `gitlab-ci-local …`, whose jobs run by a shell of this machine. */
export async function runGitlab(scene: Scene, ...words: readonly string[]): Promise<Ended> {
  const home = join(scene.top, "home");
  scene.writeAt(join(home, ".gitlab-ci-local/variables.yml"), VARIABLES);
  const options = { cwd: scene.source, env: scene.env(), extendEnv: false, reject: false, all: true } as const;
  const given = ["--home", home, "--force-shell-executor", ...words];
  const { exitCode, all } = await execa("node", [PROGRAM, ...given], options);
  return { code: exitCode, output: all };
}

/** It asks where the source is from. */
export async function beginGitlab(scene: Scene): Promise<Scene> {
  await scene.git("remote", "add", "origin", "git@gitlab.com:acme/shop.git");
  return scene;
}

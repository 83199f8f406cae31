import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { images } from "./tool-images.ts";

/** What checks and images are made from. */
export interface Sources {
  /** The lock file and every package.json of the repository. */
  readonly packages: Directory;
  /** What is read of the repository beside these. */
  readonly source: Directory;
}

/** Where the repository lies in the containers that check and build it. */
export const WORKSPACE = "/work";

/**
 * A container with the npm packages of the repository installed, and nothing else of it.
 *
 * `packages` holds the lock file and every package.json, so that the install is repeated only when one of them changes.
 */
export function installPackages(packages: Directory): Container {
  return (
    dag
      .container()
      .from(images.node)
      // Behind a proxy that signs anew, the engine adds its certificate to the system's; npm has its own list.
      .withEnvVariable("NODE_EXTRA_CA_CERTS", "/etc/ssl/certs/ca-certificates.crt")
      .withMountedCache("/root/.npm", dag.cacheVolume("slipway-npm"))
      .withWorkdir(WORKSPACE)
      .withDirectory(WORKSPACE, packages)
      .withExec(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
  );
}

import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { images } from "../images.ts";
import { installPackages, WORKSPACE } from "../workspace.ts";

/** What the images of the services are made from. */
export interface Sources {
  /** The lock file and every package.json of the repository. */
  readonly packages: Directory;
  /** The repository with its services. */
  readonly source: Directory;
}

/**
 * The image of one service: its bundle on a slim Node image, run by an ordinary user.
 *
 * `npm run build` in the service's folder has to write `dist/main.js`, complete in itself.
 */
export function buildService({ packages, source }: Sources, name: string, port: number): Container {
  const folder = `services/${name}`;
  const built = installPackages(packages)
    .withDirectory(`${WORKSPACE}/services`, source.directory("services"))
    .withExec(["npm", "run", "build", "--silent", "--workspace", folder])
    .directory(`${WORKSPACE}/${folder}/dist`);
  return dag
    .container()
    .from(images.nodeSlim)
    .withDirectory("/app", built)
    .withWorkdir("/app")
    .withUser("node")
    .withEnvVariable("NODE_ENV", "production")
    .withEnvVariable("PORT", String(port))
    .withExposedPort(port)
    .withEntrypoint(["node", "main.js"]);
}

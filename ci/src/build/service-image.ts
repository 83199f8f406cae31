import { type Container, type Directory, dag } from "@dagger.io/dagger";
import type { Config } from "../config.ts";
import { images } from "../images.ts";
import { tellAccount } from "../rollout/slipway-error.ts";
import { installPackages, WORKSPACE } from "../workspace.ts";
import type { Commit } from "./commit.ts";
import { type ImageFacts, readImageFacts } from "./image-facts.ts";
import { labelsOf } from "./image-labels.ts";

/** What the images of the services are made from. */
export interface Sources {
  /** The lock file and every package.json of the repository. */
  readonly packages: Directory;
  /** The repository with its services. */
  readonly source: Directory;
}

/** Who runs a service: nobody that the image or the host has a name for. Kubernetes wants it as a number. */
const USER = "10001:10001";

/** The time of every file, in seconds since 1970: times are part of a layer. Not 0, which some tools take for none. */
const FILE_TIME = 1;

/**
 * The image of one service: Node's own program and the service's bundle on a bare Debian, run by an ordinary user.
 *
 * `npm run build` in the service's folder has to write `dist/main.js`, complete in itself. The commit is not written on
 * the image yet, so that tests with it run again only when the service has changed.
 */
export function buildService({ packages, source }: Sources, name: string, port: number): Container {
  const folder = `services/${name}`;
  const built = installPackages(packages)
    .withDirectory(`${WORKSPACE}/services`, source.directory("services"))
    .withExec(["npm", "run", "build", "--silent", "--workspace", folder])
    .directory(`${WORKSPACE}/${folder}/dist`);
  const node = dag.container().from(images.node).file("/usr/local/bin/node");
  // Folders of our own at the top: a file added to a folder of the base would give that one the time of the build.
  return dag
    .container()
    .from(images.debian)
    .withDirectory("/", dag.directory().withFile("runtime/node", node).withTimestamps(FILE_TIME))
    .withDirectory("/", dag.directory().withDirectory("app", built).withTimestamps(FILE_TIME))
    .withWorkdir("/app")
    .withUser(USER)
    .withEnvVariable("NODE_ENV", "production")
    .withEnvVariable("PORT", String(port))
    .withExposedPort(port)
    .withEntrypoint(["/runtime/node", "/app/main.js"]);
}

/**
 * The images of the services as they are published, by service.
 *
 * @param only one service instead of all
 * @throws Error with the list of services when there is no such one
 */
export function buildImages(config: Config, sources: Sources, commit: Commit, only?: string): Map<string, Container> {
  const known = Object.keys(config.services);
  if (only !== undefined && !known.includes(only)) {
    const account = {
      what: `there is no service ${only}`,
      where: "--service",
      todo: `give one of ${known.join(", ")}`,
    };
    throw new Error(tellAccount(account));
  }
  const wanted = Object.entries(config.services).filter(([name]) => only === undefined || name === only);
  return new Map(
    wanted.map(([name, { port }]) => [
      name,
      writeLabels(buildService(sources, name, port), labelsOf(config, name, commit)),
    ]),
  );
}

function writeLabels(image: Container, labels: Record<string, string>): Container {
  return Object.entries(labels).reduce(
    (labelled, [key, value]) => labelled.withLabel(key, value).withAnnotation(key, value),
    image,
  );
}

/** Size, layers and digest of an image, which has to be built for it. */
export async function measureImage(image: Container): Promise<ImageFacts> {
  const reader = dag.container().from(images.debian).withMountedFile("/image.tar", image.asTarball());
  return await readImageFacts((path) => reader.withExec(["tar", "-xOf", "/image.tar", path]).stdout());
}

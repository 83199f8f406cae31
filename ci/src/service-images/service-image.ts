import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { type Config, serviceIn } from "../config/schema.ts";
import type { Commit } from "../git/commit.ts";
import { images } from "../tool-images.ts";
import { installPackages, type Sources, WORKSPACE } from "../workspace.ts";
import { type ImageFacts, readImageFacts } from "./image-facts.ts";
import { labelsOf } from "./image-labels.ts";

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
export async function buildService({ packages, source }: Sources, config: Config, name: string): Promise<Container> {
  const { port } = serviceIn(config, name);
  const folder = `services/${name}`;
  const others = Object.keys(config.services).filter((other) => other !== name);
  const built = installPackages(packages)
    .withDirectory(`${WORKSPACE}/services`, await selectSources(source.directory("services"), others))
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
 * The sources of one service and of all that the services share: what there is, without the other services. They are put
 * together from parts, so that an engine which knows a part by its content builds a service anew only for a change that
 * it can see.
 */
async function selectSources(services: Directory, others: readonly string[]): Promise<Directory> {
  const entries = await services.entries();
  return entries
    .filter((entry) => !others.includes(entry.replace(/\/$/, "")))
    .reduce(
      (selected, entry) =>
        entry.endsWith("/")
          ? selected.withDirectory(entry, services.directory(entry))
          : selected.withFile(entry, services.file(entry)),
      dag.directory(),
    );
}

/**
 * The images of the services as they are published, by service.
 *
 * @param only one service instead of all
 * @throws SlipwayError `no-such-service` with the list of services when there is no such one
 */
export async function buildImages(
  config: Config,
  sources: Sources,
  commit: Commit,
  only?: string,
): Promise<Map<string, Container>> {
  const known = Object.keys(config.services);
  if (only !== undefined && !known.includes(only)) {
    throw new SlipwayError("no-such-service", {
      what: `there is no service ${only}`,
      where: "--service",
      todo: `give one of ${known.join(", ")}`,
    });
  }
  const wanted = known.filter((name) => only === undefined || name === only);
  const build = async (name: string) =>
    [name, writeLabels(await buildService(sources, config, name), labelsOf(config, name, commit))] as const;
  return new Map(await Promise.all(wanted.map(build)));
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

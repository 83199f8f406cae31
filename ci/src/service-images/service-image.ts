import { type Container, dag } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Checkout } from "../checkout/checkout.ts";
import type { Build, Settings, TargetPlatform } from "../config/settings.ts";
import type { Commit } from "../git/commit.ts";
import { ownValue } from "../input/names.ts";
import { tellUnknown } from "../input/nearest-name.ts";
import { buildDockerfile, buildDockerfileFor } from "../languages/dockerfile/dockerfile.ts";
import type { Project, Reads } from "../languages/language.ts";
import { languages } from "../languages/languages.ts";
import { isBelow, pathBelow } from "../repository/outline.ts";
import { images } from "../tool-images.ts";
import { type ImageFacts, readImageFacts } from "./image-facts.ts";
import { labelsOf } from "./image-labels.ts";

/** The services whose images are made here, in the order of the settings. Those made elsewhere are not built. */
export function listBuilt({ services }: Settings): string[] {
  return Object.entries(services).flatMap(([name, { build }]) => ("image" in build ? [] : [name]));
}

/**
 * The image of one service, as its settings say, for the engine's own platform or for another one. The commit is not written on it yet, so that tests with it run again
 * only when the service has changed.
 */
export async function buildService(checkout: Checkout, name: string, platform?: TargetPlatform): Promise<Container> {
  const { settings, files } = checkout;
  const on = platform === undefined ? {} : { platform };
  const service = serviceIn(settings, name);
  const { build } = service;
  if ("image" in build) return startWith(dag.container().from(build.image), build.start);
  if ("imageOf" in build) return startWith(await buildService(checkout, build.imageOf, platform), build.start);
  if ("dockerfile" in build) return startWith(await buildByDockerfile(checkout, build, platform), build.start);
  const project = projectOf(settings, service.path, build.language);
  const { port } = service;
  return await languages[build.language].build({ ...project, reads: readsOfProject(project, build.reads) }, files, {
    ...build,
    ...on,
    ...(port === undefined ? {} : { port }),
  });
}

type DockerfileBuild = Extract<Build, { readonly dockerfile: string }>;

async function buildByDockerfile(
  { files }: Checkout,
  build: DockerfileBuild,
  platform: TargetPlatform | undefined,
): Promise<Container> {
  const { dockerfile, context } = build;
  const source = files(readsOfDockerfile(build)).directory(context);
  const isInside = isBelow(dockerfile, context);
  const path = isInside ? pathBelow(dockerfile, context) : DOCKERFILE;
  const outside = () => files({ include: [dockerfile], exclude: [] }).file(dockerfile);
  const all = isInside ? source : source.withFile(DOCKERFILE, outside());
  return platform === undefined
    ? buildDockerfile(all, path, build)
    : await buildDockerfileFor(all, path, { ...build, platform });
}

/** What the image of a service is made from. */
export function readsOf(settings: Settings, name: string): Reads {
  const { path, build } = serviceIn(settings, name);
  if ("image" in build) return { include: [], exclude: [] };
  if ("imageOf" in build) return readsOf(settings, build.imageOf);
  if ("dockerfile" in build) return readsOfDockerfile(build);
  return readsOfProject(projectOf(settings, path, build.language), build.reads);
}

function readsOfDockerfile({ context, dockerfile }: DockerfileBuild): Reads {
  return { include: [context === "." ? "**" : `${context}/**`, dockerfile], exclude: [] };
}

/** What the project reads, and what its settings add. What is left out stays so. */
function readsOfProject({ reads }: Project, more: readonly string[] = []): Reads {
  return { include: [...reads.include, ...more], exclude: reads.exclude };
}

/** The name of a Dockerfile that lies outside of its context, within it. */
const DOCKERFILE = ".slipway.Dockerfile";

function startWith(image: Container, start: readonly string[] | undefined): Container {
  return start === undefined ? image : image.withEntrypoint([...start]);
}

/** The project that is found there. @throws Error when there is none: the settings name no others */
export function projectOf({ projects }: Settings, path: string, language: Project["language"]): Project {
  const found = projects.find((project) => project.path === path && project.language === language);
  if (found === undefined) throw new Error(`no ${language} project was found in ${path}`);
  return found;
}

/** The settings of a service. @throws SlipwayError `no-such-service` with the list of services when there is no such one */
export function serviceIn({ services }: Settings, name: string): Settings["services"][string] {
  const settings = ownValue(services, name);
  if (settings !== undefined) return settings;
  throw new SlipwayError("no-such-service", {
    what: tellUnknown("service", name, Object.keys(services)),
    where: "--service",
    todo: "use one of these, or name it under services of slipway.yaml",
  });
}

/** The image of a service for one platform. */
export interface ServiceImage {
  /** Absent for the engine's own, which nobody named. */
  readonly platform?: TargetPlatform;
  readonly container: Container;
}

/**
 * The images of the services as they are published, by service: one for each platform.
 *
 * @param only one service instead of all
 */
export async function buildImages(
  checkout: Checkout,
  commit: Commit,
  only?: string,
): Promise<Map<string, readonly ServiceImage[]>> {
  const { settings } = checkout;
  if (only !== undefined) serviceIn(settings, only);
  const wanted = listBuilt(settings).filter((name) => only === undefined || name === only);
  if (wanted.length === 0) throw nothingToBuild(settings, only);
  const own = await dag.defaultPlatform();
  const platforms = settings.images.platforms.length === 0 ? [undefined] : settings.images.platforms;
  const build = async (name: string, platform?: TargetPlatform): Promise<ServiceImage> => {
    // Named, the engine's own platform is built as if it was not: it has the same image.
    const image = await buildService(checkout, name, platform === own ? undefined : platform);
    const container = writeLabels(image, labelsOf(settings, name, commit));
    return platform === undefined ? { container } : { platform, container };
  };
  const buildAll = async (name: string) =>
    [name, await Promise.all(platforms.map((platform) => build(name, platform)))] as const;
  return new Map(await Promise.all(wanted.map(buildAll)));
}

/** What to say where nothing is built, or not the one that is asked for. */
export function nothingToBuild({ services }: Settings, only: string | undefined): SlipwayError {
  const account =
    only === undefined
      ? {
          what: "there is no service to build",
          where: "services of slipway.yaml, and what is found in the repository",
          todo: "name a service with its path or its Dockerfile under services of slipway.yaml",
        }
      : {
          what: `the image of service ${only} is built elsewhere`,
          where: `services.${only}.build.image of slipway.yaml`,
          todo: `give one of ${Object.keys(services).join(", ")}, or say how it is built`,
        };
  return new SlipwayError("nothing-known", account);
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

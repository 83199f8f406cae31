import { SlipwayError } from "../account.ts";
import type { Settings } from "../config/settings.ts";
import { registrySchema, repositorySchema } from "../input/registry-name.ts";
import type { Release } from "../rollout/release.ts";

type ReleasedImage = Release["services"][string];

/**
 * Registry and repository of a service's image, without tag: `docker.io/acme/flights-ingest`.
 *
 * @param registry In place of the one in slipway.yaml.
 * @throws SlipwayError `bad-image-name` when neither names a registry, or when it is not one.
 */
export function nameImage(
  { product, images }: Pick<Settings, "product" | "images">,
  service: string,
  registry = images.registry,
): string {
  if (registry === undefined) {
    throw new SlipwayError("bad-image-name", {
      what: "no registry is set for the images",
      where: "images.registry of slipway.yaml, and --registry",
      todo: "give one of them, such as docker.io/YOUR-NAME",
    });
  }
  const read = registrySchema.safeParse(registry);
  if (!read.success) {
    const what = `"${registry}" is not a registry: ${read.error.issues.map(({ message }) => message).join("; ")}`;
    throw new SlipwayError("bad-image-name", {
      what,
      where: "--registry",
      todo: "write it as docker.io/YOUR-NAME or HOST:PORT",
    });
  }
  const name = `${read.data}/${fillName(images.name, product, service)}`;
  const whole = repositorySchema.safeParse(name);
  if (whole.success) return name;
  const what = `"${name}" is not the name of an image: ${whole.error.issues.map(({ message }) => message).join("; ")}`;
  throw new SlipwayError("bad-image-name", {
    what,
    where: "images.name of slipway.yaml",
    todo: "make the name or the registry's folder shorter",
  });
}

/** `{product}-{service}` with its words filled in. */
function fillName(pattern: string, product: string, service: string): string {
  return pattern.replaceAll("{product}", product).replaceAll("{service}", service);
}

/** An image as a release names it: with its kind, unless it answers requests. */
export function releasedImage(
  { services }: Pick<Settings, "services">,
  service: string,
  image: Omit<ReleasedImage, "kind">,
): ReleasedImage {
  const { kind = "service" } = services[service] ?? {};
  return kind === "service" ? image : { ...image, kind };
}

import type { Settings } from "../config/settings.ts";
import { nameRelease, type Release } from "../rollout/release.ts";
import { nameImage, releasedImage } from "./image-name.ts";
import { listBuilt, nothingToBuild } from "./service-image.ts";

/** A registry that there cannot be (RFC 6761). */
const NO_REGISTRY = "registry.invalid";
/** Not of zeros: these stand in manifests for what nobody fills in. */
const NO_DIGEST = `sha256:${"f".repeat(64)}`;
const NO_COMMIT = "0".repeat(40);

/**
 * The release that the services would make up, before anything is built, committed or sent.
 *
 * @returns with it, in words, what of it only stands for something
 * @throws SlipwayError when there is no service to build
 */
export function imagineRelease(settings: Settings): { release: Release; placeholders: string[] } {
  const built = listBuilt(settings);
  if (built.length === 0) throw nothingToBuild(settings, undefined);
  const { registry = NO_REGISTRY } = settings.images;
  const images = built.map((service) => {
    const image = { name: nameImage(settings, service, registry), digest: NO_DIGEST };
    return [service, releasedImage(settings, service, image)] as const;
  });
  const release = nameRelease({
    commit: NO_COMMIT,
    commitTime: "1970-01-01T00:00:00Z",
    author: "nobody@example.invalid",
    services: Object.fromEntries(images),
  });
  const placeholders = [
    `digest ${NO_DIGEST.slice(0, 19)}… of ${built.join(", ")}: known once release has published them`,
    `commit ${NO_COMMIT.slice(0, 7)}, and the name ${release.id.slice(0, 10)} that follows from all of this`,
    ...(settings.images.registry === undefined
      ? [`registry ${registry}: images.registry of slipway.yaml, or --registry of release`]
      : []),
  ];
  return { release, placeholders };
}

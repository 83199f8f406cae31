import { type Directory, dag } from "@dagger.io/dagger";
import type { Checkout } from "../checkout/checkout.ts";
import { matchPatterns } from "../config/patterns.ts";
import type { Commit } from "../git/commit.ts";
import { readCommit } from "../git/read-commit.ts";
import { requireSecret } from "../input/given-secret.ts";
import type { Published } from "./build-report.ts";
import type { ImageFacts } from "./image-facts.ts";
import { type Destination, publishImages } from "./publish.ts";
import { buildImages, listBuilt, measureImage, readsOf, type ServiceImage } from "./service-image.ts";
import { syncImage } from "./sync-image.ts";
import { fillTags } from "./tags.ts";

/** The images of a commit, by service: one for each platform. */
export interface Built {
  readonly commit: Commit;
  readonly images: ReadonlyMap<string, readonly ServiceImage[]>;
}

/** Builds the images of the services as they are published. @param only one service instead of all */
export async function buildCommit(checkout: Checkout, only?: string): Promise<Built> {
  const commit = await readCommitOf(checkout);
  return { commit, images: await buildImages(checkout, commit, only) };
}

/** Builds all images and sends them to a registry. A password that nobody can read is told before. */
export async function publishCommit(checkout: Checkout, destination: Destination): Promise<Published> {
  const { settings } = checkout;
  await requireSecret("--password", destination.password);
  const { commit, images } = await buildCommit(checkout);
  const release = await publishImages(settings, images, commit, destination);
  const listPlatforms = async ([name, made]: readonly [string, readonly ServiceImage[]]) =>
    [
      name,
      await Promise.all(made.map(async ({ platform, container }) => platform ?? (await container.platform()))),
    ] as const;
  const platforms = new Map(await Promise.all([...images].map(listPlatforms)));
  return { release, tags: fillTags(settings.images.tags, commit), platforms };
}

/** Size, layers and digest of each image, by its service, and by its platform where one is named. */
export async function measureImages(images: Built["images"]): Promise<ReadonlyMap<string, ImageFacts>> {
  const all = [...images].flatMap(([name, made]) => made.map((image) => [name, image] as const));
  const measured = all.map(async ([name, image]) => {
    await syncImage(name, image);
    const label = image.platform === undefined ? name : `${name} ${image.platform}`;
    return [label, await measureImage(image.container)] as const;
  });
  return new Map(await Promise.all(measured));
}

/** The commit, held against all files that images are made from. */
async function readCommitOf({ settings, files, commits, folder }: Checkout): Promise<Commit> {
  const reads = listBuilt(settings).map((name) => readsOf(settings, name));
  const all = reads.reduce((joined: Directory, one) => joined.withDirectory("/", files(one)), dag.directory());
  const isHandedIn = (path: string) =>
    reads.some(({ include, exclude }) => matchPatterns(path, include) && !matchPatterns(path, exclude));
  return await readCommit(commits(), folder, { files: all, isHandedIn });
}

import { type Directory, dag, type Secret, type Service } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { DaggerReferrers } from "../attestations/dagger-referrers.ts";
import { DaggerSigner } from "../attestations/dagger-signer.ts";
import type { Checkout } from "../checkout/checkout.ts";
import { matchPatterns } from "../config/patterns.ts";
import type { Settings } from "../config/settings.ts";
import type { Commit } from "../git/commit.ts";
import { readCommit } from "../git/read-commit.ts";
import { requireSecret } from "../input/given-secret.ts";
import { type Attesting, attestImages } from "./attest.ts";
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

/** What images are attested with, beside the login of their registry. */
export interface Means {
  /** A private key of OpenSSH; absent: nothing is signed. */
  readonly signingKey: Secret | undefined;
  /** A registry on the caller's own machine, which containers cannot reach. */
  readonly registryService: Service | undefined;
}

/**
 * Builds all images, sends them to a registry, and hangs on them what they carry. A password or a key that nobody can read is told before.
 */
export async function publishCommit(checkout: Checkout, destination: Destination, means: Means): Promise<Published> {
  const { settings } = checkout;
  await requireSecret("--password", destination.password);
  const attesting = await openAttesting(settings.images.attestations, destination, means);
  const { commit, images } = await buildCommit(checkout);
  const release = await publishImages(settings, images, commit, destination);
  const attested = attesting === undefined ? new Map() : await attestImages(checkout, images, release, attesting);
  const listPlatforms = async ([name, made]: readonly [string, readonly ServiceImage[]]) =>
    [
      name,
      await Promise.all(made.map(async ({ platform, container }) => platform ?? (await container.platform()))),
    ] as const;
  const platforms = new Map(await Promise.all([...images].map(listPlatforms)));
  return { release, tags: fillTags(settings.images.tags, commit), platforms, attested };
}

async function openAttesting(
  wanted: Settings["images"]["attestations"],
  { username, password }: Destination,
  { signingKey, registryService }: Means,
): Promise<Attesting | undefined> {
  if (wanted === "off") {
    if (signingKey !== undefined) throw refuseUnusedKey();
    return undefined;
  }
  const signer = signingKey === undefined ? undefined : await DaggerSigner.open(signingKey);
  return {
    referrers: new DaggerReferrers({ username, password, service: registryService }),
    signer,
    username,
    isRequired: wanted === "required" || signer !== undefined,
  };
}

/** Who gives a key believes that something is signed. */
function refuseUnusedKey(): SlipwayError {
  return new SlipwayError("bad-arguments", {
    what: "there is a key to sign with, but nothing to sign: images.attestations is off",
    where: "--signing-key",
    todo: "leave the key out, or remove images.attestations: off from slipway.yaml",
  });
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

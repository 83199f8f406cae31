import { type Container, dag, type Secret } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Settings } from "../config/settings.ts";
import type { Commit } from "../git/commit.ts";
import { nameRelease, type Release } from "../rollout/release.ts";
import { listChanges } from "./build-report.ts";
import { nameImage, releasedImage } from "./image-name.ts";
import { explainRefusal } from "./registry-refusal.ts";
import type { ServiceImage } from "./service-image.ts";
import { syncImage } from "./sync-image.ts";
import { fillTags } from "./tags.ts";

/** Where the images go, and as whom. */
export interface Destination {
  /** In place of the one in slipway.yaml. */
  readonly registry: string | undefined;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

/**
 * Sends the images to the registry and gives the release that they make up. Images of several platforms go there under
 * one digest, that of their index. Each further tag is of the same digest.
 *
 * Ends at the first image that the registry does not take. What was sent until then stays there: without a release file
 * that names it, nobody uses it, and tags that move have not moved.
 *
 * @throws SlipwayError with what a person can do
 */
export async function publishImages(
  settings: Pick<Settings, "product" | "images" | "services">,
  built: ReadonlyMap<string, readonly ServiceImage[]>,
  commit: Commit,
  destination: Destination,
): Promise<Release> {
  refuseChanges(commit);
  const { registry, username, password } = destination;
  if ((username === undefined) !== (password === undefined)) throw lacksHalfOfCredentials(username);
  const names = new Map([...built.keys()].map((service) => [service, nameImage(settings, service, registry)]));
  // All are built before the first one is sent: a registry that has half of a release helps nobody.
  await Promise.all([...built].flatMap(([service, images]) => images.map((image) => syncImage(service, image))));
  const services: Release["services"] = {};
  for (const tag of fillTags(settings.images.tags, commit)) {
    for (const [service, images] of built) {
      const name = names.get(service) ?? "";
      const digest = await publishImage(images, { name, tag, username, password });
      const known = services[service]?.digest ?? digest;
      if (digest !== known) throw new Error(`${name} has two digests: ${known}, and as ${tag} ${digest}`);
      services[service] = releasedImage(settings, service, { name, digest });
    }
  }
  return nameRelease({ commit: commit.hash, commitTime: commit.time, author: commit.author, services });
}

/** The text of the release file. */
export function writeRelease(release: Release): string {
  return `${JSON.stringify(release, null, 2)}\n`;
}

interface Push {
  /** Registry and repository. */
  readonly name: string;
  readonly tag: string;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

async function publishImage(images: readonly ServiceImage[], push: Push): Promise<string> {
  const { name, tag, username } = push;
  const [first, ...others] = images.map(({ container }) => container);
  if (first === undefined) throw new Error(`there is no image of ${name}`);
  // An image of one platform goes as it is, without an index around it.
  const [sender, options] =
    others.length === 0 ? [first, {}] : [dag.container(), { platformVariants: [first, ...others] }];
  let address: string;
  try {
    address = await logIn(sender, push).publish(`${name}:${tag}`, options);
  } catch (error) {
    throw explainRefusal(error instanceof Error ? error.message : String(error), { image: name, username });
  }
  return address.slice(address.indexOf("@") + 1);
}

function logIn(container: Container, { name, username, password }: Push): Container {
  if (username === undefined || password === undefined) return container;
  return container.withRegistryAuth(name.split("/")[0] ?? name, username, password);
}

function refuseChanges(commit: Commit): void {
  if (commit.changes.length === 0) return;
  throw new SlipwayError("uncommitted", {
    what: ["these files differ from the commit that the release would name:", ...listChanges(commit)].join("\n"),
    where: `commit ${commit.hash}`,
    todo: "commit or undo the changes; `build` also takes what is not committed",
  });
}

function lacksHalfOfCredentials(username: string | undefined): SlipwayError {
  const [given, missing] = username === undefined ? ["--password", "--username"] : ["--username", "--password"];
  return new SlipwayError("bad-arguments", {
    what: `${given} is given without ${missing}`,
    where: "publish",
    todo: "give both, or neither",
  });
}

import type { Container, Secret } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import type { Settings } from "../config/settings.ts";
import { type Commit, nameVersion } from "../git/commit.ts";
import { nameRelease, type Release } from "../rollout/release.ts";
import { listChanges } from "./build-report.ts";
import { nameImage } from "./image-name.ts";
import { explainRefusal } from "./registry-refusal.ts";

/** Where the images go, and as whom. */
export interface Destination {
  /** In place of the one in slipway.yaml. */
  readonly registry: string | undefined;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

/**
 * Sends the images to the registry and gives the release that they make up.
 *
 * Ends at the first image that the registry does not take. What was sent until then stays there: without a release file
 * that names it, nobody uses it.
 *
 * @throws SlipwayError with what a person can do
 */
export async function publishImages(
  settings: Pick<Settings, "product" | "images" | "services">,
  built: ReadonlyMap<string, Container>,
  commit: Commit,
  destination: Destination,
): Promise<Release> {
  refuseChanges(commit);
  const { registry, username, password } = destination;
  if ((username === undefined) !== (password === undefined)) throw lacksHalfOfCredentials(username);
  const names = new Map([...built.keys()].map((service) => [service, nameImage(settings, service, registry)]));
  // All are built before the first one is sent: a registry that has half of a release helps nobody.
  await Promise.all([...built.values()].map((image) => image.sync()));
  const services: Release["services"] = {};
  for (const [service, image] of built) {
    const name = names.get(service) ?? "";
    const known =
      username === undefined || password === undefined
        ? image
        : image.withRegistryAuth(name.split("/")[0] ?? name, username, password);
    const { kind = "service" } = settings.services[service] ?? {};
    services[service] = {
      name,
      digest: await publishImage(known, name, nameVersion(commit), username),
      ...(kind === "service" ? {} : { kind }),
    };
  }
  return nameRelease({ commit: commit.hash, commitTime: commit.time, author: commit.author, services });
}

/** The text of the release file. */
export function writeRelease(release: Release): string {
  return `${JSON.stringify(release, null, 2)}\n`;
}

async function publishImage(
  image: Container,
  name: string,
  tag: string,
  username: string | undefined,
): Promise<string> {
  let address: string;
  try {
    address = await image.publish(`${name}:${tag}`);
  } catch (error) {
    throw explainRefusal(error instanceof Error ? error.message : String(error), { image: name, username });
  }
  return address.slice(address.indexOf("@") + 1);
}

function refuseChanges(commit: Commit): void {
  if (commit.changes.length === 0) return;
  throw new SlipwayError("uncommitted", {
    what: ["these files are not as in the commit that the release would name:", ...listChanges(commit)].join("\n"),
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

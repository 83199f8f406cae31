import { dag } from "@dagger.io/dagger";
import type { Base } from "../attestations/provenance.ts";
import type { Checkout } from "../checkout/checkout.ts";
import type { Build } from "../config/settings.ts";
import { listBaseImages } from "../languages/dockerfile/exposed.ts";
import { readBuilt } from "../languages/dockerfile/instructions.ts";
import { languages } from "../languages/languages.ts";
import { projectOf, serviceIn } from "./service-image.ts";

/** The images that the image of a service is made with, in the order of the build, each with its digest of now. */
export async function listBases(checkout: Checkout, name: string): Promise<Base[]> {
  const named = await nameBases(checkout, name);
  return await Promise.all(named.map(async (image) => ({ image, digest: await findDigest(image) })));
}

async function nameBases(checkout: Checkout, name: string): Promise<string[]> {
  const { settings } = checkout;
  const { path, build } = serviceIn(settings, name);
  if ("image" in build) return [build.image];
  if ("imageOf" in build) return await nameBases(checkout, build.imageOf);
  if ("dockerfile" in build) return await readDockerfile(checkout, build);
  const project = projectOf(settings, path, build.language);
  return [...new Set([project.image.value, languages[build.language].shippedOn(project)])];
}

async function readDockerfile(
  { files }: Checkout,
  { dockerfile, args }: Extract<Build, { readonly dockerfile: string }>,
): Promise<string[]> {
  const text = await files({ include: [dockerfile], exclude: [] })
    .file(dockerfile)
    .contents();
  return listBaseImages(readBuilt(text, args));
}

/**
 * The build has resolved the name a moment ago, and an engine remembers that. Of what it has not resolved (a stage that
 * nobody needs, an argument that only the build knows) there is no digest.
 */
async function findDigest(image: string): Promise<string | undefined> {
  try {
    return /@(sha256:[0-9a-f]{64})$/.exec(await dag.container().from(image).imageRef())?.[1];
  } catch {
    return undefined;
  }
}

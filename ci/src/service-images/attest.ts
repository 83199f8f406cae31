import { SlipwayError } from "../account.ts";
import { describeContents } from "../attestations/cyclonedx.ts";
import { findContents } from "../attestations/dagger-contents.ts";
import type { DaggerSigner } from "../attestations/dagger-signer.ts";
import { ENVELOPE_TYPE, STATEMENT_TYPE, writeEnvelope } from "../attestations/envelope.ts";
import type { TextArtifact } from "../attestations/program/task.ts";
import { describeProvenance } from "../attestations/provenance.ts";
import type { Referrers, Refused } from "../attestations/referrers.ts";
import { PREDICATES, type PredicateName, type Subject, writeStatement } from "../attestations/statement.ts";
import type { Checkout } from "../checkout/checkout.ts";
import { listServices, type Release } from "../rollout/release.ts";
import { listBases } from "./bases.ts";
import { adviseOn } from "./registry-refusal.ts";
import type { ServiceImage } from "./service-image.ts";

/** What hangs on the image of a service, or why nothing does. */
export type Attested =
  | { readonly digests: readonly string[]; readonly signedBy: string | undefined; readonly unread: readonly string[] }
  | { readonly none: string };

/** How images are attested. */
export interface Attesting {
  readonly referrers: Referrers;
  /** Absent: nobody signs. */
  readonly signer: DaggerSigner | undefined;
  /** As whom, for advice. */
  readonly username: string | undefined;
  /** Nothing is published without. */
  readonly isRequired: boolean;
}

/**
 * Hangs provenance and bills of materials on the images of a release.
 *
 * @returns by service; that of a registry which does not take them says why, unless they are required
 * @throws SlipwayError `not-published` when they are required and a registry does not take them
 */
export async function attestImages(
  checkout: Checkout,
  built: ReadonlyMap<string, readonly ServiceImage[]>,
  release: Release,
  attesting: Attesting,
): Promise<ReadonlyMap<string, Attested>> {
  const all = listServices(release).map(async (service) => {
    const image = release.services[service];
    const made = built.get(service);
    if (image === undefined || made === undefined) throw new Error(`nothing has built service ${service}`);
    const attested = await attestImage(checkout, { service, image, made, commit: release.commit }, attesting);
    if (attesting.isRequired && "none" in attested) throw refuseRelease(image.name, attested.none, attesting.username);
    return [service, attested] as const;
  });
  return new Map(await Promise.all(all));
}

interface Published {
  readonly service: string;
  readonly image: Subject;
  readonly made: readonly ServiceImage[];
  readonly commit: string;
}

async function attestImage(checkout: Checkout, published: Published, attesting: Attesting): Promise<Attested> {
  const { referrers, signer } = attesting;
  const { image, made } = published;
  const why = referrers.whyOutOfReach(image.name);
  // Before all images are looked through.
  if (why !== undefined) return { none: why };
  const [provenance, contents] = await Promise.all([
    writeProvenance(checkout, published),
    Promise.all(made.map(async ({ platform, container }) => ({ platform, found: await findContents(container) }))),
  ]);
  const boms = contents.map(({ platform, found }) => ({
    predicate: "sbom" as const,
    statement: writeStatement(image, "sbom", describeContents({ ...image, platform }, found)),
    platform,
  }));
  const statements = [{ predicate: "provenance" as const, statement: provenance, platform: undefined }, ...boms];
  const signed = await Promise.all(statements.map((one) => toArtifact(one, signer)));
  const sent: { digests: readonly string[] } | Refused = await referrers.attach(
    image,
    signed.map(({ artifact }) => artifact),
  );
  if ("refused" in sent) return { none: sent.refused };
  const unread = contents.flatMap(({ found }) => found.unread);
  return { digests: sent.digests, signedBy: signed[0]?.signedBy, unread };
}

async function writeProvenance(checkout: Checkout, { service, image, commit }: Published): Promise<string> {
  const { source, platforms } = checkout.settings.images;
  const bases = await listBases(checkout, service);
  return writeStatement(image, "provenance", describeProvenance({ service, commit, source, platforms, bases }));
}

interface Statement {
  readonly predicate: PredicateName;
  readonly statement: string;
  readonly platform: string | undefined;
}

async function toArtifact(
  { predicate, statement, platform }: Statement,
  signer: DaggerSigner | undefined,
): Promise<{ artifact: TextArtifact; signedBy: string | undefined }> {
  const annotations = {
    // The name by which BuildKit and cosign tell what is in a statement.
    "in-toto.io/predicate-type": PREDICATES[predicate],
    ...(platform === undefined ? {} : { "dev.slipway.platform": platform }),
  };
  if (signer === undefined)
    return { artifact: { type: STATEMENT_TYPE, text: statement, annotations }, signedBy: undefined };
  const signature = await signer.sign(statement);
  const text = writeEnvelope(statement, [signature]);
  return { artifact: { type: ENVELOPE_TYPE, text, annotations }, signedBy: signature.keyid };
}

function refuseRelease(image: string, why: string, username: string | undefined): SlipwayError {
  return new SlipwayError("not-published", {
    what: `the images were pushed, but not their provenance and SBOM: ${why}`,
    where: `provenance and SBOM of ${image}`,
    todo: adviseOn(why, { image, username }),
  });
}

import { SlipwayError } from "../account.ts";
import { ENVELOPE_TYPE, STATEMENT_TYPE } from "../attestations/envelope.ts";
import { judgeAttestations } from "../attestations/judge.ts";
import type { Ring } from "../config/find-ring.ts";
import { ATTESTATION_NAMESPACE } from "../rollout/approval/allowed-key.ts";
import { demandsSignature, tellCarried } from "../rollout/policy.ts";
import { listServices, type Release, tellRelease } from "../rollout/release.ts";
import type { Delivery } from "./delivery.ts";
import { readSigners } from "./signers.ts";

/**
 * Makes sure that every image of a release carries what a ring demands, before anything of it is brought there.
 *
 * @throws SlipwayError `not-attested` with everything that is missing or wrong, of all images at once
 */
export async function requireAttestations(
  delivery: Pick<Delivery, "settings" | "commits" | "referrers" | "now">,
  { name: ring, policy }: Ring,
  release: Release,
): Promise<void> {
  const rule = policy.attestations;
  if (tellCarried(rule) === undefined) return;
  const { settings, referrers } = delivery;
  const signers = demandsSignature(rule) ? await readSigners(delivery, ATTESTATION_NAMESPACE) : undefined;
  const judged = listServices(release).map(async (service): Promise<string[]> => {
    const image = release.services[service];
    if (image === undefined) return [];
    const read = await referrers.read(image, [STATEMENT_TYPE, ENVELOPE_TYPE]);
    if ("refused" in read) return [`${service}, ${image.name}@${image.digest.slice(0, 19)}: ${read.refused}`];
    const { found } = read;
    const { commit } = release;
    const { source } = settings.images;
    return judgeAttestations({ image, service, commit, source, found, rule, signers, nowMs: delivery.now() });
  });
  const problems = (await Promise.all(judged)).flat();
  if (problems.length === 0) return;
  throw new SlipwayError("not-attested", {
    what: [
      `the images of ${tellRelease(release)} lack attestations that ring ${ring} requires:`,
      ...problems.map((line) => `  ${line}`),
    ].join("\n"),
    where: `rings.${ring}.attestations of slipway.yaml, and the registry`,
    todo: "publish the commit again, with the --signing-key of somebody in the list if the ring requires signatures; existing attestations stay",
  });
}

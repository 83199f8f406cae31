import { withoutCredentials } from "../attestations/address.ts";
import type { Settings } from "../config/settings.ts";
import { type Commit, nameRevision, nameVersion } from "../git/commit.ts";

/**
 * What is written on the image of a service, both as labels (for who looks at a container) and as annotations (for who
 * looks at a registry): the keys of the OCI image specification 1.1, "Pre-Defined Annotation Keys".
 *
 * Nothing but the commit and slipway.yaml goes in, so that the same commit gives the same image.
 */
export function labelsOf(
  settings: Pick<Settings, "product" | "images">,
  service: string,
  commit: Commit,
): Record<string, string> {
  const { source } = settings.images;
  return {
    "org.opencontainers.image.title": `${settings.product}-${service}`,
    "org.opencontainers.image.version": nameVersion(commit),
    "org.opencontainers.image.revision": nameRevision(commit),
    "org.opencontainers.image.created": commit.time,
    ...(source === undefined ? {} : { "org.opencontainers.image.source": withoutCredentials(source) }),
  };
}

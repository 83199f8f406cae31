import { VERSION } from "../version.ts";
import { withoutCredentials } from "./address.ts";

/** How images of services come about here; docs/attestations.md says what the parameters mean. */
export const BUILD_TYPE = "https://slipway.dev/build/v1";
/** Who made the statement. Which machine it ran on, only a signature can say. */
const BUILDER = "https://slipway.dev/builder/v1";

/** An image that a build stands on. */
export interface Base {
  /** As the build names it: `debian:bookworm-slim`. */
  readonly image: string;
  /** As its registry knows it: `sha256:…`. Absent where it cannot be told. */
  readonly digest?: string | undefined;
}

/** What an image was made from. */
export interface Origin {
  readonly service: string;
  /** The whole hash of the commit. */
  readonly commit: string;
  /** Where people find the source. */
  readonly source: string | undefined;
  /** Named ones alone; none means that of the machine. */
  readonly platforms: readonly string[];
  readonly bases: readonly Base[];
}

/** The part of a provenance that a deploy compares. */
export interface ExternalParameters {
  readonly service: string;
  readonly commit: string;
  readonly source?: string;
  readonly platforms?: readonly string[];
}

/** What the build was asked for. Nothing of it is secret: whoever can read the image can read this. */
export function parametersOf({ service, commit, source, platforms }: Omit<Origin, "bases">): ExternalParameters {
  return {
    service,
    commit,
    ...(source === undefined ? {} : { source: withoutCredentials(source) }),
    ...(platforms.length === 0 ? {} : { platforms }),
  };
}

/**
 * The predicate of SLSA provenance v1. No time, no number of a run and no machine is in it: the same commit gives the same
 * bytes, so that publishing again adds nothing.
 */
export function describeProvenance(origin: Origin): unknown {
  const { commit, source, bases } = origin;
  const git = source === undefined ? {} : { uri: `git+${withoutCredentials(source)}@${commit}` };
  const hash = commit.length === 64 ? "sha256" : "sha1";
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: parametersOf(origin),
      resolvedDependencies: [
        { name: "source", ...git, digest: { gitCommit: commit, [hash]: commit } },
        ...bases.map(({ image, digest }) => ({
          name: "base image",
          uri: `docker-image://${image}`,
          ...(digest === undefined ? {} : { digest: { sha256: digest.replace("sha256:", "") } }),
        })),
      ],
    },
    runDetails: { builder: { id: BUILDER, version: { slipway: VERSION } } },
  };
}

import type { Secret, Service } from "@dagger.io/dagger";
import type { Found, TextArtifact } from "./program/task.ts";
import type { Subject } from "./statement.ts";

/** How a registry is reached out of a container, and as whom. */
export interface RegistryAccess {
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** A registry on the caller's own machine, which containers cannot reach. */
  readonly service: Service | undefined;
}

/** A registry that refused, or could not be reached: its own words. */
export interface Refused {
  readonly refused: string;
  readonly status?: number;
}

/** What hangs on images in their registries. */
export interface Referrers {
  /** Why containers cannot reach the registry of an image: they have a loopback of their own. Undefined when they can. */
  whyOutOfReach(image: string): string | undefined;
  /** Hangs artifacts on an image. @returns their digests; the same ones when they hang there already */
  attach(image: Subject, artifacts: readonly TextArtifact[]): Promise<{ digests: readonly string[] } | Refused>;
  /** What of these types hangs on an image. */
  read(image: Subject, types: readonly string[]): Promise<{ found: readonly Found[] } | Refused>;
}

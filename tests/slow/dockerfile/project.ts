import type { Files } from "../../integration/dockerfile/building.ts";

/** A repository with a Dockerfile as people have them. */
export interface Project {
  readonly name: string;
  readonly files: Files;
  /** Arguments of `dockerBuild`. */
  readonly args?: string;
  /** Those of `buildah bud`, which mean the same. */
  readonly buildahArgs?: readonly string[];
  /** Run in the container; absent where it holds no shell. */
  readonly command?: string;
  /** What the command prints. */
  readonly prints?: string;
  /** What differs from buildah on purpose, as `PATH: ours | theirs`. */
  readonly differences?: readonly string[];
  /** Why buildah of Debian bookworm cannot build it, or makes something else of it on purpose. */
  readonly notForBuildah?: string;
}

export const PACKAGE = JSON.stringify({
  name: "shop",
  version: "1.0.0",
  private: true,
  type: "module",
  dependencies: { greet: "file:vendor/greet" },
});

export const NO_HEREDOCS = "buildah 1.28 knows no here-documents";

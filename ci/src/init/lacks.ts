import type { Settings } from "../config/settings.ts";
import { SET_UP, SETUP_FILE } from "../input/setup-file.ts";
import type { FilePlan } from "../providers/compare.ts";
import { tellGenerate } from "../providers/providers.ts";
import { hasFile, isThere, type Outline } from "../repository/outline.ts";
import { ATTESTATION_NAMESPACE } from "../rollout/approval/allowed-key.ts";
import { tellFirstSigner } from "../rollout/approval/first-signer.ts";
import { demandsSignature, tellCarried } from "../rollout/policy.ts";

/** Something that keeps a repository from a part of the way, and what to do. */
export interface Lack {
  readonly what: string;
  readonly todo: string;
}

/** What of a place is known beside the files of the repository. */
export interface Surroundings {
  /** Whether there is a git repository. */
  readonly isInGit: boolean;
  /** What a person should know of how the repository is read. */
  readonly remarks: readonly string[];
  /** Images that cannot be had here, each with the reason in the words of the engine. */
  readonly unavailable: ReadonlyMap<string, string>;
  /** What stands between the files of CI systems and those that are asked for. */
  readonly workflows: FilePlan;
}

/** What the functions that a repository has already would fail by. */
export function findLacks(settings: Settings, outline: Outline, { unavailable, workflows }: Surroundings): Lack[] {
  const { checks, rings } = settings;
  const noCheck = {
    what: "no check was found",
    todo: "give the project a lint or test command of its own, or name one in checks of slipway.yaml",
  };
  return [
    ...(Object.keys(checks).length === 0 ? [noCheck] : []),
    ...[...unavailable].map(([image, reason]) => ({
      what: `the image ${image} cannot be pulled here: ${reason}`,
      todo: "make its registry reachable (network, proxy), or name another image in slipway.yaml",
    })),
    ...Object.entries(rings).flatMap(([name, { manifests }]) => {
      const todo = "run slipway init, or say where they are in rings of slipway.yaml";
      const what = `ring ${name} has no manifests in ${manifests.path}`;
      return isThere(outline, manifests.path) ? [] : [{ what, todo }];
    }),
    ...listFileLacks(outline, workflows),
  ];
}

/** What `workflows-current` would fail by. */
function listFileLacks(outline: Outline, { writes, removes, foreign, misplaced }: FilePlan): Lack[] {
  const todo = tellGenerate(outline.text("dagger.json"));
  return [
    ...(misplaced === undefined ? [] : [misplaced]),
    ...writes.map(({ path }) => ({
      what: `${path} ${hasFile(outline, path) ? "differs from slipway.yaml" : "is missing, although slipway.yaml names its CI system"}`,
      todo,
    })),
    ...removes.map((path) => ({ what: `${path} was generated for a CI system that is no longer named`, todo })),
    ...foreign.map((path) => ({
      what: `${path} exists already, and Slipway did not write it`,
      todo: "move it away and generate, or remove the CI system from providers in slipway.yaml",
    })),
  ];
}

/** What is still to be done on the way from here to production, in the order of that way. Nothing fails by it before. */
export function findSteps(settings: Settings, outline: Outline, { isInGit }: Surroundings): Lack[] {
  const { services, rings, images, approvals } = settings;
  const hasServices = Object.keys(services).length > 0;
  const steps: readonly (readonly [isMissing: boolean, what: string, todo: string])[] = [
    [
      !hasFile(outline, "slipway.yaml"),
      "there is no slipway.yaml: all values are detected",
      "run slipway init to change something, or to get manifests",
    ],
    [!isInGit, "there is no git repository, so no image can be named after its commit", "git init, and commit"],
    [
      !hasServices,
      "no service was found, so there are no images and no stack",
      "add a Dockerfile or something that starts, or name the service in services of slipway.yaml",
    ],
    [
      hasServices && images.registry === undefined,
      "no registry is named, so publish needs --registry",
      "set images.registry in slipway.yaml, such as ghcr.io/OWNER",
    ],
    [
      hasServices && Object.keys(rings).length === 0,
      "there are no rings, so nothing can be deployed",
      "run slipway init, or name rings in slipway.yaml",
    ],
    [
      Object.keys(rings).length > 0 && !hasFile(outline, SETUP_FILE),
      `there is no ${SETUP_FILE} that makes the namespaces of the rings, and accounts that may deploy there`,
      `run slipway init, and have an administrator run ${SET_UP}; there is nothing to do where they exist already`,
    ],
    ...Object.entries(rings).map(
      ([
        ring,
        {
          approvals: { quorum },
        },
      ]) =>
        [
          quorum > 0 && !isThere(outline, approvals.signers),
          `ring ${ring} requires ${quorum} ${quorum === 1 ? "approval" : "approvals"}, but there is no ${approvals.signers} that says who may give one`,
          tellFirstSigner(approvals),
        ] as const,
    ),
    ...Object.entries(rings).map(
      ([ring, { attestations }]) =>
        [
          demandsSignature(attestations) && !isThere(outline, approvals.signers),
          `ring ${ring} accepts only images with ${tellCarried(attestations)}, but there is no ${approvals.signers} that says whose signatures count`,
          tellFirstSigner(approvals, ATTESTATION_NAMESPACE),
        ] as const,
    ),
  ];
  return steps.flatMap(([isMissing, what, todo]) => (isMissing ? [{ what, todo }] : []));
}

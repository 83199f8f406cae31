import { z } from "zod";
import { nameSchema } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { ringPolicySchema } from "../rollout/policy.ts";
import { oneOf, placeSchema, textSchema } from "./values.ts";

/** How the manifests of a ring are written. */
export const MANIFEST_KINDS = ["kustomize", "plain", "helm"] as const;

/** How strict the rules for manifests are. */
export const RULE_LEVELS = ["restricted", "basic", "off"] as const;

const NAMESPACE = "expected the name of a namespace: lower case letters, digits and dashes, 63 at most";

const namespaceSchema = z
  .string(NAMESPACE)
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, NAMESPACE)
  .refine((name) => !name.startsWith("kube-"), "cannot be used: Kubernetes keeps kube-…");

/** Can a ring be this namespace? */
export function isNamespace(value: unknown): value is string {
  return namespaceSchema.safeParse(value).success;
}

const manifestsSchema = mapping({
  path: placeSchema
    .optional()
    .describe("The folder, from the top of the repository; of plain manifests also one file."),
  kind: z
    .enum(MANIFEST_KINDS)
    .optional()
    .describe(
      "By default kustomize where there is a kustomization.yaml, helm where there is a Chart.yaml, otherwise plain.",
    ),
  values: z.array(placeSchema).optional().describe("helm: files of values, the last one wins."),
});

const SERVER = "expected the address of an API server: https://HOST:PORT";
const AUTHORITY = "expected the path of a PEM file in the repository";
const AUDIENCE = "expected a name such as slipway-production";

// These words stand in command lines and files of CI systems as they are.
const clusterSchema = mapping({
  server: z
    .string(SERVER)
    .regex(/^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[\w./-]*)?$/, SERVER)
    .describe("The address of its API server, as the jobs reach it."),
  certificateAuthority: z
    .string(AUTHORITY)
    .regex(/^(?![-/])(?!(?:.*\/)?\.\.(?:\/|$))[\w./-]+$/, AUTHORITY)
    .describe("The file with the certificate authority of its API server, PEM. It is not secret: commit it."),
  audience: z
    .string(AUDIENCE)
    .regex(/^[A-Za-z0-9][\w.:/-]*$/, AUDIENCE)
    .describe(
      "The audience of the tokens for this ring. Give each ring its own: its API server then refuses the tokens of other rings.",
    ),
});

/** A cluster that takes the tokens of a CI system. */
export type ClusterSettings = z.output<typeof clusterSchema>;

/** Who gets a release, and by which rules. */
const ringSchema = mapping({
  manifests: oneOf("expected the path of a folder, or a mapping with path and kind", placeSchema, manifestsSchema)
    .optional()
    .describe(
      "Where its manifests are. By default manifests/RING, or the one folder of its name that has a kustomization.yaml.",
    ),
  namespace: namespaceSchema
    .optional()
    .describe("Its namespace, which no other ring may have. By default the ring's name."),
  deployments: z
    .record(z.string(), textSchema)
    .optional()
    .describe(
      "The Deployments of services that have other names in the manifests: SERVICE: DEPLOYMENT. Its Service is then the one that selects its pods, unless one is called like the service.",
    ),
  rules: z
    .enum(RULE_LEVELS)
    .default("basic")
    .describe(
      "How strictly the rules apply to the manifests: those that a deploy needs always do; hardening is required (restricted), advised (basic) or not checked (off).",
    ),
  cluster: clusterSchema
    .optional()
    .describe(
      "How jobs reach the cluster on CI systems that issue tokens: with a token of the run instead of a stored kubeconfig.",
    ),
  ...ringPolicySchema.shape,
});

/** Where the list of those who may approve comes from. */
export const approvalsSchema = mapping({
  signers: z
    .string()
    .min(1, "expected the path of a file")
    .default(".slipway/allowed_signers")
    .describe("A file as ssh-keygen knows it, ALLOWED SIGNERS."),
  branch: z
    .string()
    .regex(
      /^(?!.*\.lock(?:\/|$))[A-Za-z0-9](?:[A-Za-z0-9_-]|[./](?![./]|$))*$/,
      "expected the name of a branch: letters, digits and ._/- as git takes them",
    )
    .default("main")
    .describe("The protected branch that the file is read from, whatever is deployed."),
});

/** The names of rings in the order of the file. */
export const ringsSchema = z.record(z.string(), ringSchema);

/** A name of a ring: Kubernetes keeps names with this beginning for itself. */
export const ringNameSchema = nameSchema.refine(
  (name) => !name.startsWith("kube-"),
  "cannot be used: Kubernetes keeps kube-…",
);

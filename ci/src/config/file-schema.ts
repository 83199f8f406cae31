import { z } from "zod";
import { nameSchema, portSchema } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { imageNameSchema, registrySchema } from "../input/registry-name.ts";
import { tagPatternSchema } from "../input/tag-pattern.ts";
import { anyCheckSchema } from "./check-schema.ts";
import { providersSchema } from "./provider-schema.ts";
import { approvalsSchema, ringsSchema } from "./ring-schema.ts";
import { backingSchema, LANGUAGES, serviceSchema } from "./service-schema.ts";
import { oneOf, placeSchema, textSchema } from "./values.ts";

/** The platforms that images are made for. */
export const PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v7"] as const;

/** Of a list in which nothing means more by being there twice. */
function refuseTwice(list: readonly string[], context: z.core.$RefinementCtx): void {
  for (const [at, one] of list.entries())
    if (list.indexOf(one) < at) context.addIssue({ code: "custom", path: [at], message: "expected each one once" });
}

const imagesSchema = mapping({
  registry: registrySchema.optional().describe("Where publish sends them by default."),
  name: imageNameSchema.optional().describe('Their names below the registry. By default "{product}-{service}".'),
  tags: z
    .array(tagPatternSchema)
    .min(1, "expected at least one tag")
    .superRefine(refuseTwice)
    .optional()
    .describe(
      'Their tags: {version} is the time of the commit and its hash, {commit} the whole hash, {short} twelve digits of it, {date} its day as 2026-11-25, in UTC. A word such as latest is moved to each commit that is published. By default "{version}". A ring takes digests, never tags.',
    ),
  platforms: z
    .array(z.enum(PLATFORMS))
    .min(1, "expected at least one platform")
    .superRefine(refuseTwice)
    .optional()
    .describe(
      "The platforms that they are built for, each with an image of its own, all under one digest. By default the platform of the machine that builds them.",
    ),
  attestations: z
    .enum(["auto", "required", "off"])
    .optional()
    .describe(
      "Whether images carry where they come from (SLSA provenance) and what is in them (a CycloneDX SBOM). If a registry does not accept these, auto reports it and required fails; with a signing key auto fails too. By default auto.",
    ),
  source: z
    .url({ protocol: /^https?$/, error: "expected an address such as https://example.org/source" })
    .optional()
    .describe("Where the source is; written on every image."),
});

const projectSchema = mapping({
  language: z.enum(LANGUAGES).optional().describe("The language of the folder, where several could be meant."),
  manager: textSchema
    .optional()
    .describe("What installs its dependencies: npm, pnpm, yarn, pip, uv, poetry, pdm, pipenv, maven, gradle."),
  version: textSchema.optional().describe('The version of its language, between quotes: "3.13".'),
});

/** All that slipway.yaml can say, as a person writes it: what is left out is found, or has a default. */
export const fileSchema = mapping({
  product: nameSchema
    .optional()
    .describe("What the services are together. By default the name that the project at the top gives itself."),
  services: z
    .record(z.string(), serviceSchema)
    .optional()
    .describe("The services by name. By default those that are found; once this is written, only these."),
  backing: z
    .record(z.string(), backingSchema)
    .optional()
    .describe("Backing services by name, where one word in needs is not enough."),
  compose: oneOf("expected the path of a file, or false", placeSchema, z.literal(false))
    .optional()
    .describe(
      "A compose file whose services with an image are backing services. By default the one at the top; false for none.",
    ),
  front: z
    .record(z.string(), portSchema)
    .optional()
    .describe(
      "What a person opens after stack up, each with its port of localhost. By default every service at its own port, or the next free one.",
    ),
  checks: z
    .record(z.string(), anyCheckSchema)
    .optional()
    .describe("The checks by name. What is found (lint, unit) runs as well, unless it is false here."),
  projects: z
    .record(z.string(), oneOf("expected a mapping, or false", projectSchema, z.literal(false)))
    .optional()
    .describe(
      "By folder: what cannot be found there, such as which of two lock files counts; false for a folder that is to be skipped.",
    ),
  images: imagesSchema.prefault({}).describe("The images of the services: REGISTRY/NAME."),
  rings: ringsSchema.default({}).describe("Who gets a release, in which order and by which rules."),
  approvals: approvalsSchema.prefault({}).describe("Where the list of those who may approve comes from."),
  providers: providersSchema
    .optional()
    .describe(
      "The CI systems whose files `generate` writes: a list of names, or names with their settings. By default none.",
    ),
});

/** What slipway.yaml says, checked. What it leaves out is undefined, or its constant default. */
export type File = z.output<typeof fileSchema>;

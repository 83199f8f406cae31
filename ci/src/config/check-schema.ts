import { z } from "zod";
import { nameSchema } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { LANGUAGES, variablesSchema } from "./service-schema.ts";
import { commandsSchema, imageSchema, oneOf, patternSchema, placeSchema, textSchema, timeSchema } from "./values.ts";

const readsSchema = oneOf(
  "expected a list of patterns, or include and exclude",
  z.array(patternSchema).min(1, "expected at least one pattern"),
  mapping({
    include: z
      .array(patternSchema)
      .min(1, "expected at least one pattern")
      .optional()
      .describe("Path patterns from the top of the repository. By default what its language reads."),
    exclude: z.array(patternSchema).optional().describe("What is excluded. By default what its language excludes."),
  }),
);

const reportFiles = (what: string) =>
  oneOf("expected a path or a list of paths", patternSchema, z.array(patternSchema)).optional().describe(what);

/** Of a check: everything but its name. */
const checkSchema = mapping({
  run: commandsSchema
    .optional()
    .describe(
      "Text for a shell, a list of a program and its arguments, or a list of such lists that run one after the other. By default what the repository itself has under this name.",
    ),
  path: placeSchema
    .optional()
    .describe(
      "The folder that it runs in, from the top of the repository. By default the top, or the folder of its project. In the image of a Dockerfile it is its WORKDIR.",
    ),
  language: z
    .enum(LANGUAGES)
    .optional()
    .describe("Runs where the dependencies of this language are installed. By default the language of its folder."),
  image: imageSchema.optional().describe("Runs in this image instead, with the files alone."),
  reads: readsSchema
    .optional()
    .describe(
      "The files that it gets; a change elsewhere does not run it again. By default what its language reads; with an image of its own everything below its path, without files such as a README that the command does not name.",
    ),
  needs: z
    .array(nameSchema)
    .optional()
    .describe(
      "Services and backing services that it can reach and whose addresses it gets. By default none; for integration the whole product.",
    ),
  env: variablesSchema.optional().describe("More variables, as those of a service."),
  stage: z
    .enum(["fast", "slow"])
    .optional()
    .describe("slow ones run once all fast ones have passed. By default slow if it needs something, otherwise fast."),
  reports: mapping({
    junit: reportFiles(
      "JUnit files that it writes: the report counts their tests and names those that failed. By default those that the tests of Maven and Gradle write.",
    ),
    lcov: reportFiles("Coverage files in lcov format: the report has the share of lines that the tests ran."),
    cobertura: reportFiles("Coverage files in Cobertura format, for the same."),
    jacoco: reportFiles("Coverage files in JaCoCo's XML format, for the same."),
    coverprofile: reportFiles("Coverage files of go test -coverprofile, for the same."),
    sarif: reportFiles("What a linter found, as SARIF: shown beside the lines where the CI system can do that."),
    checkstyle: reportFiles("What a linter found, in Checkstyle format, for the same."),
  })
    .optional()
    .describe(
      "Files that it writes and that are collected, even when it fails: patterns from the top of the repository, or folders for everything in them. In the image of a Dockerfile they start at its WORKDIR.",
    ),
  timeout: timeSchema.default("30m").describe("How long it may take: 90s, 10m, 1h, or seconds; a day at most."),
});

/** A check: its command alone, everything about it, or `false` for one that was found and is not wanted. */
export const anyCheckSchema = oneOf(
  "expected a command, a mapping, or false",
  textSchema,
  z.array(textSchema).min(1, "expected a program and its arguments"),
  checkSchema,
  z.literal(false),
);

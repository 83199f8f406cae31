import { z } from "zod";
import { pathSchema } from "../input/http-path.ts";
import { nameSchema, portSchema } from "../input/names.ts";
import { mapping } from "../input/problems.ts";
import { counterRuleSchema } from "../rollout/traffic.ts";
import { commandSchema, imageSchema, oneOf, patternSchema, placeSchema, textSchema } from "./values.ts";

/** The languages that Slipway builds by itself. */
export const LANGUAGES = ["node", "python", "go", "java", "dockerfile"] as const;

/** What a service is: one that answers at a port, one that only works, or one that ends. */
export const KINDS = ["service", "worker", "job"] as const;

/** Variables and their values, in which {NAME}, {NAME.url} and the like stand for what is known only when things run. */
export const variablesSchema = z.record(z.string(), z.string());

const buildSchema = mapping({
  language: z
    .enum(LANGUAGES)
    .optional()
    .describe(
      "Builds it the way projects in this language are usually built. By default the language of its folder; a Dockerfile there wins.",
    ),
  start: commandSchema
    .optional()
    .describe("The program that the image starts, with its arguments. By default what its project starts with."),
  main: textSchema
    .optional()
    .describe("The entry, where there are several: a package of Go (./cmd/api), a class of Java, a file of Node."),
  output: placeSchema
    .optional()
    .describe(
      "Node: a folder inside the service's folder that its build writes and that is complete in itself. Nothing else goes into the image, not even dependencies.",
    ),
  reads: z
    .array(patternSchema)
    .min(1, "expected at least one pattern")
    .optional()
    .describe(
      "Files that its build reads besides those that its language reads: patterns from the top of the repository.",
    ),
  dockerfile: placeSchema
    .optional()
    .describe(
      "Builds it by this Dockerfile: its path from the top of the repository. By default the one in its folder.",
    ),
  context: placeSchema
    .optional()
    .describe(
      "The folder that the Dockerfile copies from, from the top of the repository. By default the service's path.",
    ),
  target: textSchema.optional().describe("The stage of the Dockerfile. By default the last one."),
  args: z.record(z.string(), z.string()).optional().describe("Values of the Dockerfile's ARGs. Never secrets."),
  image: imageSchema.optional().describe("An image that is built elsewhere. Nothing is built here."),
  imageOf: nameSchema.optional().describe("Another service, whose image this one starts in its own way (start)."),
});

/** A service of the product. */
export const serviceSchema = mapping({
  path: placeSchema
    .optional()
    .describe(
      "Its folder, from the top of the repository; . is the top. By default the folder of its name, or the only project.",
    ),
  kind: z
    .enum(KINDS)
    .optional()
    .describe(
      "service answers HTTP at a port, worker has no port, job runs to its end. By default service when a port is known.",
    ),
  port: portSchema
    .optional()
    .describe(
      "The HTTP port, given to it as PORT. It answers there once it is ready. By default the one that is found.",
    ),
  probe: pathSchema
    .optional()
    .describe(
      "The path at which a release has to answer GET with 2xx, before and after it gets the traffic. It may have a query. By default the path of its framework's health check, otherwise /.",
    ),
  build: buildSchema.optional().describe("How its image is made. By default by the language of its folder."),
  needs: z
    .array(nameSchema)
    .optional()
    .describe(
      "Services and backing services that run before it. It gets their addresses. What its env refers to counts as well.",
    ),
  env: variablesSchema
    .optional()
    .describe(
      'More variables: "{kafka}" is host and port of kafka, "{postgres.url}" and "{api.url}" addresses; {{x}} is the text {x}. Never secrets: the file is in the repository.',
    ),
  tell: variablesSchema
    .optional()
    .describe('The variables by which those that need it get its address. By default NAME_URL: "{NAME.url}".'),
  metrics: counterRuleSchema
    .optional()
    .describe(
      "How its pods count requests. With it, the bake judges a release by everybody's requests, not only by Slipway's own.",
    ),
});

const topicsSchema = oneOf(
  "expected a list of topics, or a mapping of topics to their settings",
  z.array(textSchema),
  z.record(
    z.string(),
    mapping({
      partitions: z
        .number("expected a whole number from 1 to 1000")
        .int("expected a whole number from 1 to 1000")
        .min(1, "expected a whole number from 1 to 1000")
        .max(1000, "expected a whole number from 1 to 1000")
        .default(1)
        .describe("How many partitions it has."),
    }),
  ),
);

/** The backing services that one word is enough for. */
export const BACKING_KINDS = ["kafka", "postgres", "redis", "rabbitmq"] as const;

/** A backing service: what the product needs and does not build. */
export const backingSchema = mapping({
  kind: z
    .enum([...BACKING_KINDS, "other"])
    .optional()
    .describe("What it is. By default what its name says (kafka, postgres, redis, rabbitmq), otherwise other."),
  image: imageSchema.optional().describe("Its image. Every kind but other has a default."),
  port: portSchema.optional().describe("The port that it answers at. Every kind but other has a default."),
  env: variablesSchema.optional().describe("Variables for its own image."),
  start: commandSchema
    .optional()
    .describe("The program that it starts instead of its image's own, with its arguments."),
  topics: topicsSchema
    .optional()
    .describe("kafka: the topics that it starts with: a list, or a mapping of names to { partitions }."),
  sql: z
    .array(placeSchema)
    .optional()
    .describe(
      "postgres: SQL files that its database starts with, in this order; for a folder all its .sql files, by name.",
    ),
  user: textSchema
    .optional()
    .describe("postgres, rabbitmq: the user that services log in as. For tests only, so never a secret."),
  password: textSchema
    .optional()
    .describe("postgres, rabbitmq: the password of that user. For tests only, so never a secret."),
  database: textSchema.optional().describe("postgres: the name of the database."),
  tell: variablesSchema
    .optional()
    .describe(
      'The variables by which those that need it get its address, such as DSN: "{postgres.url}". By default KAFKA_BROKERS, DATABASE_URL, REDIS_URL, RABBITMQ_URL; for others NAME_HOST and NAME_PORT.',
    ),
});

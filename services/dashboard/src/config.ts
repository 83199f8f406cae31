import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";

/** The variables of the dashboard. */
export const variables = z.object({
  ...commonVariables,
  INGEST_URL: z
    .url({ protocol: /^https?$/, error: "expected an address such as http://ingest:8080" })
    .optional()
    .describe("Where ingest answers. With it the dashboard also takes readings in: a person needs one address only."),
  TITLE: z.string().max(60).default("Slipway").describe("The head line of the page."),
  FLUSH_MS: wholeNumber({ min: 20, max: 10_000 })
    .default(200)
    .describe("How long changes are collected before they are sent to the pages."),
  HEARTBEAT_MS: wholeNumber({ min: 1_000, max: 60_000 })
    .default(15_000)
    .describe("The time between two signs of life of a stream."),
});

export type Config = z.output<typeof variables>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(variables, env);
}

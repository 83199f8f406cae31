import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";

const schema = z.object({
  ...commonVariables,
  /** Where ingest answers. With it the dashboard also takes readings in: a person needs one address only. */
  INGEST_URL: z.url({ protocol: /^https?$/, error: "expected an address such as http://ingest:8080" }).optional(),
  /** Head line of the page. */
  TITLE: z.string().max(60).default("Slipway"),
  /** Changes are collected for this long before they are sent to the pages. */
  FLUSH_MS: wholeNumber({ min: 20, max: 10_000 }).default(200),
  HEARTBEAT_MS: wholeNumber({ min: 1_000, max: 60_000 }).default(15_000),
});

export type Config = z.output<typeof schema>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(schema, env);
}

import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";

const schema = z.object({
  ...commonVariables,
  /** Length of a window. Part of what a state means: change it together with TOPIC_PREFIX or the algorithm's version. */
  WINDOW_MS: wholeNumber({ min: 1_000, max: 366 * 86_400_000 }).default(3_600_000),
  ALLOWED_LATENESS_MS: wholeNumber({ min: 0, max: 366 * 86_400_000 }).default(600_000),
  /** Ids of single readings that are remembered for each series, to leave out repeated ones. */
  REMEMBERED_IDS: wholeNumber({ min: 0, max: 100_000 }).default(512),
  /** After this long without a sign of life the others of the group take over. 6 s is the least that brokers allow. */
  SESSION_TIMEOUT_MS: wholeNumber({ min: 6_000, max: 300_000 }).default(6_000),
  DELIVERY_DEADLINE_MS: wholeNumber({ min: 1_000, max: 300_000 }).default(30_000),
});

export type Config = z.output<typeof schema>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(schema, env);
}

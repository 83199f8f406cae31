import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";

const MIB = 1024 * 1024;

const schema = z.object({
  ...commonVariables,
  /** Largest body of a request that is read as a whole. Files and lines are read piece by piece and have no limit. */
  MAX_BODY_BYTES: wholeNumber({ min: 1_024, max: 256 * MIB }).default(10 * MIB),
  /** Readings that may wait for the broker, and their bytes. */
  MAX_QUEUED_RECORDS: wholeNumber({ min: 100, max: 10_000_000 }).default(20_000),
  MAX_QUEUED_BYTES: wholeNumber({ min: 1024 * 1024, max: 4_096 * MIB }).default(32 * MIB),
  LINGER_MS: wholeNumber({ min: 0, max: 1_000 }).default(3),
  /** Longest time from taking a reading to the broker's answer. */
  DELIVERY_DEADLINE_MS: wholeNumber({ min: 1_000, max: 300_000 }).default(30_000),
  /** How far in the future a reading may lie: clocks differ. */
  FUTURE_TOLERANCE_MS: wholeNumber({ min: 0, max: 366 * 86_400_000 }).default(86_400_000),
});

export type Config = z.output<typeof schema>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(schema, env);
}

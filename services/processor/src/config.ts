import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";
import { colour } from "./role.ts";

const variables = z.object({
  ...commonVariables,
  /** Length of a window. Part of what a state means: change it together with TOPIC_PREFIX or the algorithm's version. */
  WINDOW_MS: wholeNumber({ min: 1_000, max: 366 * 86_400_000 }).default(3_600_000),
  ALLOWED_LATENESS_MS: wholeNumber({ min: 0, max: 366 * 86_400_000 }).default(600_000),
  /** Ids of single readings that are remembered for each series, to leave out repeated ones. */
  REMEMBERED_IDS: wholeNumber({ min: 0, max: 100_000 }).default(512),
  /** After this long without a sign of life the others of the group take over. 6 s is the least that brokers allow. */
  SESSION_TIMEOUT_MS: wholeNumber({ min: 6_000, max: 300_000 }).default(6_000),
  DELIVERY_DEADLINE_MS: wholeNumber({ min: 1_000, max: 300_000 }).default(30_000),
  /** Which of the two sets of pods this one is of. Slipway sets it. */
  SLIPWAY_COLOUR: colour.optional(),
  /** The live Service, which leads to the processors of the colour whose turn it is. */
  PROCESSOR_URL: z.url({ protocol: /^http$/, error: "expected an address such as http://processor:8080" }).optional(),
});

const schema = variables
  .refine(({ SLIPWAY_COLOUR, PROCESSOR_URL }) => SLIPWAY_COLOUR === undefined || PROCESSOR_URL !== undefined, {
    path: ["PROCESSOR_URL"],
    error:
      "is missing; one with a SLIPWAY_COLOUR has to know where the live Service is, for example http://processor:8080",
    // Else it would be told only once all the other variables are right.
    when: () => true,
  })
  .transform(({ SLIPWAY_COLOUR, PROCESSOR_URL, ...rest }) => ({
    ...rest,
    /** With whom it takes turns; `undefined` for one that is alone, as on a laptop. */
    turns:
      SLIPWAY_COLOUR === undefined || PROCESSOR_URL === undefined
        ? undefined
        : { colour: SLIPWAY_COLOUR, liveUrl: PROCESSOR_URL },
  }));

export type Config = z.output<typeof schema>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(schema, env);
}

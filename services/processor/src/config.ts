import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";
import { colour } from "./role.ts";

/** The variables of the processor. */
export const variables = z.object({
  ...commonVariables,
  WINDOW_MS: wholeNumber({ min: 1_000, max: 366 * 86_400_000 })
    .default(3_600_000)
    .describe(
      "The length of a window. It is part of what a state means: change it together with TOPIC_PREFIX or the version of the algorithm.",
    ),
  ALLOWED_LATENESS_MS: wholeNumber({ min: 0, max: 366 * 86_400_000 })
    .default(600_000)
    .describe("How far past its end the newest reading of a series has to be until a window is final."),
  REMEMBERED_IDS: wholeNumber({ min: 0, max: 100_000 })
    .default(512)
    .describe("Ids of single readings that are remembered for each series, to leave out repeated ones."),
  SESSION_TIMEOUT_MS: wholeNumber({ min: 6_000, max: 300_000 })
    .default(6_000)
    .describe(
      "After this long without a sign of life the others of the group take over. Brokers allow no less than 6 s.",
    ),
  DELIVERY_DEADLINE_MS: wholeNumber({ min: 1_000, max: 300_000 })
    .default(30_000)
    .describe("The longest time until the broker has answered that a result is stored."),
  SLIPWAY_COLOUR: colour.optional().describe("Which of the two sets of pods this one belongs to. Slipway sets it."),
  PROCESSOR_URL: z
    .url({ protocol: /^http$/, error: "expected an address such as http://processor:8080" })
    .optional()
    .describe(
      "The live Service, which leads to the processors of the colour whose turn it is. Required with SLIPWAY_COLOUR.",
    ),
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

import { z } from "zod";

/** What an answer says when something was not done: a problem document after RFC 9457, `application/problem+json`. */
export const problemDocument = z.object({
  type: z.string().describe("What happened, for programs: urn:slipway:problem:KIND. It stays as it is."),
  title: z.string().describe("The same for people. The words may change."),
  status: z.int().describe("The status of the answer."),
  detail: z.string().describe("What exactly happened, and where it can be known what to do."),
  instance: z.string().optional().describe("The path that was asked for."),
});

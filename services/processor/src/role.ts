import { z } from "zod";

/** `live`: works on its share of the readings. `standby`: works on none, and could at once. */
export type Role = "live" | "standby";

/** The two sets of processors that take turns. */
export const colour = z.enum(["blue", "green"], "expected blue or green");
export type Colour = z.output<typeof colour>;

/** What GET /v1/role answers. Processors of other releases read it too: fields may be added, none may change. */
export const roleAnswer = z.object({ colour, role: z.enum(["live", "standby"]) });
export type RoleAnswer = z.output<typeof roleAnswer>;

/**
 * The role of a processor of colour `own` after somebody has answered at the live Service.
 *
 * The colour that the traffic goes to is live. The other one hands over, but only to somebody who has taken over: pods that
 * do not learn of their turn would otherwise leave nobody at work.
 */
export function decideRole(own: Colour, now: Role, answer: RoleAnswer): Role {
  if (answer.colour === own) return "live";
  return answer.role === "live" ? "standby" : now;
}

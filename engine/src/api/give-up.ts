import { messageOf } from "./errors.ts";
import type { Session } from "./session.ts";

/**
 * Takes away what a container had once it has ended. What cannot be removed goes with the scratch folder of this process, and does not
 * change how the container has ended.
 */
export async function giveUp(
  session: Pick<Session, "report">,
  name: string,
  parts: readonly (() => Promise<void> | undefined)[],
): Promise<void> {
  for (const part of parts) {
    try {
      await part();
    } catch (error) {
      const text = `${name} has ended, and not all that it had could be removed: ${messageOf(error)}`;
      session.report({ kind: "note", text });
    }
  }
}

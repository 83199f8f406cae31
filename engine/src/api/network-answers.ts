import { lacksOffline } from "../store/offline.ts";
import { digestOf } from "../store/store.ts";
import { ApiError } from "./errors.ts";
import type { Session } from "./session.ts";

/**
 * What the network answers to a question; where it may not be asked, what it answered last.
 *
 * @param question JSON value that names all that the answer depends on but the time
 * @param what is asked for, for the person
 * @throws ApiError when the store has no answer and none may be asked for
 */
export async function askOrRecall<Answer>(
  session: Session,
  question: unknown,
  what: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const name = digestOf(["network answer", question]);
  if (session.offline) return session.store.recall<Answer>(name) ?? refuseOffline(what);
  const answer = await ask();
  session.store.remember(name, answer);
  return answer;
}

/** @throws ApiError always */
export function refuseOffline(what: string): never {
  throw new ApiError(lacksOffline(what));
}

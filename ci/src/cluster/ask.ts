import { judgeAnswer } from "./judge-answer.ts";
import type { Kubectl, KubectlAnswer } from "./kubectl.ts";

const READ_TRIES = 3;
const READ_PAUSE_MS = 1000;

/** How long a call may wait for the API server, in kubectl's own words. */
export const REQUEST_TIMEOUT = "--request-timeout=20s";

/** Asks again a few times when nobody answers: for reading that is always right. */
export async function ask(kubectl: Kubectl, args: readonly string[]): Promise<KubectlAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await kubectl.run([...args, REQUEST_TIMEOUT]);
    const outcome = judgeAnswer(answer);
    if (tries === READ_TRIES || (outcome !== "unreachable" && outcome !== "unavailable")) return answer;
    await new Promise((resolve) => setTimeout(resolve, READ_PAUSE_MS));
  }
}

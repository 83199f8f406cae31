import { get } from "node:http";
import { text } from "node:stream/consumers";
import { type RoleAnswer, roleAnswer } from "./role.ts";

/** An answer that takes longer is none: the next question comes soon. */
const LIMIT_MS = 2_000;

/**
 * Asks whoever the live Service leads to now. Each time on a new connection: a kept one stays with the pod that it was made
 * to, of whatever colour that is.
 *
 * @throws Error when nobody answers, or not like a processor.
 */
export async function askLiveService(url: string, signal: AbortSignal): Promise<RoleAnswer> {
  const body = await new Promise<string>((resolve, reject) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const request = get(new URL("/v1/role", url), { agent: false, signal: limited }, (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        reject(new Error(`it answered with status ${response.statusCode}`));
        return;
      }
      text(response).then(resolve, reject);
    });
    request.on("error", reject);
  });
  const parsed = roleAnswer.safeParse(readJson(body));
  if (!parsed.success) throw new Error(`it answered ${JSON.stringify(body.slice(0, 200))}`);
  return parsed.data;
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

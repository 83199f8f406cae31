import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again and again until `observe` returns `undefined`, that is: nothing is missing any more. What it returns
 * otherwise says what is still missing.
 *
 * @throws Error after `limitMs`, with the last observation. Errors of `observe` are passed on at once.
 */
export async function waitUntil(
  what: string,
  limitMs: number,
  observe: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const missing = await observe();
    if (missing === undefined) return;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1000} s until ${what}; last seen: ${missing}`);
    await delay(100);
  }
}

const YES = ["1", "true", "yes", "on"];
const NO = ["", "0", "false", "no", "off"];

/**
 * Whether nothing may be asked of a network: what `SLIPWAY_OFFLINE` says, which `--offline` sets.
 *
 * @throws Error when it says neither yes nor no
 */
export function isOffline(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const given = (env["SLIPWAY_OFFLINE"] ?? "").toLowerCase();
  if (!YES.includes(given) && !NO.includes(given))
    throw new Error(`SLIPWAY_OFFLINE is ${JSON.stringify(env["SLIPWAY_OFFLINE"])}\n  to do: set it to 1 or 0`);
  return YES.includes(given);
}

/** What to do about something that the store has not. */
export const LOAD_IT = "  to do: run the same command once without --offline (SLIPWAY_OFFLINE); then the store has it";

/** The words for what the store lacks where nothing may be asked of a network. */
export function lacksOffline(what: string): string {
  return `${what} is not in the store, and nothing is loaded while offline\n${LOAD_IT}`;
}

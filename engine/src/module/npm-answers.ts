/** What Node says where nobody is found or nobody answers, as a person understands it. */
const NOBODY: Readonly<Record<string, string>> = {
  EAI_AGAIN: "its name could not be looked up",
  ENOTFOUND: "its name is not known",
  ECONNREFUSED: "the connection was refused",
  ENETUNREACH: "the network is unreachable",
  ENETDOWN: "the network is down",
  EHOSTUNREACH: "there is no route to it",
  ETIMEDOUT: "the connection timed out",
  ERR_SOCKET_TIMEOUT: "it did not answer in time",
};

export const REACH_IT =
  "  to do: make it reachable (network, HTTPS_PROXY), or set a mirror (npm config set registry ADDRESS); without a network, use what npm's cache has (--offline), or a store from elsewhere (slipway store pack)";

export const LOG_IN =
  "  to do: write your login at this registry into ~/.npmrc (//HOST/:_authToken=TOKEN), which no function sees; a line for it in the module's own .npmrc counts before that, and variables in there (${TOKEN}) have no value, as with Dagger's own engine";

/** How often nobody answers before it is given up. npm waits ten seconds in between, unless its settings say otherwise. */
const MOST_TRIES = 2;

/** `npm http fetch GET https://registry.npmjs.org/zod attempt 1 failed with EAI_AGAIN`, and `… failed with 503`. */
const FAILED = /^npm http fetch [A-Z]+ (\S+) attempt (\d+) failed with (\w+)$/;
/** `npm http fetch GET 200 https://registry.npmjs.org/zod 35ms (cache miss)`. */
const ANSWERED = /^npm http fetch [A-Z]+ \d{3} /;

/** Reads of npm's log whether anybody answers it. One answer of anybody, and all the rest is left to npm. */
export class NpmAnswers {
  /** Who was asked in vain, in a sentence; undefined as long as it is worth waiting. */
  nobody: string | undefined;
  #isAnswered = false;
  #isTold = false;
  #rest = "";

  /** @param onNote told when nobody answers for the first time */
  constructor(readonly onNote: (text: string) => void) {}

  /** @param part of what npm says on standard error, cut anywhere */
  take(part: string): "nobody" | "worth waiting" {
    const lines = (this.#rest + part).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#takeLine(line);
    return this.nobody === undefined ? "worth waiting" : "nobody";
  }

  #takeLine(line: string): void {
    const [, url = "", tries = "", code = ""] = FAILED.exec(line) ?? [];
    const words = NOBODY[code];
    this.#isAnswered ||= ANSWERED.test(line) || (code !== "" && words === undefined);
    if (this.#isAnswered || words === undefined) return;
    const told = `${url} cannot be reached: ${words} (${code})`;
    if (Number(tries) >= MOST_TRIES) this.nobody ??= told;
    else if (!this.#isTold) this.onNote(`${told}; npm tries again`);
    this.#isTold = true;
  }
}

/** Whether a package manager says in its own words that nobody answers. */
export function saysUnreachable(words: string): boolean {
  return (
    Object.keys(NOBODY).some((code) => words.includes(code)) ||
    /ConnectionRefused|FailedToOpenSocket|trouble with your network connection/.test(words)
  );
}

/** Whether a package manager says in its own words that a registry wants a login, or another one. */
export function saysLogin(words: string): boolean {
  return /\bE?401\b|\bENEEDAUTH\b|authentication required/i.test(words);
}

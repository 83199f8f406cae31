import type { GitResult } from "./git-run.ts";
import { keepPrivate } from "./private.ts";

/** The variables by which the engine's git has other settings than the person's. */
const OWN_SETTINGS = [
  "GIT_CONFIG_PARAMETERS",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
];

/** Whoever has to be asked by a window would be asked for every command. */
const ASKS_NOBODY = "GIT_ASKPASS= GIT_TERMINAL_PROMPT=0 GCM_INTERACTIVE=never";

/** A helper that waits for somebody is ended after as many seconds. */
const LIMITED = ["timeout", "30"];

/** What the person's git says when it is asked for the login of an address: by the helpers of the person's settings. */
const HELPER = `!login() { [ "$1" = get ] || exit 0; cd / && env ${OWN_SETTINGS.map((name) => `-u ${name}`).join(" ")} ${ASKS_NOBODY} ${LIMITED.join(" ")} git credential fill; }; login`;

/** Whether a server wanted a login, and nobody has given one. What the call itself has given counts alone. */
export function wantsLogin({ exitCode, stderr }: GitResult, env: Readonly<Record<string, string>>): boolean {
  return exitCode !== 0 && env["GIT_CONFIG_COUNT"] === undefined && lacksLogin(stderr);
}

export function lacksLogin(stderr: string): boolean {
  return /could not read (?:Username|Password) for /.test(stderr);
}

/** Options by which git asks for the person's login, as git of the person does. What it gets with it is not for others. */
export function withLogins(): readonly string[] {
  keepPrivate();
  return ["-c", "credential.useHttpPath=true", "-c", `credential.helper=${HELPER}`];
}

export const LOG_IN =
  "\n  to do: let git of this machine know a login for it (a credential helper, or ~/.netrc): `git ls-remote` of that address has to work without a question; or use an address with ssh";

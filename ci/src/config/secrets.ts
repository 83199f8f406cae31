import { about, type Problem } from "../input/problems.ts";
import { memberOf, membersOf } from "./members.ts";

/** Values that are secret wherever they stand, by the form that their makers have given them so that they can be found. */
const FORMS: readonly (readonly [what: string, form: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a key of AWS", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a token of GitHub", /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})/],
  ["a token of GitLab", /\bglpat-[A-Za-z0-9_-]{20}/],
  ["a token of Slack", /\bxox[abeprs]-[A-Za-z0-9-]{10}/],
  ["a token of npm", /\bnpm_[A-Za-z0-9]{36}\b/],
  ["a key of Google", /\bAIza[A-Za-z0-9_-]{35}/],
  ["a key of Stripe", /\b[rs]k_live_[A-Za-z0-9]{16}/],
  ["a signed token (JWT)", /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16}/],
];

/** The places of the file where people write variables, by section. */
const PLACES: readonly (readonly [section: string, ...path: string[]])[] = [
  ["services", "env"],
  ["services", "build", "args"],
  ["checks", "env"],
  ["backing", "env"],
];

/** Secrets in a file that everybody with the repository can read. What they are is not shown again. */
export function listSecrets(data: unknown): Problem[] {
  return PLACES.flatMap(([section, ...path]) =>
    [...membersOf(memberOf(data, section))].flatMap(([name, settings]) =>
      [...membersOf(memberOf(settings, ...path))].flatMap(([variable, value]) => {
        const found = FORMS.find(([, form]) => typeof value === "string" && form.test(value));
        return found === undefined ? [] : [about([section, name, ...path, variable], tell(found[0]), true)];
      }),
    ),
  );
}

function tell(what: string): string {
  return `cannot be used: it is ${what}, and everybody with the repository can read it; revoke it where it was issued, and create a new one in the ring as a Secret`;
}

import { dirname } from "node:path/posix";
import { APPROVAL_NAMESPACE } from "./statement.ts";

/**
 * How somebody becomes one of those who may sign. The list counts as it is on its branch, so it has to be committed there.
 *
 * @param namespace what for
 */
export function tellFirstSigner(
  { signers, branch }: { readonly signers: string; readonly branch: string },
  namespace = APPROVAL_NAMESPACE,
): string {
  const folder = dirname(signers);
  const make = folder === "." ? "" : `mkdir -p ${folder} && `;
  const line = `NAME namespaces=\\"${namespace}\\" $(cat ~/.ssh/id_ed25519.pub)`;
  const who = namespace === APPROVAL_NAMESPACE ? "each person" : "whoever publishes";
  return `for ${who} ${make}echo "${line}" >> ${signers} (ssh-keygen -t ed25519 makes a key), and commit it on branch ${branch}`;
}

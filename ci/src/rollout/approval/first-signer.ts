import { dirname } from "node:path/posix";
import { APPROVAL_NAMESPACE } from "./statement.ts";

/** How somebody becomes one of those who may approve. The list counts as it is on its branch, so it has to be committed there. */
export function tellFirstSigner({ signers, branch }: { readonly signers: string; readonly branch: string }): string {
  const folder = dirname(signers);
  const make = folder === "." ? "" : `mkdir -p ${folder} && `;
  const line = `NAME namespaces=\\"${APPROVAL_NAMESPACE}\\" $(cat ~/.ssh/id_ed25519.pub)`;
  return `for each person ${make}echo "${line}" >> ${signers} (ssh-keygen -t ed25519 makes a key), and commit it on branch ${branch}`;
}

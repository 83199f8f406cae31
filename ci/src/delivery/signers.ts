import { SlipwayError } from "../account.ts";
import { tellFirstSigner } from "../rollout/approval/first-signer.ts";
import { APPROVAL_NAMESPACE } from "../rollout/approval/statement.ts";
import type { Delivery } from "./delivery.ts";

/**
 * The list of those who may sign, as it is on its protected branch.
 *
 * @param namespace what for: for approvals, unless it is said
 * @throws SlipwayError `bad-signers` when the branch has no such list
 */
export async function readSigners(
  { commits, settings }: Pick<Delivery, "commits" | "settings">,
  namespace = APPROVAL_NAMESPACE,
): Promise<string> {
  const { signers, branch } = settings.approvals;
  const text = await commits.readFile(branch, signers);
  if (text !== undefined) return text;
  throw new SlipwayError("bad-signers", {
    what: `there is no list of those who may ${namespace === APPROVAL_NAMESPACE ? "approve" : "sign for images"}`,
    where: `${signers} on branch ${branch} of the repository`,
    todo: tellFirstSigner({ signers, branch }, namespace),
  });
}

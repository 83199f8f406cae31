import { SlipwayError } from "../account.ts";
import { tellFirstSigner } from "../rollout/approval/first-signer.ts";
import type { Delivery } from "./delivery.ts";

/**
 * The list of those who may approve, as it is on its protected branch.
 *
 * @throws SlipwayError `bad-signers` when the branch has no such list
 */
export async function readSigners({ commits, settings }: Delivery): Promise<string> {
  const { signers, branch } = settings.approvals;
  const text = await commits.readFile(branch, signers);
  if (text !== undefined) return text;
  throw new SlipwayError("bad-signers", {
    what: "there is no list of those who may approve",
    where: `${signers} on branch ${branch} of the repository`,
    todo: tellFirstSigner({ signers, branch }),
  });
}

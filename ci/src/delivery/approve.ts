import { SlipwayError } from "../account.ts";
import { findRing } from "../config/find-ring.ts";
import { tellNearest } from "../input/nearest-name.ts";
import { showName } from "../input/shown.ts";
import { readAllowedSigners } from "../rollout/approval/allowed-signers.ts";
import { writeApprovalCommand } from "../rollout/approval/approvals-file.ts";
import { writeStatement } from "../rollout/approval/statement.ts";
import { readRelease, tellRelease } from "../rollout/release.ts";
import type { Delivery } from "./delivery.ts";
import { tellImages } from "./reports.ts";
import { readLedger } from "./ring.ts";
import { readSigners } from "./signers.ts";

/** How long an approval is good for. */
const APPROVAL_HOURS = 24;

/** The statement that a person signs to let a release into a ring, and the command that signs it. */
export async function approve(
  delivery: Delivery,
  ring: string,
  releaseText: string,
  by: { readonly approver: string; readonly reason: string | undefined; readonly reject: boolean },
): Promise<string> {
  const { policy } = findRing(delivery.settings, ring);
  const release = readRelease(releaseText);
  const signers = await readSigners(delivery);
  if (!readAllowedSigners(signers).some(({ principals }) => principals.includes(by.approver))) {
    const names = readAllowedSigners(signers).flatMap(({ principals }) => principals);
    throw new SlipwayError("not-approver", {
      what: `${showName(by.approver)} is not in the list of approvers: ${names.join(", ") || "it is empty"}${tellMistyped(by.approver, names)}`,
      where: `${delivery.settings.approvals.signers} on branch ${delivery.settings.approvals.branch}`,
      todo: "use one of these names as --approver, or have the key added to the list",
    });
  }
  const ledger = await readLedger(delivery.kubectl, policy.namespace);
  const issuedAtMs = delivery.now();
  const decision = by.reject ? "reject" : "approve";
  const statement = writeStatement({
    release,
    ring,
    decision,
    approver: by.approver,
    reason: by.reason ?? "",
    issuedAtMs,
    notAfterMs: issuedAtMs + APPROVAL_HOURS * 3_600_000,
    rules: policy.approvals,
    signers,
    evidence: [],
    ledgerHead: ledger.at(-1)?.seq ?? 0,
  });
  const file = `approvals-${ring}-${release.id.slice(0, 10)}`;
  return `${[
    `${by.approver} would ${decision} ${tellRelease(release)} for ring ${ring}, good for ${APPROVAL_HOURS} hours:`,
    ...tellImages(release),
    "",
    "The statement:",
    statement,
    "",
    `Sign it; this adds the approval to the file ${file}, for --approvals ${file} of deploy or promote:`,
    writeApprovalCommand(statement, file),
  ].join("\n")}\n`;
}

/** The name that was perhaps meant. What stands before the @ decides: the rest is the same for all of a company. */
function tellMistyped(approver: string, names: readonly string[]): string {
  const near = names.filter((name) => tellNearest(personOf(approver), [personOf(name)]) !== "");
  return tellNearest(approver, near);
}

function personOf(address: string): string {
  return address.replace(/@.*/, "");
}

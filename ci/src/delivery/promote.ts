import { SlipwayError } from "../account.ts";
import { findRing } from "../config/find-ring.ts";
import { findPromotable } from "../rollout/ledger.ts";
import { carryOut } from "./carry-out.ts";
import type { Delivery, Given } from "./delivery.ts";
import { makeDeploy, readLedgerOf } from "./deploy-request.ts";

/** Brings the release that is live in one ring into the next: the same digests. */
export async function promote(
  delivery: Delivery,
  { from, to }: { readonly from: string; readonly to: string },
  given: Given,
): Promise<string> {
  findRing(delivery.settings, from);
  const next = findRing(delivery.settings, to);
  const { after } = next.policy;
  if (after !== from) {
    const before = after === null ? "is the first one" : `comes after ring ${after}`;
    throw new SlipwayError("bad-arguments", {
      what: `ring ${to} ${before}, so nothing is promoted to it from ring ${from}`,
      where: "rings of slipway.yaml",
      todo: after === null ? `deploy --ring ${to}` : `promote --from ${after} --to ${to}`,
    });
  }
  // The ledger is all that an account of the next ring can read; a release is live from its end there on.
  const ledger = await readLedgerOf(delivery, from);
  const release = findPromotable(ledger);
  if (release === undefined) {
    throw new SlipwayError("not-verified", {
      what: `no release is verified and live in ring ${from}`,
      where: `ledger of ring ${from}`,
      todo: `deploy one there and let it pass the bake: deploy --ring ${from} --release FILE`,
    });
  }
  return await carryOut(delivery, next, await makeDeploy(delivery, next, release, given));
}

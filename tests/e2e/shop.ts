import { parseDocument } from "yaml";
import type { Stranger } from "./stranger.ts";

/** What a person says of the monorepo after `init`: who asks whom by HTTP, and the topics. */
export function completeShop(shop: Stranger): void {
  const document = parseDocument(shop.read("slipway.yaml"));
  document.setIn(["services", "web", "needs"], ["kafka", "ledger"]);
  document.setIn(["backing", "kafka", "topics"], ["orders", "prices"]);
  shop.write("slipway.yaml", String(document));
}

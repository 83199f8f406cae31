import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findPromotable, type LedgerEvent } from "../../../../ci/src/rollout/ledger.ts";
import { releaseOf } from "./fixtures.ts";
import { type Happening, ledgerOf } from "./ledgers.ts";

const cases: readonly (readonly [string, readonly (readonly [LedgerEvent["kind"], number])[], number | undefined])[] = [
  ["nothing of an empty ring", [], undefined],
  ["nothing of a ring whose first release is under way", [["started", 1]], undefined],
  ["what has passed its bake", [["started", 1], ["switched", 1], ["committed", 1]], 1],
  ["what is live while the next one comes up", [["committed", 1], ["started", 2]], 1],
  ["nothing while the next one has the traffic and is baking", [["committed", 1], ["switched", 2]], undefined],
  ["the next one after its bake", [["committed", 1], ["switched", 2], ["committed", 2]], 2],
  ["the one before when the next one failed", [["committed", 1], ["started", 2], ["failed", 2]], 1],
  ["the one before when the next one was rolled back in its bake", [["committed", 1], ["switched", 2], ["rolled-back", 2]], 1],
  ["the one before when the next one was rolled back later", [["committed", 1], ["committed", 2], ["rolled-back", 2]], 1],
  ["the same in a ring that is frozen or was", [["committed", 1], ["frozen", 1], ["thawed", 1], ["frozen", 1]], 1],
  ["nothing where a freeze came into the bake", [["committed", 1], ["switched", 2], ["frozen", 2]], undefined],
]; // biome-ignore format: one ledger a line

const promotable = suite("what can be promoted");

for (const [title, happenings, number] of cases) {
  promotable(`is ${title}`, () => {
    const found = findPromotable(ledgerOf(...happenings.map(([kind, number]): Happening => [kind, number, 0])));
    assert.is(found?.id, number === undefined ? undefined : releaseOf(number).id);
  });
}

promotable.run();

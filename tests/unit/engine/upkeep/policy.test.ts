import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leftBy } from "../../../../engine/src/upkeep/policy.ts";

const policy = suite("what a policy leaves of a store");
const none = { maxUsedSpace: 0, targetSpace: 0, reservedSpace: 0, minFreeSpace: 0 };

for (const [what, given, used, free, left] of [
  ["nothing, without any bound", {}, 100, 0, 0],
  ["all of it below the bound", { maxUsedSpace: 100 }, 100, 0, undefined],
  ["the bound, when more was there", { maxUsedSpace: 60 }, 100, 0, 60],
  ["the target, when more than the bound was there", { maxUsedSpace: 60, targetSpace: 40 }, 100, 0, 40],
  ["all of it, when there is only a target", { targetSpace: 40 }, 100, 0, undefined],
  ["what is reserved, where that is more than the bound", { maxUsedSpace: 60, reservedSpace: 80 }, 100, 0, 80],
  ["all of it, where more is reserved than there is", { maxUsedSpace: 60, reservedSpace: 200 }, 100, 0, undefined],
  [
    "what is reserved, where that is more than the target",
    { maxUsedSpace: 90, targetSpace: 10, reservedSpace: 50 },
    100,
    0,
    50,
  ],
  ["as much less as the disk needs", { minFreeSpace: 30 }, 100, 10, 80],
  ["all of it, where the disk has enough", { minFreeSpace: 30 }, 100, 30, undefined],
  ["nothing, where the disk needs more than there is", { minFreeSpace: 500 }, 100, 0, 0],
] as const) {
  policy(what, () => assert.is(leftBy({ ...none, ...given }, used, free), left));
}

policy.run();

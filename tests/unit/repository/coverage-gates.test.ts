/** What the tests of each room have to run through. */
import { existsSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GATES } from "../../coverage/gates.ts";
import { judgeRooms, sumRooms } from "../../coverage/judge-rooms.ts";

const gates = suite("gates of coverage");

const counts = (lines: readonly [number, number], branches: readonly [number, number]) => ({
  lines: { covered: lines[0], total: lines[1] },
  branches: { covered: branches[0], total: branches[1] },
});

const rooms = sumRooms({
  "ci/src/index.ts": counts([1, 1], [0, 0]),
  "ci/src/rollout/step.ts": counts([90, 100], [19, 20]),
  "ci/src/rollout/rolling/back.ts": counts([9, 99], [0, 1]),
  "services/ingest/src/app.ts": counts([1, 3], [1, 1]),
});

gates("are about rooms, in which files count by their lines", () => {
  assert.equal(rooms, [
    { room: "ci/src", files: 1, lines: 100, branches: 100 },
    { room: "ci/src/rollout", files: 2, lines: 49.7, branches: 90.4 },
    { room: "services/ingest", files: 1, lines: 33.3, branches: 100 },
  ]);
});

gates("tell every room that has too little, that has no gate, and that is not there", () => {
  const asked = {
    "ci/src": { lines: 100, branches: 100 },
    "ci/src/rollout": { lines: 50, branches: 95 },
    "ci/src/moved": { lines: 1, branches: 1 },
  };
  assert.equal(judgeRooms(rooms, asked), [
    "services/ingest: has no gate",
    "ci/src/moved: there is no such room",
    "ci/src/rollout: 49.7 % of lines, expected 50 %",
    "ci/src/rollout: 90.4 % of branches, expected 95 %",
  ]);
  assert.equal(judgeRooms(rooms.slice(0, 1), { "ci/src": { lines: 100, branches: 100 } }), []);
});

gates("of the rollout ask for 95 % of the branches, and each is of a room that is there", () => {
  assert.is(GATES["ci/src/rollout"]?.branches, 95);
  assert.equal(
    Object.keys(GATES).filter((room) => !existsSync(room)),
    [],
  );
});

gates.run();

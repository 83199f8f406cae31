import { mkdirSync, mkdtempSync, rmSync, statfsSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeRecord } from "../../../../engine/src/store/records.ts";
import { hasRoom, noteRoom } from "../../../../engine/src/upkeep/room.ts";
import type { Place } from "../../../../engine/src/upkeep/sizes.ts";

const GIB = 1024 ** 3;

const room = suite<{ place: Place }>("the room of a store");

room.before.each((state) => {
  const storeDir = mkdtempSync(join(tmpdir(), "room-"));
  state.place = { storeDir, runDir: join(storeDir, "run/own"), scratch: join(storeDir, "scratch") };
  mkdirSync(state.place.scratch);
});
room.after.each(({ place }) => rmSync(place.storeDir, { recursive: true }));

room("is not known before anybody has measured", ({ place }) => {
  assert.not.ok(hasRoom(place, Number.POSITIVE_INFINITY));
});

room("is there when the store was measured a moment ago and has plenty", ({ place }) => {
  noteRoom(place, 5 * GIB);
  assert.ok(hasRoom(place, 20 * GIB));
  assert.ok(hasRoom(place, Number.POSITIVE_INFINITY));
});

room("is looked for again near the limit, and above it", ({ place }) => {
  noteRoom(place, 5 * GIB);
  for (const limit of [5.4 * GIB, 5 * GIB, GIB]) assert.not.ok(hasRoom(place, limit));
});

/** Makes the note older than now by so many seconds. */
function age({ storeDir }: Place, seconds: number): void {
  const at = Date.now() / 1000 - seconds;
  utimesSync(join(storeDir, "room.json"), at, at);
}

room("is there also when the note is a little later than the clock", ({ place }) => {
  noteRoom(place, 5 * GIB);
  age(place, -0.5);
  assert.ok(hasRoom(place, 20 * GIB));
});

room("is looked for again after ten minutes, and when the clock was put back by so many", ({ place }) => {
  noteRoom(place, 5 * GIB);
  for (const minutes of [11, -11]) {
    age(place, minutes * 60);
    assert.not.ok(hasRoom(place, 20 * GIB));
  }
});

room("is looked for again when the disk has lost half of it since", ({ place }) => {
  const { bavail, bsize } = statfsSync(place.storeDir);
  const noted = (lost: number) => ({ totalBytes: 5 * GIB, freeBytes: bavail * bsize + lost });
  const path = join(place.storeDir, "room.json");
  writeRecord(path, noted(6 * GIB), join(place.scratch, "new"));
  assert.ok(hasRoom(place, 20 * GIB));
  writeRecord(path, noted(9 * GIB), join(place.scratch, "new"));
  assert.not.ok(hasRoom(place, 20 * GIB));
});

room("is not known from a damaged file", ({ place }) => {
  noteRoom(place, 5 * GIB);
  writeFileSync(join(place.storeDir, "room.json"), "{}");
  assert.not.ok(hasRoom(place, 20 * GIB));
});

room.run();

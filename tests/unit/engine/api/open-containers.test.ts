import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OpenContainers } from "../../../../engine/src/api/open-containers.ts";

const LONG_MS = 60_000;

const open = suite("OpenContainers");

open("has nothing to wait for when there is none", async () => {
  await new OpenContainers().untilNone(LONG_MS);
});

open("waits for each, also for one that comes meanwhile", async () => {
  const containers = new OpenContainers();
  const order: string[] = [];
  const closeFirst = containers.add();
  const waiting = containers.untilNone(LONG_MS).then(() => order.push("none"));
  const closeSecond = containers.add();
  closeFirst();
  await new Promise(setImmediate);
  order.push("second");
  closeSecond();
  await waiting;
  assert.equal(order, ["second", "none"]);
});

open("does not wait longer than it may for one that stays", async () => {
  const containers = new OpenContainers();
  containers.add();
  await containers.untilNone(1);
});

open.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OpenContainers } from "../../../../engine/src/api/open-containers.ts";

const LONG_MS = 60_000;

const open = suite("OpenContainers");

open("has nothing to wait for when there is none", async () => {
  await new OpenContainers().close(LONG_MS);
});

open("says that the session ends before it waits", async () => {
  const containers = new OpenContainers();
  const close = containers.add();
  containers.ending.addEventListener("abort", close);
  await containers.close(LONG_MS);
});

open("waits for each, also for one that comes meanwhile", async () => {
  const containers = new OpenContainers();
  const order: string[] = [];
  const closeFirst = containers.add();
  const waiting = containers.close(LONG_MS).then(() => order.push("none"));
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
  await containers.close(1);
});

open.run();

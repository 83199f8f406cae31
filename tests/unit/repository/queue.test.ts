import { suite } from "uvu";
import * as assert from "uvu/assert";
import { queue } from "../../queue.ts";
import { openSupply } from "../../supply.ts";

const queues = suite("a queue of tests");

/** Work that ends when it is told to. */
function work(name: string, begun: string[]) {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const run = async () => {
    begun.push(name);
    await ended;
  };
  return { run, end };
}

/** Lets everything happen that waits for nothing else. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

queues("begins no more at a time than it may, in the order in which it was asked", async () => {
  const begun: string[] = [];
  const [a, b, c, d] = [work("a", begun), work("b", begun), work("c", begun), work("d", begun)];
  const inTurn = queue(2);
  const all = Promise.all([a, b, c, d].map((one) => inTurn(one.run)));
  await settle();
  assert.equal(begun, ["a", "b"]);
  b.end();
  await settle();
  assert.equal(begun, ["a", "b", "c"]);
  for (const one of [a, c, d]) one.end();
  await all;
  assert.equal(begun, ["a", "b", "c", "d"]);
});

queues("goes on after work that has failed", async () => {
  const begun: string[] = [];
  const [bad, good] = [work("bad", begun), work("good", begun)];
  const inTurn = queue(1);
  const [failed, done] = [inTurn(bad.run), inTurn(good.run)];
  bad.end(new Error("no"));
  assert.is(await failed.catch((error: Error) => error.message), "no");
  good.end();
  await done;
  assert.equal(begun, ["bad", "good"]);
});

queues("asks nothing of a folder without a probe", async () => {
  const supply = await openSupply("tests/unit/repository/probe.ts", 1);
  assert.equal([supply.reason, await supply.take()], [undefined, {}]);
});

queues.run();

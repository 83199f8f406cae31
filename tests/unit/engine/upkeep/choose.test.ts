import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { choose, type Holding, type Part } from "../../../../engine/src/upkeep/choose.ts";

const choosing = suite("what a store gives up");

const base: Part = { path: "layers/base", bytes: 100 };
const holding = (path: string, usedMs: number, needs: readonly Part[] = [], bytes = 1): Holding => ({
  path,
  bytes,
  usedMs,
  needs,
});

choosing("is nothing while all of it fits", () => {
  const all = [holding("a", 1, [base]), holding("b", 2, [base])];
  assert.equal(choose(all, 102), { remove: [], freedBytes: 0, keptBytes: 102 });
});

choosing("is what was not used for longest, with the layers that nothing else needs", () => {
  const own: Part = { path: "layers/own", bytes: 50 };
  const all = [holding("old", 1, [base, own]), holding("new", 2, [base])];
  assert.equal(choose(all, 120), { remove: ["old", "layers/own"], freedBytes: 51, keptBytes: 101 });
});

choosing("counts a layer once that many results need", () => {
  const all = [1, 2, 3].map((usedMs) => holding(`r${usedMs}`, usedMs, [base]));
  assert.equal(choose(all, 103).remove, []);
  assert.equal(choose(all, 102).remove, ["r1"]);
});

choosing("passes over one that is too large for all that may be left, and keeps what is older", () => {
  const all = [holding("huge", 3, [{ path: "layers/huge", bytes: 1000 }]), holding("small", 1, [base])];
  assert.equal(choose(all, 200).remove, ["huge", "layers/huge"]);
});

choosing("is all of it when nothing may be left", () => {
  assert.equal(choose([holding("a", 1, [base])], 0), { remove: ["a", "layers/base"], freedBytes: 101, keptBytes: 0 });
});

const parts = fc.array(fc.nat(300), { minLength: 1, maxLength: 6 });
const uses = fc.array(fc.record({ usedMs: fc.nat(20), bytes: fc.nat(50), of: fc.array(fc.nat(5)) }), { maxLength: 12 });

choosing("leaves no more than asked for, whole results only, and takes no part of them away", () => {
  fc.assert(
    fc.property(parts, uses, fc.nat(1500), (sizes, used, most) => {
      const layers = sizes.map((bytes, nth): Part => ({ path: `layers/${nth}`, bytes }));
      const all = used.map(({ usedMs, bytes, of }, nth) =>
        holding(`r${nth}`, usedMs, [...new Set(of.map((one) => layers[one % layers.length] as Part))], bytes),
      );
      const { remove, keptBytes, freedBytes } = choose(all, most);
      const gone = new Set(remove);
      const kept = all.filter(({ path }) => !gone.has(path));
      const left = new Set(kept.flatMap(({ needs }) => needs));
      const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
      assert.is(keptBytes, sum(kept.map(({ bytes }) => bytes)) + sum([...left].map(({ bytes }) => bytes)));
      assert.ok(keptBytes <= most);
      for (const { path } of left) assert.not(gone.has(path));
      const there = new Set(all.flatMap(({ needs }) => needs));
      assert.is(keptBytes + freedBytes, sum(all.map(({ bytes }) => bytes)) + sum([...there].map(({ bytes }) => bytes)));
      assert.is(gone.size, remove.length);
    }),
  );
});

choosing.run();

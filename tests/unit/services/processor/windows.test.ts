import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reading, WindowRecord } from "../../../../services/contracts/src/index.ts";
import { defaultSettings } from "../../../../services/processor/src/detector.ts";
import { PartitionWork } from "../../../../services/processor/src/partition-work.ts";
import type { WindowSettings } from "../../../../services/processor/src/windows.ts";

const windows = suite("windows");

/** `fc.assert` for properties without waiting, which say so in their type. */
const check: <T>(property: fc.IProperty<T>, options: fc.Parameters<T>) => void = fc.assert;

const T0 = Date.UTC(2024, 0, 1);
const settings: WindowSettings = {
  windowMs: 1_000,
  allowedLatenessMs: 5_000,
  rememberedIds: 1_000,
  detector: { ...defaultSettings, warmUp: 5, quiet: 3 },
};

type Results = { readonly windows: Map<string, WindowRecord>; readonly anomalies: Map<string, string> };

const emptyResults = (): Results => ({ windows: new Map(), anomalies: new Map() });

const event = (series: string, ms: number, value: number, id: string): Reading => ({ id, series, ts: T0 + ms, value });

const record = (reading: unknown, offset: number) => ({
  offset,
  key: null,
  value: Buffer.from(typeof reading === "string" ? reading : JSON.stringify(reading)),
});

/** Writes what there is to write, as Kafka would keep it: the last record of each key. */
function writeOut(work: PartitionWork, into: Results, states = new Map<string, string>()): void {
  const outputs = work.collect();
  for (const { key, value } of outputs.windows) into.windows.set(key, JSON.parse(value) as WindowRecord);
  for (const { key, value } of outputs.anomalies) into.anomalies.set(key, value);
  for (const { key, value } of outputs.states) states.set(key, value);
}

function process(events: readonly Reading[], with_ = settings): Results {
  const work = new PartitionWork(0, with_);
  const results = emptyResults();
  events.forEach((reading, offset) => {
    work.accept(record(reading, offset));
    writeOut(work, results);
  });
  return results;
}

/** Numbers of all windows, rounded so that the order of additions does not show. */
function numbersOf({ windows: all }: Results): Record<string, unknown> {
  const round = (value: number) => Number(value.toFixed(6)) + 0;
  return Object.fromEntries(
    [...all.values()]
      .map(
        ({ series, startTs, count, mean, sd, min, max }) =>
          [
            `${series}|${startTs - T0}`,
            { count, mean: round(mean), sd: Math.abs(sd) < 1e-6 ? 0 : round(sd), min, max },
          ] as const,
      )
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

windows("counts each reading in the window of its own time, whole windows from 1970 on", () => {
  const results = process([event("a", 0, 1, "1"), event("a", 999, 3, "2"), event("a", 1_000, 7, "3")]);
  assert.equal(numbersOf(results), {
    "a|0": { count: 2, mean: 2, sd: 1, min: 1, max: 3 },
    "a|1000": { count: 1, mean: 7, sd: 0, min: 7, max: 7 },
  });
});

windows("counts a correction when a reading comes after its series has moved on", () => {
  const results = process([event("a", 0, 1, "1"), event("a", 2_500, 1, "2"), event("a", 500, 5, "3")]);
  const first = results.windows.get(`a|${T0}`);
  assert.equal([first?.count, first?.rev, first?.state], [2, 1, "open"]);
});

windows("makes a window final when the series is past its end by the allowed lateness, and not before", () => {
  const before = process([event("a", 0, 1, "1"), event("a", 5_999, 1, "2")]);
  assert.is(before.windows.get(`a|${T0}`)?.state, "open");
  const after = process([event("a", 0, 1, "1"), event("a", 6_000, 1, "2")]);
  assert.is(after.windows.get(`a|${T0}`)?.state, "final");
});

windows("puts a reading whose window is final among the dead letters, with the reason", () => {
  const work = new PartitionWork(3, settings);
  work.accept(record(event("a", 0, 1, "1"), 0));
  work.accept(record(event("a", 60_000, 1, "2"), 1));
  work.accept(record(event("a", 10, 1, "3"), 2));
  const { deadLetters } = work.collect();
  assert.equal(
    deadLetters.map(({ reason, stage }) => ({ reason, stage })),
    [{ reason: "its window was final: the series had reached 2024-01-01T00:01:00.000Z", stage: "late" }],
  );
  assert.is(work.counts.tooLate, 1);
});

for (const [name, text, reason] of [
  ["text that is not JSON", "{", /^not JSON: /],
  ["a record of another shape", '{"id":"1","series":"a"}', /^ts: .*; value: /],
  ["a value that is no number", `{"id":"1","series":"a","ts":${T0},"value":"NaN"}`, /^value: /],
  ["a time in the year 9999", `{"id":"1","series":"a","ts":253370764800000,"value":1}`, /^ts: /],
] as const) {
  windows(`buries ${name} and goes on with the next record`, () => {
    const work = new PartitionWork(0, settings);
    work.accept(record(text, 0));
    work.accept(record(event("a", 0, 1, "1"), 1));
    const { deadLetters, windows: written } = work.collect();
    assert.is(deadLetters.length, 1);
    assert.match(deadLetters[0]?.reason ?? "", reason);
    assert.is(written.length, 1);
  });
}

windows("keeps fields that it does not know: a newer writer may have added them", () => {
  const results = process([{ ...event("a", 0, 1, "1"), quality: "good" }]);
  assert.is(results.windows.size, 1);
});

windows("marks a window whose mean is not what the series led to expect, and says why", () => {
  const calm = Array.from({ length: 40 }, (_, index) => event("a", index * 1_000, 10 + (index % 2), `${index}`));
  const wild = Array.from({ length: 10 }, (_, index) => event("a", 40_000 + index * 1_000, 90, `w${index}`));
  const [anomaly] = [...process([...calm, ...wild]).anomalies.values()].map((text) => JSON.parse(text));
  assert.is(anomaly.ts, T0 + 40_000);
  assert.is(anomaly.direction, "high");
  assert.match(anomaly.reason, /^Mean 90 is outside .* above the forecast$/);
});

/** Events of a few series, each at most 5 s behind the newest one of its series, so none is too late. */
const eventsArbitrary = fc
  .array(
    fc.record({
      series: fc.constantFrom("a", "b", "ü/c"),
      ms: fc.integer({ min: 0, max: 20_000 }),
      value: fc.integer({ min: -1_000, max: 1_000 }),
      key: fc.double({ min: 0, max: 5_000, noNaN: true }),
      unit: fc.constantFrom({}, { unit: "min" }, { unit: "s" }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((items) =>
    items.map((item, index) => ({
      ...item,
      reading: { ...event(item.series, item.ms, item.value, `id-${index}`), ...item.unit },
    })),
  );

windows("gives the same windows in whatever order readings come, repeated or not, while they are not too late", () => {
  check(
    fc.property(eventsArbitrary, fc.array(fc.nat(1_000), { maxLength: 30 }), (items, repeats) => {
      const inOrder = [...items].sort((a, b) => a.ms - b.ms).map(({ reading }) => reading);
      // Sorting by time plus up to 5 s mixes them, and none falls back by more than that.
      const mixed = [...items].sort((a, b) => a.ms + a.key - (b.ms + b.key)).map(({ reading }) => reading);
      for (const at of repeats) {
        const again = mixed[at % mixed.length];
        // Right behind itself: a repeat much later could be too late, which is another rule.
        if (again !== undefined) mixed.splice(mixed.indexOf(again) + 1, 0, again);
      }
      assert.equal(numbersOf(process(mixed)), numbersOf(process(inOrder)));
    }),
    { numRuns: 200 },
  );
});

windows("does not let one series change what becomes of another", () => {
  check(
    fc.property(eventsArbitrary, (items) => {
      const all = items.map(({ reading }) => reading);
      const together = numbersOf(process(all));
      const alone = ["a", "b", "ü/c"].map((series) => numbersOf(process(all.filter((one) => one.series === series))));
      assert.equal(together, Object.fromEntries(alone.flatMap(Object.entries).sort(([a], [b]) => a.localeCompare(b))));
    }),
    { numRuns: 100 },
  );
});

windows("after a crash anywhere, between any two writes, ends with exactly the same records", () => {
  check(
    fc.property(
      eventsArbitrary,
      fc.array(
        fc.record({
          batch: fc.integer({ min: 1, max: 12 }),
          fate: fc.constantFrom("ok", "before-state", "before-commit", "part-of-state"),
        }),
        {
          minLength: 1,
          maxLength: 12,
        },
      ),
      (items, steps) => {
        const events = items.map(({ reading }) => reading);
        const results = emptyResults();
        const states = new Map<string, string>();
        let committed = 0;
        let work = new PartitionWork(0, settings);
        for (let turn = 0; committed < events.length; turn += 1) {
          // After the planned crashes everything goes well, so it comes to an end.
          const { batch, fate } = steps[turn] ?? { batch: 7, fate: "ok" };
          const end = Math.min(events.length, committed + batch);
          for (let offset = committed; offset < end; offset += 1) work.accept(record(events[offset], offset));
          const written = new Map<string, string>();
          writeOut(work, results, written);
          const lost =
            fate === "before-state" ? written.size : fate === "part-of-state" ? Math.ceil(written.size / 2) : 0;
          for (const [key, value] of [...written].slice(lost)) states.set(key, value);
          if (fate === "ok") {
            committed = end;
            continue;
          }
          work = new PartitionWork(0, settings);
          for (const [key, value] of states) work.restore(key, value);
        }
        const undisturbed = process(events);
        assert.equal(Object.fromEntries(results.windows), Object.fromEntries(undisturbed.windows));
        assert.equal(Object.fromEntries(results.anomalies), Object.fromEntries(undisturbed.anomalies));
      },
    ),
    { numRuns: 300 },
  );
});

windows("goes on from the state that knows most, although an older one was written behind it", () => {
  const first = new PartitionWork(0, settings);
  const [older = "", newer = ""] = [0, 1].map((offset) => {
    first.accept(record(event("a", offset, 1, `${offset}`), offset));
    return first.collect().states[0]?.value;
  });
  const second = new PartitionWork(0, settings);
  for (const state of [older, newer, older]) second.restore("a", state);
  second.accept(record(event("a", 2, 1, "2"), 2));
  const results = emptyResults();
  writeOut(second, results);
  assert.is(results.windows.get(`a|${T0}`)?.count, 3);
});

windows("knows rows of an upload that come again, however many there were in between", () => {
  const row = (number: number) => event("a", number * 10, 1, `up-1#${number}`);
  const once = Array.from({ length: 300 }, (_, index) => row(index + 1));
  const results = process([...once, ...once], { ...settings, rememberedIds: 0 });
  assert.is(
    [...results.windows.values()].reduce((sum, { count }) => sum + count, 0),
    300,
  );
});

windows("forgets ids of single readings beyond the number that it is to remember", () => {
  const few = { ...settings, rememberedIds: 2 };
  const [a, b, c] = [event("a", 0, 1, "1"), event("a", 1, 1, "2"), event("a", 2, 1, "3")] as const;
  const count = (results: Results) => results.windows.get(`a|${T0}`)?.count;
  assert.is(count(process([a, b, b, c, b], few)), 3);
  assert.is(count(process([a, b, c, a], few)), 4);
});

windows.run();

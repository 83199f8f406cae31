import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createDetector,
  type DetectorSettings,
  defaultSettings,
  expectNext,
  judgeNext,
} from "../../../../services/processor/src/detector.ts";
import { type NabFile, normalizeScore, readNab, scoreAlarms } from "./nab-score.ts";

const detector = suite("detector");

// All of two of the benchmark's folders: every real file with a known cause, and every file without an anomaly.
const files = readNab("tests/data/nab");

const small: DetectorSettings = { ...defaultSettings, usualWeight: 0.01, warmUp: 20, quiet: 10 };

function findAlarms({ values }: Pick<NabFile, "values">, settings = defaultSettings): number[] {
  const state = createDetector();
  return values.flatMap((value, row) => (judgeNext(state, value, settings).isAnomaly ? [row] : []));
}

/** The plainest detector there is: more than three standard deviations from the mean of everything so far. */
function findBeyondThreeSigma({ values }: NabFile): number[] {
  let mean = 0;
  let m2 = 0;
  let quiet = 0;
  return values.flatMap((value, row) => {
    const far = row > defaultSettings.warmUp && Math.abs(value - mean) > 3 * Math.sqrt(m2 / row);
    const fromOld = value - mean;
    mean += fromOld / (row + 1);
    m2 += fromOld * (value - mean);
    const alarms = far && quiet === 0;
    quiet = alarms ? defaultSettings.quiet : Math.max(0, quiet - 1);
    return alarms ? [row] : [];
  });
}

detector("finds at least 10 of the 19 labelled windows of the benchmark's real files with known causes", () => {
  const tallies = files.map((file) => scoreAlarms(file, findAlarms(file)));
  const found = tallies.reduce((sum, tally) => sum + tally.found, 0);
  assert.is(
    tallies.reduce((sum, tally) => sum + tally.windows, 0),
    19,
  );
  assert.ok(found >= 10, `found ${found} of 19`);
});

detector("scores at least 35 on these files, and more than three sigma do", () => {
  const own = normalizeScore(files.map((file) => scoreAlarms(file, findAlarms(file))));
  const plain = normalizeScore(files.map((file) => scoreAlarms(file, findBeyondThreeSigma(file))));
  assert.ok(own >= 35, `score ${own.toFixed(1)}`);
  assert.ok(own > plain + 5, `score ${own.toFixed(1)}, three sigma ${plain.toFixed(1)}`);
});

detector("never alarms on the benchmark's files without an anomaly, once it has learned", () => {
  const calm = files.filter(({ name }) => name.startsWith("artificialNoAnomaly/"));
  assert.is(calm.length, 5);
  for (const file of calm) assert.is(scoreAlarms(file, findAlarms(file)).falseAlarms, 0, file.name);
});

detector("scores a detector that never alarms with 0 and one that alarms at the start of each window with 100", () => {
  assert.is(normalizeScore(files.map((file) => scoreAlarms(file, []))), 0);
  const perfect = files.map((file) =>
    scoreAlarms(
      file,
      file.windows.map(([first]) => first),
    ),
  );
  assert.ok(Math.abs(normalizeScore(perfect) - 100) < 0.5, String(normalizeScore(perfect)));
});

detector("finds a step in a flat series at once, and is then still for a while", () => {
  const values = [...Array(50).fill(10), ...Array(5).fill(20)] as number[];
  assert.equal(findAlarms({ values }, small), [50]);
});

detector("says nothing while it is learning", () => {
  const values = [...Array(19).fill(1), 100] as number[];
  assert.equal(findAlarms({ values }, small), []);
});

detector("expects a band around the level, once there are three numbers", () => {
  const state = createDetector();
  for (const value of [10, 12]) judgeNext(state, value, small);
  assert.is(expectNext(state, small), undefined);
  judgeNext(state, 11, small);
  const band = expectNext(state, small);
  assert.ok(band !== undefined && band.low < 10 && band.high > 12, JSON.stringify(band));
});

detector("keeps a state of constant size that survives being written and read", () => {
  const state = createDetector();
  const size = Object.keys(state).length;
  const values = files[0]?.values.slice(0, 500) ?? [];
  for (const value of values.slice(0, 250)) judgeNext(state, value, small);
  const copy = JSON.parse(JSON.stringify(state)) as typeof state;
  assert.is(Object.keys(state).length, size);
  for (const value of values.slice(250)) assert.equal(judgeNext(copy, value, small), judgeNext(state, value, small));
});

detector.run();

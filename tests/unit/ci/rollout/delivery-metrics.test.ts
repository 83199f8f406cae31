import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { measureDelivery } from "../../../../ci/src/rollout/delivery-metrics.ts";
import { readDeployments } from "../../../../ci/src/rollout/deployments.ts";
import type { LedgerEvent } from "../../../../ci/src/rollout/ledger.ts";
import { deployOf, ROLLBACK, releaseOf } from "./fixtures.ts";
import { eventsOf } from "./invariants.ts";
import { BEGIN_MS, DAY_MS, failing, type Happening, ledgerOf, passing, timeOf } from "./ledgers.ts";
import { ringWith, run } from "./verb-runs.ts";

/** `fc.assert` for properties without waiting, which say so in their type. */
const check: <T>(property: fc.IProperty<T>) => void = fc.assert;

const HORIZON_MS = BEGIN_MS + 1000 * DAY_MS;

const measure = (events: readonly LedgerEvent[], sinceDay?: number, untilDay = 1000) =>
  measureDelivery(events, {
    ...(sinceDay === undefined ? {} : { sinceMs: BEGIN_MS + sinceDay * DAY_MS }),
    untilMs: BEGIN_MS + untilDay * DAY_MS,
  });

/** What became of the deployments: the number of the release, its outcome, and the days from failure to recovery. */
function outcomesOf(...happenings: readonly Happening[]): string[] {
  return readDeployments(ledgerOf(...happenings)).all.map(({ release, outcome, failedAtMs, restoredAtMs }) => {
    const took =
      failedAtMs === undefined
        ? ""
        : restoredAtMs === undefined
          ? ", open"
          : `, ${(restoredAtMs - failedAtMs) / DAY_MS}`;
    return `${Number.parseInt(release.commit, 16)} ${outcome}${took}`;
  });
}

const metrics = suite("delivery metrics");

metrics("have no figure in an empty ledger, and no number is made up", () => {
  assert.equal(measure([]), {
    sinceMs: HORIZON_MS,
    untilMs: HORIZON_MS,
    deployments: { baking: 0, verified: 0, failed: 0, replaced: 0 },
    perDay: undefined,
    gaps: { count: 0, sumMs: 0, medianMs: undefined, p90Ms: undefined },
    leadTime: { count: 0, sumMs: 0, medianMs: undefined, p90Ms: undefined },
    withoutLeadTime: 0,
    failRatio: undefined,
    recoveryTime: { count: 0, sumMs: 0, medianMs: undefined, p90Ms: undefined },
    unrestored: 0,
    stopped: 0,
    missing: { count: 0, first: undefined },
  });
});

metrics("count the lead time from the commit to the switch, not to the end of the bake", () => {
  // The commit of release 3 is of day 2.
  const { leadTime } = measure(ledgerOf(...passing(3, 4, 5, 9)));
  assert.equal(leadTime, { count: 1, sumMs: 3 * DAY_MS, medianMs: 3 * DAY_MS, p90Ms: 3 * DAY_MS });
});

metrics("take the median and the ninth of ten lead times, both of them durations that were seen", () => {
  // Lead times of 1, 2, … 10 days.
  const ten = Array.from({ length: 10 }, (_, index) => passing(index + 1, 2 * index, 2 * index + 1, 2 * index + 1.5));
  const { leadTime, deployments } = measure(ledgerOf(...ten.flat()));
  assert.is(deployments.verified, 10);
  assert.is(leadTime.medianMs, 5 * DAY_MS);
  assert.is(leadTime.p90Ms, 9 * DAY_MS);
});

metrics("count the lead time of a release that is deployed twice once, when it first had the traffic", () => {
  const ledger = ledgerOf(...passing(1, 1, 1, 2), ...failing(2, 3, 4, 5, 6), ...passing(2, 7, 8, 9));
  assert.is(measure(ledger).leadTime.count, 2);
  assert.is(measure(ledger, 7).leadTime.count, 0);
  assert.is(measure(ledger, 7).deployments.verified, 1);
});

metrics("leave a release out of the lead time whose commit is later than its switch, and say so", () => {
  const { leadTime, withoutLeadTime } = measure(ledgerOf(...passing(9, 1, 2, 3)));
  assert.equal([leadTime.count, withoutLeadTime], [0, 1]);
});

metrics("count deployments a day over the window, and none for a window of less than a day", () => {
  const ledger = ledgerOf(...passing(1, 1, 2, 3), ...passing(2, 4, 5, 6), ...passing(3, 7, 8, 9));
  assert.is(measure(ledger, 0, 30).perDay, 0.1);
  assert.is(measure(ledger, 4, 9).perDay, 0.4);
  assert.is(measure(ledger, 7.5, 8.25).perDay, undefined);
  assert.is(measure(ledger).gaps.medianMs, 3 * DAY_MS);
});

const outcomes: readonly (readonly [title: string, happenings: readonly Happening[], expected: readonly string[]])[] = [
  ["a release that passed its bake is verified", passing(1, 1, 2, 3), ["1 verified"]],
  ["a release in its bake is baking", passing(1, 1, 2, 3).slice(0, 2), ["1 baking"]],
  [
    "a release that failed before the switch is no deployment",
    [...passing(1, 1, 2, 3), ["started", 2, 4], ["failed", 2, 5, { decided: 5 }]],
    ["1 verified"],
  ],
  [
    "a release that failed in its bake is restored when the one before is back",
    [...passing(1, 1, 2, 3), ...failing(2, 4, 5, 6, 8)],
    ["1 verified", "2 failed, 2"],
  ],
  [
    "a release that a person calls back later has failed too",
    [...passing(1, 1, 2, 3), ...passing(2, 4, 5, 6), ["rolled-back", 2, 21, { decided: 20 }]],
    ["1 verified", "2 failed, 1"],
  ],
  [
    "a release that gives way to a newer one in its bake has not failed",
    [
      ...passing(1, 1, 2, 3),
      ...passing(2, 4, 5, 6).slice(0, 2),
      ["rolled-back", 2, 7, { planned: true, decided: 6 }],
      ...passing(3, 7, 8, 9),
    ],
    ["1 verified", "2 replaced", "3 verified"],
  ],
  [
    "a release that is rolled back in the middle of its switch had a part of the traffic",
    [...passing(1, 1, 2, 3), ["started", 2, 4], ["rolled-back", 2, 6, { decided: 5 }]],
    ["1 verified", "2 failed, 1"],
  ],
  [
    "a first release that fails and goes on serving is restored by the switch to the first one that is well",
    [
      ["started", 1, 1],
      ["switched", 1, 2],
      ["failed", 1, 3, { decided: 3 }],
      ...failing(2, 4, 5, 6, 7),
      ...passing(3, 8, 9, 12),
    ],
    ["1 failed, 6", "2 failed, 3", "3 verified"],
  ],
  [
    "a release without any that is well after it is not restored",
    [["started", 1, 1], ["switched", 1, 2], ["failed", 1, 3], ...passing(2, 4, 5, 6).slice(0, 2)],
    ["1 failed, open", "2 baking"],
  ],
  [
    "what was there before Slipway restores a ring that goes back to it",
    [["started", 1, 1], ["switched", 1, 2], ["rolled-back", 1, 4, { decided: 3 }]],
    ["1 failed, 1"],
  ],
  [
    "what was there before Slipway restores nothing while not all of it is up",
    [["started", 1, 1], ["switched", 1, 2], ["rolled-back", 1, 4, { decided: 3, short: true }], ...passing(2, 5, 6, 7)],
    ["1 failed, 3", "2 verified"],
  ],
  [
    "a freeze changes nothing",
    [...passing(1, 1, 2, 3).slice(0, 2), ["frozen", 1, 2.5], ["thawed", 1, 2.7], ["committed", 1, 3]],
    ["1 verified"],
  ],
]; // biome-ignore format: one ledger a case

for (const [title, happenings, expected] of outcomes)
  metrics(`know that ${title}`, () => assert.equal(outcomesOf(...happenings), expected));

metrics("count the fail rate without what is still in its bake, and what failed before the switch apart", () => {
  const ledger = ledgerOf(
    ...passing(1, 1, 2, 3),
    ...failing(2, 4, 5, 6, 7),
    ["started", 3, 8],
    ["failed", 3, 9],
    ...passing(4, 10, 11, 12),
    ...passing(5, 13, 14, 15).slice(0, 2),
  );
  const { failRatio, stopped, deployments } = measure(ledger);
  assert.equal(deployments, { baking: 1, verified: 2, failed: 1, replaced: 0 });
  assert.equal([failRatio, stopped], [1 / 3, 1]);
});

metrics("are read from a ledger of any length, and of any numbers", () => {
  const [started] = ledgerOf(["started", 1, 1]);
  assert.ok(started);
  const many = Array.from({ length: 300_000 }, (_, index) => ({ ...started, seq: index + 1 }));
  assert.is(measure(many).sinceMs, BEGIN_MS + DAY_MS);
  const { missing } = measure([started, { ...started, seq: Number.MAX_SAFE_INTEGER }]);
  assert.equal(missing, { count: Number.MAX_SAFE_INTEGER - 2, first: 2 });
});

metrics("of a release that failed twice count the time from the last of both", () => {
  const failedAgain: Happening = ["rolled-back", 2, 14, { decided: 13, planned: false }];
  const { recoveryTime } = measure(
    ledgerOf(
      ...passing(1, 1, 2, 3),
      ["started", 2, 4],
      ["switched", 2, 5],
      ["failed", 2, 6],
      ...passing(3, 7, 8, 9),
      ["rolled-back", 3, 11, { decided: 10 }],
      failedAgain,
    ),
  );
  assert.ok(recoveryTime.sumMs >= 0);
  assert.is(recoveryTime.count, 2);
});

metrics("tell the events that somebody has deleted, and go on with what is left", () => {
  const ledger = ledgerOf(...passing(1, 1, 2, 3), ...failing(2, 4, 5, 6, 7));
  const { missing, deployments, leadTime } = measure(ledger.filter(({ seq }) => seq !== 2 && seq !== 4));
  assert.equal(missing, { count: 2, first: 2 });
  // `committed` says itself when the traffic was moved.
  assert.equal([deployments.verified, deployments.failed, leadTime.count], [1, 1, 2]);
});

metrics("read the ledger that real verbs write", () => {
  const manners = new Map([[releaseOf(3).id, { bake: "fails" } as const]]);
  const world = ringWith([1, 2], manners);
  run(world, ROLLBACK);
  run(world, deployOf(releaseOf(3)));
  const ledger = eventsOf(world.cluster);
  assert.equal(
    readDeployments(ledger).all.map(({ release, outcome }) => `${Number.parseInt(release.commit, 16)} ${outcome}`),
    ["1 verified", "2 failed", "3 failed"],
  );
  const { recoveryTime, unrestored, stopped, missing } = measureDelivery(ledger, { untilMs: world.cluster.nowMs + 1 });
  assert.equal([recoveryTime.count, unrestored, stopped, missing], [2, 0, 0, { count: 0, first: undefined }]);
});

/** What attempts may come to, one after the other, each with a release of its own and hours between what happens. */
const anyLedger = fc
  .array(
    fc.record({
      end: fc.constantFrom("verified", "failed", "replaced", "stopped"),
      hours: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 4, maxLength: 4 }),
    }),
    { maxLength: 12 },
  )
  .map((attempts) => {
    const sums = attempts.map(({ hours }) => hours.map((_, last) => sumOf(hours.slice(0, last + 1))));
    const begins = sums.map((_, index) => sumOf(sums.slice(0, index).map((sum) => sum.at(-1) ?? 0)));
    const happenings = attempts.flatMap(({ end }, index) => {
      const days = (sums[index] ?? []).map((sum) => ((begins[index] ?? 0) + sum) / 24);
      return attemptOf(index + 1, end, days);
    });
    return { attempts, events: ledgerOf(...happenings) };
  });

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

function attemptOf(
  number: number,
  end: string,
  [started = 0, switched = 0, decided = 0, ended = 0]: number[],
): Happening[] {
  if (end === "verified") return passing(number, started, switched, ended);
  if (end === "failed") return failing(number, started, switched, decided, ended);
  if (end === "stopped")
    return [
      ["started", number, started],
      ["failed", number, ended, { decided }],
    ];
  return [
    ["started", number, started],
    ["switched", number, switched],
    ["rolled-back", number, ended, { decided, planned: true }],
  ];
}

metrics("count what happened, whatever it was", () => {
  check(
    fc.property(anyLedger, ({ attempts, events }) => {
      const { deployments, stopped, failRatio } = measure(events);
      const count = (end: string) => attempts.filter((attempt) => attempt.end === end).length;
      assert.equal(
        { ...deployments, stopped },
        {
          baking: 0,
          verified: count("verified"),
          failed: count("failed"),
          replaced: count("replaced"),
          stopped: count("stopped"),
        },
      );
      const ended = attempts.length - count("stopped");
      assert.is(failRatio, ended === 0 ? undefined : count("failed") / ended);
    }),
  );
});

metrics("do not depend on the order in which the events come", () => {
  check(
    fc.property(
      anyLedger.chain(({ events }) =>
        fc.shuffledSubarray(events, { minLength: events.length }).map((shuffled) => ({ events, shuffled })),
      ),
      ({ events, shuffled }) => assert.equal(measure(shuffled), measure(events)),
    ),
  );
});

metrics("of two windows side by side add up to those of both", () => {
  check(
    fc.property(anyLedger, fc.integer({ min: 1, max: 500 }), ({ events }, day) => {
      const [first, second, both] = [measure(events, 0, day), measure(events, day), measure(events, 0)];
      for (const outcome of ["verified", "failed", "replaced"] as const)
        assert.is(first.deployments[outcome] + second.deployments[outcome], both.deployments[outcome]);
      assert.is(first.leadTime.count + second.leadTime.count, both.leadTime.count);
      assert.is(first.recoveryTime.sumMs + second.recoveryTime.sumMs, both.recoveryTime.sumMs);
      assert.is(first.stopped + second.stopped, both.stopped);
    }),
  );
});

metrics("are the same whenever it all happened", () => {
  check(
    fc.property(anyLedger, fc.integer({ min: 1, max: 5000 }), ({ events }, days) => {
      const move = (time: string) => new Date(Date.parse(time) + days * DAY_MS).toISOString();
      const moved = events.map((event) => ({
        ...event,
        at: move(event.at),
        switchedAt: event.switchedAt === null ? null : move(event.switchedAt),
        decidedAt: event.decidedAt === null ? null : move(event.decidedAt),
        release: { ...event.release, commitTime: move(event.release.commitTime) },
      }));
      const { sinceMs, untilMs, ...figures } = measure(events);
      const later = measure(moved, undefined, 1000 + days);
      if (events.length > 0) assert.is(later.sinceMs, sinceMs + days * DAY_MS);
      assert.is(later.untilMs, untilMs + days * DAY_MS);
      assert.equal({ ...later, sinceMs, untilMs }, { ...figures, sinceMs, untilMs });
    }),
  );
});

metrics("name a median and a ninth of ten that lie within what was seen", () => {
  check(
    fc.property(anyLedger, ({ events }) => {
      const { leadTime, recoveryTime, gaps } = measure(events);
      for (const { count, sumMs, medianMs, p90Ms } of [leadTime, recoveryTime, gaps]) {
        if (count === 0) assert.is(medianMs, undefined);
        else assert.ok((medianMs ?? 0) >= 0 && (medianMs ?? 0) <= (p90Ms ?? 0) && (p90Ms ?? 0) <= sumMs);
      }
    }),
  );
});

metrics("of a window that ends before the ledger begins count nothing", () => {
  assert.is(measure(ledgerOf(...passing(1, 1, 2, 3)), 0, 1).deployments.verified, 0);
  assert.is(timeOf(0), "2025-01-01T00:00:00.000Z");
});

metrics.run();

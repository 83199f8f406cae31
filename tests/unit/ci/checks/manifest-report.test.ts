import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportManifests, tellProblems } from "../../../../ci/src/checks/manifest-report.ts";
import type { Problem } from "../../../../ci/src/manifests/rules.ts";

const problem: Problem = {
  rule: "replicas",
  object: "Deployment ingest",
  path: "spec.replicas",
  what: "the number of a service's pods belongs to slipway-scale",
  todo: "remove replicas",
};

const report = suite("the report on manifests");

report("counts rings and objects when all is well, the sum as its last line", () => {
  const rings = ["canary", "production"].map((ring) => ({ ring, objects: 22, held: 28, problems: [] }));
  assert.is(
    reportManifests(rings),
    [
      "ring        objects  rules",
      `canary      22       all 28 hold`,
      `production  22       all 28 hold`,
      "",
      `2 rings, 44 objects, 28 rules hold`,
      "",
    ].join("\n"),
  );
});

report("has nothing to tell when there is no problem", () => {
  assert.is(tellProblems([{ ring: "canary", objects: 1, held: 28, problems: [] }], []), undefined);
});

report("tells every problem with ring, rule, place and remedy, the same one in two rings once", () => {
  const rings = [
    { ring: "canary", objects: 1, held: 28, problems: [problem] },
    { ring: "production", objects: 1, held: 28, problems: [problem, { ...problem, object: "Deployment view" }] },
  ];
  assert.is(
    tellProblems(rings, ["ring early has no manifests"]),
    [
      "the manifests have 3 problems [bad-manifest]",
      "",
      "ring early has no manifests",
      "",
      "Deployment ingest in canary and production: the number of a service's pods belongs to slipway-scale [replicas]",
      "  where: spec.replicas",
      "  to do: remove replicas",
      "",
      "Deployment view in production: the number of a service's pods belongs to slipway-scale [replicas]",
      "  where: spec.replicas",
      "  to do: remove replicas",
    ].join("\n"),
  );
});

report("tells advice with what holds, and lets it pass", () => {
  const rings = [{ ring: "canary", objects: 3, held: 28, problems: [{ ...problem, isAdvice: true as const }] }];
  assert.is(tellProblems(rings, []), undefined);
  assert.is(
    reportManifests(rings),
    [
      "Deployment ingest in canary: the number of a service's pods belongs to slipway-scale [replicas]",
      "  where: spec.replicas",
      "  to do: remove replicas",
      "",
      "ring    objects  rules",
      "canary  3        27 of 28 hold",
      "",
      "1 ring, 3 objects, 27 rules hold, 1 piece of advice",
      "",
    ].join("\n"),
  );
});

report("tells problems first, and of advice only how much there is", () => {
  const advice = { ...problem, object: "Deployment view", isAdvice: true as const };
  const text = tellProblems([{ ring: "canary", objects: 1, held: 28, problems: [problem, advice] }], []) ?? "";
  assert.match(text, /^the manifests have 1 problem \[bad-manifest\]\n/);
  assert.match(text, /\n1 piece of advice: checked once these are solved$/);
  assert.not.match(text, /Deployment view/);
});

report.run();

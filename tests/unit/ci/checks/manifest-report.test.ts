import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareFolders, reportManifests, tellProblems } from "../../../../ci/src/checks/manifest-report.ts";
import { type Problem, ruleNames } from "../../../../ci/src/manifests/rules.ts";

const problem: Problem = {
  rule: "replicas",
  object: "Deployment ingest",
  path: "spec.replicas",
  what: "the number of a service's pods belongs to slipway-scale",
  todo: "take replicas out",
};

const report = suite("the report on manifests");

report("counts rings and objects when all is well, the sum as its last line", () => {
  const rings = ["canary", "production"].map((ring) => ({ ring, objects: 22, problems: [] }));
  assert.is(
    reportManifests(rings),
    [
      "ring        objects  rules",
      `canary      22       all ${ruleNames.length} hold`,
      `production  22       all ${ruleNames.length} hold`,
      "",
      `2 rings, 44 objects, ${ruleNames.length} rules hold`,
      "",
    ].join("\n"),
  );
});

report("has nothing to tell when there is no problem", () => {
  assert.is(tellProblems([{ ring: "canary", objects: 1, problems: [] }], []), undefined);
});

report("tells every problem with ring, rule, place and remedy, the same one in two rings once", () => {
  const rings = [
    { ring: "canary", objects: 1, problems: [problem] },
    { ring: "production", objects: 1, problems: [problem, { ...problem, object: "Deployment view" }] },
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
      "  to do: take replicas out",
      "",
      "Deployment view in production: the number of a service's pods belongs to slipway-scale [replicas]",
      "  where: spec.replicas",
      "  to do: take replicas out",
    ].join("\n"),
  );
});

report("finds rings without a folder and folders without a ring, but for what rings share", () => {
  assert.equal(compareFolders(["canary", "early"], ["base", "canary", "setup", "staging"]), {
    both: ["canary"],
    problems: [
      [
        "ring early has no manifests",
        "  where: rings.early of slipway.yaml",
        "  to do: add manifests/early/kustomization.yaml, or take the ring out",
      ].join("\n"),
      [
        "there is no ring staging",
        "  where: manifests/staging",
        "  to do: name it under rings in slipway.yaml, or put what rings have in common into base",
      ].join("\n"),
    ],
  });
});

report.run();

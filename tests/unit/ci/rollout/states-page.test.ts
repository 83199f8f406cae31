/** The picture of a deploy's states in docs/delivery.md, against the changes of state that the model of a ring makes. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { foundObjects, type Manners, ROLLBACK, ROLLING, releaseOf, rollingDeployOf } from "./fixtures.ts";
import { Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World, worldAt } from "./model-deployer.ts";
import { collectStops, deployIn, makeWorld, releaseIn, SCENARIOS } from "./scenarios.ts";

const states = suite("the picture of a deploy's states");

/** Changes of state among writes, as `STABLE PREPARED`; a freeze leads from anywhere and back, and is not in the picture. */
function changesIn(writes: readonly string[]): string[] {
  return writes.flatMap((write) => {
    const [, from = "", to = ""] = /^record ([A-Z]+) -> ([A-Z]+)/.exec(write) ?? [];
    return from === to || [from, to].includes("FROZEN") ? [] : [`${from} ${to}`];
  });
}

/** Of deploys with two colours that go well or fail in every way. */
function changesOfColours(): string[] {
  return SCENARIOS.flatMap((scenario) =>
    [true, false].flatMap((live) => {
      const release = releaseIn(scenario, 2);
      const world = makeWorld(scenario, release, live);
      runDeployer(world, new ModelDeployer(deployIn(scenario, release)));
      return changesIn(world.cluster.writes);
    }),
  );
}

/** Of a person who goes back at every point of a deploy. */
function changesOfPeople(): string[] {
  const [scenario] = SCENARIOS;
  if (scenario === undefined) throw new Error("there is no scenario");
  const release = releaseIn(scenario, 2);
  const { stops } = collectStops(makeWorld(scenario, release, true), new ModelDeployer(deployIn(scenario, release)));
  const recorded = stops.filter(({ when, summary }) => when === "after" && summary.startsWith("record "));
  return recorded.flatMap((stop) => {
    const world = worldAt(stop, new Map());
    world.cluster.writes = [];
    runDeployer(world, new ModelDeployer(ROLLBACK, { id: "run-2" }));
    return changesIn(world.cluster.writes);
  });
}

/** Of deploys that change in place what kubectl has made. */
function changesInPlace(manners: Manners): string[] {
  const release = releaseOf(2);
  const cluster = new ModelCluster();
  const world: World = { cluster, watcher: new Watcher(ROLLING), manners: new Map([[release.id, manners]]) };
  for (const object of foundObjects(releaseOf(1)))
    cluster.execute({ purpose: "apply-base", summary: "kubectl apply", call: "create", manager: "slipway", object });
  for (const request of [rollingDeployOf(release), ROLLBACK] satisfies Request[])
    runDeployer(world, new ModelDeployer(request, { id: `run-${request.verb}`, policy: ROLLING }));
  return changesIn(cluster.writes);
}

states("has each change of state that there is, and no other", () => {
  const [, picture = ""] =
    /```mermaid\n(stateDiagram-v2\n[\s\S]*?)```/.exec(readFileSync("docs/delivery.md", "utf8")) ?? [];
  const shown = [...picture.matchAll(/^ *([A-Z]+) --> ([A-Z]+)/gm)].map(([, from, to]) => `${from} ${to}`);
  const made = [
    ...changesOfColours(),
    ...changesOfPeople(),
    ...changesInPlace({}),
    ...changesInPlace({ probe: "fails" }),
  ];
  assert.equal(shown.sort(), [...new Set(made)].sort());
});

states.run();

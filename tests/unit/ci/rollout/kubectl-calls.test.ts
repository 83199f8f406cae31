/** The one call of kubectl that each action is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pointerPart } from "../../../../ci/src/rollout/action.ts";
import { deployOf, releaseOf } from "./fixtures.ts";
import type { World } from "./model-deployer.ts";
import { planOf, ringWith } from "./verb-runs.ts";

const calls = suite("kubectl calls");

/** The actions of a plan that are for one purpose. */
function actionsOf(world: World, purpose: string) {
  const plan = planOf(world, deployOf(releaseOf(2)));
  return plan.lines.flatMap((line) => (line.kind === "write" && line.action.purpose === purpose ? [line.action] : []));
}

calls("an event can never be changed, the lease's times have six digits", () => {
  const [event] = actionsOf(ringWith([1]), "event");
  assert.is(event?.call === "create" && event.object["immutable"], true);
  const [lease] = actionsOf(ringWith([]), "acquire-lease");
  const spec = (lease?.call === "create" ? lease.object["spec"] : {}) as Record<string, unknown>;
  assert.match(String(spec["renewTime"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.is(spec["acquireTime"], spec["renewTime"]);
});

calls("a colour is born with an epoch and without pods, and applied without a number of pods at all", () => {
  const world = ringWith([1]);
  const [born] = actionsOf(world, "create-colour");
  const object = born?.call === "create" ? born.object : undefined;
  assert.equal(object?.metadata.annotations, { "slipway.dev/epoch": "2" });
  assert.is(((object?.["spec"] ?? {}) as { replicas?: number }).replicas, 0);
  const [applied] = actionsOf(world, "apply-colour");
  const whole = applied?.call === "apply" ? applied.objects[0] : undefined;
  assert.equal(Object.keys((whole?.["spec"] ?? {}) as object).sort(), ["selector", "template"]);
  assert.ok(whole?.metadata["resourceVersion"] !== undefined);
});

calls("the switch tests the epoch and the whole selector, and replaces the whole selector", () => {
  const plan = planOf(ringWith([1]), deployOf(releaseOf(2)));
  const line = plan.lines.find((one) => one.kind === "write" && one.action.purpose === "switch");
  const action = line?.kind === "write" ? line.action : undefined;
  assert.equal(action?.call === "patch" && action.patch, [
    { op: "test", path: "/metadata/annotations/slipway.dev~1epoch", value: "1" },
    { op: "test", path: "/spec/selector", value: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "blue" } },
    { op: "add", path: "/metadata/annotations/slipway.dev~1epoch", value: "2" },
    {
      op: "replace",
      path: "/spec/selector",
      value: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" },
    },
  ]);
  assert.is(pointerPart("a/b~c"), "a~1b~0c");
});
calls.run();

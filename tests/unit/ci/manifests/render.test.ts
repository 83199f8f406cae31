import { suite } from "uvu";
import * as assert from "uvu/assert";
import { matchPatterns } from "../../../../ci/src/config/patterns.ts";
import { readsOf } from "../../../../ci/src/manifests/render.ts";

const reads = suite("what the manifests of a ring are made from");

for (const [path, read, unread] of [
  ["deploy/overlays/canary", "deploy/base/kustomization.yaml", "src/main.ts"],
  ["all.yaml", "all.yaml", "other.yaml"],
  ["k8s/all.yaml", "k8s/all.yaml", "all.yaml"],
] as const) {
  reads(`at ${path} is ${read}, and not ${unread}`, () => {
    const patterns = readsOf({ path, kind: "plain", values: [] });
    assert.ok(matchPatterns(read, patterns));
    assert.not.ok(matchPatterns(unread, patterns));
  });
}

reads("at the top is everything", () => {
  assert.ok(matchPatterns("any/thing.yaml", readsOf({ path: ".", kind: "kustomize", values: [] })));
});

reads.run();

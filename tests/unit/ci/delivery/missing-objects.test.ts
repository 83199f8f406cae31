import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adviseMissing } from "../../../../ci/src/delivery/missing-objects.ts";

const env = [
  { name: "A", valueFrom: { secretKeyRef: { name: "db", key: "URL" } } },
  { name: "B", valueFrom: { secretKeyRef: { name: "db", key: "PASSWORD" } } },
  { name: "C", valueFrom: { secretKeyRef: { name: "other", key: "X" } } },
  { name: "D", valueFrom: { configMapKeyRef: { name: "db", key: "LEVEL" } } },
];
const metadata = { name: "api" };
const api = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata,
  spec: { template: { spec: { containers: [{ env }] } } },
};
const manifests = { deployments: { api }, jobs: {} };

const missing = suite("what pods lack");

for (const [what, said, advice] of [
  [
    "a Secret, with the keys that become variables, once",
    'pods: api-1 CreateContainerConfigError: secret "db" not found; api-2 CreateContainerConfigError: secret "db" not found',
    ["kubectl --namespace acme create secret generic db --from-literal=URL=… --from-literal=PASSWORD=…"],
  ],
  [
    "a ConfigMap of the same name",
    'Error: configmap "db" not found',
    ["kubectl --namespace acme create configmap db --from-literal=LEVEL=…"],
  ],
  [
    "a Secret that is a volume, of which nobody knows the keys",
    'FailedMount: MountVolume.SetUp failed for volume "keys" : secret "keys" not found',
    ["kubectl --namespace acme create secret generic keys …"],
  ],
  [
    "a key of a Secret and one of a ConfigMap",
    "couldn't find key URL in Secret acme/db, couldn't find key LEVEL in ConfigMap acme/my.conf.",
    [
      "give Secret db the key URL (kubectl --namespace acme edit secret db)",
      "give ConfigMap my.conf the key LEVEL (kubectl --namespace acme edit configmap my.conf)",
    ],
  ],
  ["nothing of that kind", 'services "db" not found, serviceaccount "db" not found, CrashLoopBackOff', []],
] as const) {
  missing(`is ${what}`, () => {
    assert.equal(
      adviseMissing(said, manifests, "acme"),
      advice.map((one) => `  to do: ${one}, then run the same command again`),
    );
  });
}

missing.run();

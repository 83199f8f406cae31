/** What the pods of a colour read: named by its content, and so nobody else's. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { releaseDeployment, sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import { namesIn as calledIn } from "../../../../ci/src/rollout/names.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { podSpecOf } from "../../../../ci/src/rollout/own-images.ts";
import { listReads } from "../../../../ci/src/rollout/reads.ts";
import { RING, releaseOf } from "./fixtures.ts";

const copies = suite("what a colour's pods read");

const release = releaseOf(1, 1);

type Fields = Record<string, unknown>;

function configMap(name: string, data: Fields = { a: "1" }, more: Fields = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data, ...more };
}

function secret(name: string, more: Fields = {}): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, data: { a: "MQ==" }, ...more };
}

/** A service whose pods are specified so, beside other objects. */
function manifests(podSpec: Fields, objects: readonly KubeObject[], container: Fields = {}) {
  const containers = [{ name: "ingest", image: "ingest", ...container }];
  const spec = { template: { metadata: {}, spec: { containers, ...podSpec } } };
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "ingest" }, spec: { ports: [{ port: 1 }] } };
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "ingest" }, spec };
  return sortManifests([service, deployment, ...objects], release, RING);
}

function namesIn(made: ReturnType<typeof manifests>) {
  const template = made.deployments["ingest"];
  if (template === undefined) throw new Error("no Deployment");
  const whole = releaseDeployment(template, {
    ring: RING,
    service: "ingest",
    colour: "blue",
    release,
    names: calledIn({}, "ingest"),
  });
  return {
    read: listReads(podSpecOf(whole)).map(({ kind, name }) => `${kind} ${name}`),
    copies: (made.copies["ingest"] ?? []).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    shared: made.base
      .filter(({ kind }) => kind !== "Service" && kind !== "StatefulSet" && kind !== "Ingress")
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  };
}

const HASHED = /^(ConfigMap|Secret) x-[0-9a-f]{10}$/;

const WAYS: readonly (readonly [string, "ConfigMap" | "Secret", Fields, Fields?])[] = [
  [
    "a variable of a ConfigMap",
    "ConfigMap",
    {},
    { env: [{ valueFrom: { configMapKeyRef: { name: "x", key: "a" } } }] },
  ],
  ["a variable of a Secret", "Secret", {}, { env: [{ valueFrom: { secretKeyRef: { name: "x", key: "a" } } }] }],
  ["all variables of a ConfigMap", "ConfigMap", {}, { envFrom: [{ prefix: "P_", configMapRef: { name: "x" } }] }],
  ["all variables of a Secret", "Secret", {}, { envFrom: [{ secretRef: { name: "x" } }] }],
  [
    "an optional reference",
    "ConfigMap",
    {},
    { env: [{ valueFrom: { configMapKeyRef: { name: "x", key: "a", optional: true } } }] },
  ],
  ["a volume of a ConfigMap", "ConfigMap", { volumes: [{ name: "v", configMap: { name: "x" } }] }],
  [
    "items of a volume, one of them mounted by subPath",
    "ConfigMap",
    { volumes: [{ name: "v", configMap: { name: "x", items: [{ key: "a", path: "b" }] } }] },
    { volumeMounts: [{ name: "v", mountPath: "/b", subPath: "b" }] },
  ],
  ["a volume of a Secret", "Secret", { volumes: [{ name: "v", secret: { secretName: "x", defaultMode: 256 } }] }],
  [
    "a projected volume's ConfigMap",
    "ConfigMap",
    { volumes: [{ name: "v", projected: { sources: [{ configMap: { name: "x" } }, { downwardAPI: {} }] } }] },
  ],
  [
    "a projected volume's Secret",
    "Secret",
    { volumes: [{ name: "v", projected: { sources: [{ secret: { name: "x" } }] } }] },
  ],
  ["a CSI driver's Secret", "Secret", { volumes: [{ name: "v", csi: { nodePublishSecretRef: { name: "x" } } }] }],
  ["the Secret of images", "Secret", { imagePullSecrets: [{ name: "x" }] }],
  [
    "an init container",
    "ConfigMap",
    { initContainers: [{ name: "i", image: "i:1", envFrom: [{ configMapRef: { name: "x" } }] }] },
  ],
  [
    "an ephemeral container",
    "Secret",
    { ephemeralContainers: [{ name: "e", image: "e:1", envFrom: [{ secretRef: { name: "x" } }] }] },
  ],
];

for (const [way, kind, podSpec, container] of WAYS) {
  copies(`is named by its content: ${way}`, () => {
    const original = kind === "ConfigMap" ? configMap("x") : secret("x");
    const { read, copies: made, shared } = namesIn(manifests(podSpec, [original], container));
    assert.is(read.length, 1);
    assert.match(read[0] ?? "", HASHED);
    assert.equal(made, read);
    assert.equal(shared, [], "the plain name is nobody's any more");
    assert.equal(namesIn(manifests(podSpec, [original], container)).read, read, "the same content has the same name");
  });
}

copies("changes its name with anything of its content", () => {
  const variants = [
    configMap("x"),
    configMap("x", { a: "2" }),
    configMap("x", { b: "1" }),
    configMap("x", { a: "1" }, { binaryData: { c: "MQ==" } }),
    { ...secret("x"), kind: "ConfigMap" },
  ];
  const volumes = [{ name: "v", configMap: { name: "x" } }];
  const names = variants.map((one) => namesIn(manifests({ volumes }, [one])).read[0]);
  assert.is(new Set(names).size, variants.length);
});

copies("is immutable, says what it is a copy of, and keeps labels, type and binary content", () => {
  const original = {
    ...secret("x", { type: "kubernetes.io/tls", immutable: false }),
    metadata: { name: "x", namespace: RING, labels: { team: "a" }, annotations: { note: "b" } },
  };
  const [copy] = manifests({ imagePullSecrets: [{ name: "x" }] }, [original]).copies["ingest"] ?? [];
  const { name, annotations, ...rest } = copy?.metadata ?? { name: "" };
  assert.match(name, /^x-[0-9a-f]{10}$/);
  assert.equal(rest, { labels: { team: "a", "slipway.dev/record": "copy", "slipway.dev/ring": RING } });
  assert.is(annotations?.["note"], "b");
  assert.is(annotations?.["slipway.dev/original"], "x");
  assert.equal({ ...copy, metadata: {} }, { ...original, immutable: true, metadata: {} });
});

copies("is read by two services under one name", () => {
  const both = releaseOf(1, 2);
  const objects = ["ingest", "processor"].flatMap((name): KubeObject[] => [
    { apiVersion: "v1", kind: "Service", metadata: { name }, spec: {} },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: { template: { spec: { containers: [{ name, image: name, envFrom: [{ configMapRef: { name: "x" } }] }] } } },
    },
  ]);
  const made = sortManifests([...objects, configMap("x")], both, RING);
  assert.equal(made.copies["ingest"], made.copies["processor"]);
});

const BROKER = (podSpec: Fields): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "kafka" },
  spec: { template: { spec: { containers: [{ name: "kafka", image: "kafka:1" }], ...podSpec } } },
});

copies("keeps its plain name for the pods of no service, and has a copy for those of a service", () => {
  const others: KubeObject[] = [
    BROKER({ volumes: [{ name: "v", configMap: { name: "x" } }] }),
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "nightly" },
      spec: { jobTemplate: { spec: { template: { spec: { imagePullSecrets: [{ name: "x" }] } } } } },
    },
  ];
  const podSpec = { volumes: [{ name: "v", configMap: { name: "x" } }], imagePullSecrets: [{ name: "x" }] };
  const { read, shared } = namesIn(manifests(podSpec, [configMap("x"), secret("x"), ...others]));
  assert.is(read.filter((name) => HASHED.test(name)).length, 2);
  assert.equal(shared, ["ConfigMap x", "Secret x", "CronJob nightly"]);
});

copies("leaves alone what only the broker reads, and what nobody reads", () => {
  const broker = BROKER({ volumes: [{ name: "v", configMap: { name: "x" } }] });
  assert.equal(namesIn(manifests({}, [configMap("x"), configMap("y"), broker])), {
    read: [],
    copies: [],
    shared: ["ConfigMap x", "ConfigMap y"],
  });
});

copies("keeps the name of a Secret that an Ingress serves with, or an account brings along", () => {
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "front" },
    spec: { tls: [{ secretName: "x" }] },
  };
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "a" },
    imagePullSecrets: [{ name: "y" }],
  };
  const podSpec = { imagePullSecrets: [{ name: "x" }, { name: "y" }] };
  const { shared } = namesIn(manifests(podSpec, [secret("x"), secret("y"), ingress, account]));
  assert.equal(shared, ["Secret x", "Secret y", "ServiceAccount a"]);
});

copies("leaves alone what is not among the manifests", () => {
  assert.equal(
    namesIn(manifests({ volumes: [{ name: "v", configMap: { name: "elsewhere" } }] }, [secret("elsewhere")])),
    {
      read: ["ConfigMap elsewhere"],
      copies: [],
      shared: ["Secret elsewhere"],
    },
  );
});

copies("leaves alone what somebody else fills in: an empty object, and the Secret of a token", () => {
  const empty = configMap("x", {});
  const token = secret("x", { type: "kubernetes.io/service-account-token" });
  const podSpec = { volumes: [{ name: "v", configMap: { name: "x" } }], imagePullSecrets: [{ name: "x" }] };
  const { read, shared } = namesIn(manifests(podSpec, [empty, token]));
  assert.equal(read, ["ConfigMap x", "Secret x"]);
  assert.equal(shared, ["ConfigMap x", "Secret x"]);
});

copies("takes the names that kustomize has given by content like any other", () => {
  const podSpec = { volumes: [{ name: "v", configMap: { name: "settings-5m2f97hd2c" } }] };
  const { read, copies: made } = namesIn(manifests(podSpec, [configMap("settings-5m2f97hd2c")]));
  assert.match(read[0] ?? "", /^ConfigMap settings-5m2f97hd2c-[0-9a-f]{10}$/);
  assert.equal(made, read);
});

copies("has a name that Kubernetes takes, however long the plain one is, and another for each", () => {
  const long = ["a", "b"].map((last) => `${"x".repeat(241)}.-${"y".repeat(9)}${last}`);
  const sources = long.map((name) => ({ configMap: { name } }));
  const { read } = namesIn(
    manifests(
      { volumes: [{ name: "v", projected: { sources } }] },
      long.map((name) => configMap(name)),
    ),
  );
  assert.is(new Set(read).size, 2);
  for (const name of read) assert.match(name, /^ConfigMap x{241}-[0-9a-f]{10}$/);
});

copies("is refused where the manifests have taken its name", () => {
  const volumes = [{ name: "v", configMap: { name: "x" } }];
  const [name = ""] = namesIn(manifests({ volumes }, [configMap("x")])).copies;
  const taken = name.replace("ConfigMap ", "");
  assert.throws(
    () => manifests({ volumes }, [configMap("x"), configMap(taken)]),
    new RegExp(
      `^the manifests do not fit the release \\[bad-manifest\\]:\n {2}ConfigMap ${taken} is a name that Slipway itself uses\n`,
    ),
  );
});

copies("is not taken for a name where a label or an annotation has the same word", () => {
  const podSpec = { nodeSelector: { secret: "x", configMap: "x" }, volumes: [{ name: "x", emptyDir: {} }] };
  assert.equal(namesIn(manifests(podSpec, [configMap("x"), secret("x")])).read, []);
});

copies.run();

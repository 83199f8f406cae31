import { suite } from "uvu";
import * as assert from "uvu/assert";
import { USER } from "../../../../ci/src/languages/prepare.ts";
import { selects } from "../../../../ci/src/manifests/rules/selector.ts";
import { findProblems, type RingToCheck, ruleNames } from "../../../../ci/src/manifests/rules.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { nameRelease } from "../../../../ci/src/rollout/release.ts";
import { objectFaults } from "./object-faults.ts";
import { podFaults } from "./pod-faults.ts";
import { reachFaults } from "./reach-faults.ts";
import {
  add,
  type Container,
  cache,
  fields,
  ingest,
  own,
  podSpecIn,
  readRing,
  services,
  set,
  withJob,
  withWorker,
} from "./ring-to-check.ts";

const planted = [...objectFaults, ...podFaults, ...reachFaults];

const rules = suite("the rules of manifests");

rules("hold for this repository's own manifests", () => {
  assert.equal(findProblems(readRing()), []);
});

for (const [name, ring, problem] of planted) {
  rules(`find ${name}, and nothing else`, () => assert.equal(findProblems(ring()), [problem]));
}

rules("are each broken by one of the violations above", () => {
  const broken = planted.map(([, , { rule }]) => rule);
  assert.equal(
    ruleNames.filter((rule) => !broken.includes(rule)),
    [],
  );
});

rules("let every container of a service have the image of a service, with any tag: the release fills it in", () => {
  for (const list of ["initContainers", "containers"] as const) {
    for (const image of [`ingest@sha256:${"0".repeat(64)}`, "ingest:latest", `dashboard@sha256:${"0".repeat(64)}`]) {
      const ring = readRing();
      const podSpec = podSpecIn(ring, ingest);
      const [first] = podSpec.containers;
      podSpec[list] = [...(podSpec[list] ?? []), { ...structuredClone(first), name: "beside", image }];
      assert.equal(findProblems(ring), [], `${list}: ${image}`);
    }
  }
});

rules("let a Service answer at a port of its own, such as 80, that leads to the service's", () => {
  for (const port of [
    { port: 80, targetPort: "http" },
    { port: 80, targetPort: 8080 },
    { port: 8080, targetPort: "http" },
  ])
    assert.equal(findProblems(set("Service processor", "spec.ports.0", { name: "http", ...port })), []);
});

rules("tell every problem at once, in their own order", () => {
  const both = {
    ...set(ingest, "spec.replicas", 3),
    services: { ...readRing().services, view: { port: 1, needs: [] } },
  };
  assert.equal(
    findProblems(both).map(({ rule, object }) => `${rule}: ${object}`),
    ["serviceObjects: Deployment view", "serviceObjects: Service view", "replicas: Deployment ingest"],
  );
});

rules("count the pods of the smaller colour when a budget has to leave room", () => {
  const of = (counts: { replicas: number; idleReplicas: number }) =>
    findProblems({ ...readRing(), ...counts }).map(({ rule, what }) => `${rule}: ${what}`);
  assert.equal(of({ replicas: 2, idleReplicas: 2 }), []);
  const blocked = "budgetRoom: with minAvailable 1, none of 1 pods may be evicted, so no node can be drained";
  assert.equal(of({ replicas: 2, idleReplicas: 1 }), Array(6).fill(blocked));
  assert.equal(of({ replicas: 1, idleReplicas: 0 }), Array(6).fill(blocked));
});

rules("count the pods that an autoscaler leaves a colour when a budget has to leave room", () => {
  const of = (minReplicas: number | undefined) => {
    const spec = { scaleTargetRef: { kind: "Deployment", name: "ingest" }, minReplicas, maxReplicas: 5 };
    const ring = add({ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", spec }, "ingest");
    return findProblems({ ...ring, replicas: 2, idleReplicas: 0 }).map(({ object, what }) => `${object}: ${what}`);
  };
  const blocked = (colour: string) =>
    `PodDisruptionBudget ingest-${colour}: with minAvailable 1, none of 1 pods may be evicted, so no node can be drained`;
  assert.equal(of(2), []);
  for (const one of [1, undefined]) assert.equal(of(one), ["blue", "green"].map(blocked));
});

rules("find one budget for both colours, which would count the idle pods", () => {
  const ring = set("PodDisruptionBudget ingest-green", "spec.selector.matchLabels", {
    "app.kubernetes.io/name": "ingest",
  });
  assert.equal(
    findProblems(ring).map(({ object, what }) => `${object}: ${what}`),
    [
      `${ingest}: PodDisruptionBudget ingest-blue and PodDisruptionBudget ingest-green both protect the blue pods of ingest, and Kubernetes then evicts none of them`,
      `${ingest}: no budget protects the green pods of ingest, and only those, when nodes are drained`,
    ],
  );
});

rules("ask no probe of a Job, and nothing of a broker that is elsewhere", () => {
  const job = cache("Job", "batch/v1", { selector: undefined });
  const spec = fields(fields(fields(job.objects.at(-1)?.["spec"])["template"])["spec"]);
  for (const container of spec["containers"] as Record<string, unknown>[]) {
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) delete container[probe];
  }
  assert.equal(
    findProblems(job).map(({ rule }) => rule),
    ["ownPolicies"],
  );
  const elsewhere = readRing();
  const objects = elsewhere.objects.filter(
    ({ kind, metadata }) => metadata.name !== "kafka" && !(kind === "NetworkPolicy" && metadata.name === "to-kafka"),
  );
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "to-kafka", namespace: "canary" },
    spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }] },
  };
  assert.equal(findProblems({ ...elsewhere, objects: [...objects, policy] }), []);
});

rules("take a selector as Kubernetes does", () => {
  const of = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values: string[], labels: Record<string, string>) =>
    selects({ matchLabels: { part: "a" }, matchExpressions: [{ key: "tier", operator, values }] }, labels);
  const asked = [
    { part: "a", tier: "front" },
    { part: "a", tier: "back" },
    { part: "a" },
    { part: "b", tier: "front" },
  ];
  const answers = (operator: Parameters<typeof of>[0], values: string[]) =>
    asked.map((labels) => of(operator, values, labels));
  assert.equal(answers("In", ["front"]), [true, false, false, false]);
  assert.equal(answers("NotIn", ["front"]), [false, true, true, false]);
  assert.equal(answers("Exists", []), [true, true, false, false]);
  assert.equal(answers("DoesNotExist", []), [false, false, true, false]);
});

const toIngest = { podSelector: { matchLabels: { "app.kubernetes.io/name": "ingest" } } };

/** Rules of the only policy that lets the dashboard out to ingest, and whether it gets there. */
const waysOut: readonly (readonly [name: string, rule: Record<string, unknown>, isOpen: boolean])[] = [
  ["to the pods at any port", { to: [toIngest] }, true],
  ["to everybody at the port", { ports: [{ port: 8080 }] }, true],
  ["at the port by its name", { to: [toIngest], ports: [{ port: "http" }] }, true],
  ["at the name of another port", { to: [toIngest], ports: [{ port: "management" }] }, false],
  ["at a range with the port", { to: [toIngest], ports: [{ port: 8000, endPort: 8090 }] }, true],
  ["at a range that ends before the port", { to: [toIngest], ports: [{ port: 8000, endPort: 8079 }] }, false],
  ["at the port by UDP", { to: [toIngest], ports: [{ port: 8080, protocol: "UDP" }] }, false],
  ["to addresses", { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, false],
  ["to its own namespace", { to: [{ namespaceSelector: { matchLabels: { "slipway.dev/ring": "canary" } } }] }, true],
  [
    "to pods of that name elsewhere",
    { to: [{ ...toIngest, namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "production" } } }] },
    false,
  ],
  [
    "to pods elsewhere that are not of these manifests",
    {
      to: [
        {
          podSelector: { matchLabels: { app: "collector" } },
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
        },
      ],
    },
    false,
  ],
];

for (const [name, rule, isOpen] of waysOut) {
  rules(
    `see that a policy which opens ${name} ${isOpen ? "lets" : "does not let"} a service reach what it needs`,
    () => {
      assert.equal(
        findProblems(set("NetworkPolicy dashboard-to-ingest", "spec.egress", [rule])).map(({ what }) => what),
        isOpen ? [] : ["dashboard needs ingest, but no NetworkPolicy lets it out to ingest, port 8080"],
      );
    },
  );
}

rules("take a Service that leads to a port by its number", () => {
  assert.equal(findProblems(set("Service ingest", "spec.ports.0.targetPort", 8080)), []);
});

rules("hold for a worker without Service, ports and probes, and for a job", () => {
  assert.equal(findProblems(withWorker()), []);
  assert.equal(findProblems(withJob()), []);
});

rules("look at the own container of a worker whose Deployment has another name", () => {
  const ring = withWorker({ minReadySeconds: 0 });
  const objects = ring.objects.map((object) =>
    object.kind === "Deployment" && object.metadata.name === "worker"
      ? { ...object, metadata: { ...object.metadata, name: "acme-worker" } }
      : object,
  );
  assert.equal(
    findProblems({ ...ring, objects, deployments: { worker: "acme-worker" } }).map(
      ({ rule, object, path }) => `${rule} ${object} ${path}`,
    ),
    ["probes Deployment acme-worker spec.minReadySeconds"],
  );
});

rules("leave a job of a release no word about when it runs and how long it is kept", () => {
  const told = findProblems(withJob({ suspend: true, manualSelector: true, ttlSecondsAfterFinished: 0 }));
  assert.equal(
    told.map(({ rule, path }) => `${rule} ${path}`),
    ["releaseJobs spec.suspend", "releaseJobs spec.ttlSecondsAfterFinished", "releaseJobs spec.manualSelector"],
  );
});

rules("let a CronJob run the image of a service, with any tag: the release fills it in", () => {
  const cron = (image: string): RingToCheck => {
    const ring = withJob();
    const job = ring.objects.find(({ kind }) => kind === "Job");
    const jobSpec = JSON.parse(JSON.stringify(job?.["spec"]).replace(/"worker@sha256:0+"/, JSON.stringify(image)));
    const spec = { schedule: "0 3 * * *", jobTemplate: { spec: jobSpec } };
    const metadata = { name: "nightly", namespace: "canary" };
    return { ...ring, objects: [...ring.objects, { apiVersion: "batch/v1", kind: "CronJob", metadata, spec }] };
  };
  for (const image of [`ingest@sha256:${"0".repeat(64)}`, "worker:latest", "other/tool:1.2"])
    assert.equal(findProblems(cron(image)), [], image);
  const told = findProblems(cron(`other/tool@sha256:${"0".repeat(64)}`));
  assert.equal(
    told.map(({ rule, object, path }) => `${rule} ${object} ${path}`),
    ["pinnedImages CronJob nightly spec.jobTemplate.spec.template.spec.containers[worker].image"],
  );
});

rules("find a second object of a service", () => {
  const { objects } = own;
  const twice = { ...own, objects: [...objects, ...objects.filter(({ metadata }) => metadata.name === "processor")] };
  assert.equal(
    findProblems(twice)
      .filter(({ rule }) => rule === "serviceObjects")
      .map(({ object, what }) => `${object}: ${what}`),
    [
      "Deployment processor: service processor of slipway.yaml needs one, but there are 2",
      "Service processor: service processor of slipway.yaml needs one, but there are 2",
    ],
  );
});

rules("refuse what a deploy would refuse", () => {
  const image = { name: "registry.example.org/any", digest: `sha256:${"a".repeat(64)}` };
  const sort = ({ services, objects, ring }: RingToCheck) => {
    const images = Object.entries(services).map(([name, { kind = "service" }]) => [
      name,
      kind === "service" ? image : { ...image, kind },
    ]);
    const commit = { commit: "1".repeat(40), commitTime: "2026-01-01T00:00:00Z", author: "a@example.org" };
    sortManifests(objects, nameRelease({ ...commit, services: Object.fromEntries(images) }), ring);
  };
  for (const ring of [readRing(), withWorker(), withJob()]) sort(ring);
  const refused = ["serviceObjects", "serviceContainers", "freeNames", "releaseJobs"];
  const cases = planted.filter(([, , { rule }]) => refused.includes(rule));
  assert.equal([...new Set(cases.map(([, , { rule }]) => rule))].sort(), refused.toSorted());
  for (const [name, make] of cases) assert.throws(() => sort(make()), undefined, name);
});

rules("let services run as the user of the images that `build` makes", () => {
  const { services, objects } = readRing();
  for (const name of Object.keys(services)) {
    const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
    const { securityContext } = fields(fields(fields(deployment?.["spec"])["template"])["spec"]);
    const { runAsUser, runAsGroup } = fields(securityContext);
    assert.equal([runAsUser, runAsGroup], [USER, USER], name);
  }
});

rules("advise hardening at the level basic, do not look at it when off, and demand what a deploy needs at each", () => {
  const soft = planted.find(([, , { rule }]) => rule === "readOnlyRoot");
  const hard = planted.find(([, , { rule }]) => rule === "serviceObjects");
  assert.ok(soft !== undefined && hard !== undefined);
  const at = (make: () => RingToCheck, level: RingToCheck["level"]) =>
    findProblems({ ...make(), level }).map(
      ({ rule, isAdvice }) => `${rule} ${isAdvice === true ? "advised" : "demanded"}`,
    );
  const [makeSoft, makeHard] = [soft?.[1] ?? readRing, hard?.[1] ?? readRing];
  assert.equal(at(makeSoft, "restricted"), ["readOnlyRoot demanded"]);
  assert.equal(at(makeSoft, "basic"), ["readOnlyRoot advised"]);
  assert.equal(at(makeSoft, "off"), []);
  for (const level of ["restricted", "basic", "off"] as const)
    assert.ok(at(makeHard, level).includes("serviceObjects demanded"), level);
});

/** The ring with ingest as Deployment acme-ingest with container app, behind Service acme. */
function renamed(): RingToCheck {
  const ring = readRing();
  const calls: Record<string, string> = { Deployment: "acme-ingest", Service: "acme" };
  const objects = ring.objects.map((object) => {
    const name = object.metadata.name === "ingest" ? calls[object.kind] : undefined;
    if (name === undefined) return object;
    const [container] =
      object.kind === "Deployment"
        ? (fields(fields(fields(object["spec"])["template"])["spec"])["containers"] as Container[])
        : [];
    if (container !== undefined) Object.assign(container, { name: "app" });
    const spec =
      object.kind === "Service" ? { ...fields(object["spec"]), selector: ingestLabels(ring) } : object["spec"];
    return { ...object, metadata: { ...object.metadata, name }, spec };
  });
  return { ...ring, objects, deployments: { ingest: "acme-ingest" } };
}

/** The labels that the pods of ingest have in the manifests. */
function ingestLabels({ objects }: RingToCheck): unknown {
  const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "ingest");
  return fields(fields(fields(deployment?.["spec"])["template"])["metadata"])["labels"];
}

rules("know a service by the name of its Deployment, the Service that selects its pods and its only container", () => {
  assert.equal(
    findProblems(renamed()).map(({ rule, object }) => `${rule}: ${object}`),
    // Its selector is what it is found by.
    [],
  );
  const strict = { ...renamed(), deployments: {} };
  assert.ok(
    findProblems(strict).some(({ rule, object }) => rule === "serviceObjects" && object === "Deployment ingest"),
  );
});

/** The ring as one whose Deployments are changed in place, made as kubectl would take it. */
function inPlace(more: (object: KubeObject) => KubeObject = (object) => object): RingToCheck {
  const ring = readRing();
  const objects = ring.objects
    .filter(({ kind }) => kind !== "PodDisruptionBudget")
    .map((object) => {
      const { name } = object.metadata;
      if (object.kind === "Deployment") return { ...object, spec: { ...fields(object["spec"]), replicas: 3 } };
      if (object.kind !== "Service" || !(name in services)) return object;
      return { ...object, spec: { ...fields(object["spec"]), selector: { "app.kubernetes.io/name": name } } };
    })
    .map((object) => more(object as KubeObject));
  return { ...ring, objects, strategy: "rolling" };
}

rules("of two colours are not those of a ring whose Deployments are changed in place", () => {
  assert.equal(findProblems(inPlace()), []);
  const coloured = findProblems({ ...inPlace(), strategy: "blue-green" }).map(({ rule }) => rule);
  assert.equal([...new Set(coloured)], ["liveSelectors", "replicas", "budgets"]);
});

rules("demand of a ring that is changed in place that its Services select the pods", () => {
  for (const selector of [undefined, { app: "other" }]) {
    const ring = inPlace((object) =>
      object.kind === "Service" && object.metadata.name === "ingest"
        ? { ...object, spec: { ...fields(object["spec"]), selector } }
        : object,
    );
    assert.equal(findProblems(ring), [
      {
        rule: "liveSelectors",
        object: "Service ingest",
        path: "spec.selector",
        what: "it does not select the pods of ingest, and with strategy rolling no deploy sets it",
        todo: "set labels that the pods have (template.metadata.labels)",
      },
    ]);
  }
});

rules.run();

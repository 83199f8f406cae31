/** Pods as an API server shows them: which of them count, what they run, and why others do not come up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Placement } from "../../../../ci/src/rollout/head.ts";
import {
  countRestarts,
  findFailures,
  listMissing,
  listNeighbours,
  listShort,
} from "../../../../ci/src/rollout/health.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { isSameImage, referTo } from "../../../../ci/src/rollout/release.ts";
import { observe } from "../../../../ci/src/rollout/snapshot.ts";
import { POLICY, releaseOf } from "./fixtures.ts";

const placement: Placement = { release: releaseOf(2, 1), colours: { ingest: "green" }, verified: false };
const image = referTo(placement.release, "ingest");
const digest = image.split("@")[1] ?? "";
const other = `sha256:${"e".repeat(64)}`;
const T0 = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

type Fields = Record<string, unknown>;

const running = { ready: true, restartCount: 0, state: { running: {} } };

function podItem(
  name: string,
  more: { readonly meta?: Fields; readonly spec?: Fields; readonly status?: Fields } = {},
) {
  const labels = {
    "app.kubernetes.io/name": "ingest",
    "slipway.dev/colour": "green",
    "slipway.dev/release": placement.release.id,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, resourceVersion: "1", creationTimestamp: at(0), labels, ...more.meta },
    spec: { containers: [{ name: "ingest", image }], ...more.spec },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ name: "ingest", ...running }],
      ...more.status,
    },
  };
}

function deploymentItem(status: Fields = {}, more: { readonly spec?: Fields; readonly meta?: Fields } = {}) {
  const labels = { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "ingest-green", resourceVersion: "1", generation: 3, labels, ...more.meta },
    spec: { replicas: 2, template: { spec: { containers: [{ name: "ingest", image }] } }, ...more.spec },
    status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  };
}

const slice = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: "ingest-green-1",
    resourceVersion: "1",
    labels: { "kubernetes.io/service-name": "ingest-green" },
  },
  endpoints: [{ targetRef: { name: "a" } }, { targetRef: { name: "b" } }],
};

const up = [deploymentItem(), slice, podItem("a"), podItem("b")];

const dead = suite("a pod that has ended");

/** Everything by which Kubernetes leaves a pod lying there. */
const ends: [string, Fields, string][] = [
  [
    "was evicted",
    { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
    "Evicted: The node was low on resource: memory.",
  ],
  [
    "was evicted, of which the API says no reason",
    {
      phase: "Failed",
      containerStatuses: [
        { name: "ingest", restartCount: 7, state: { terminated: { exitCode: 137, reason: "ContainerStatusUnknown" } } },
      ],
    },
    "Failed: it ended with exit code 137 (ContainerStatusUnknown)",
  ],
  [
    "was evicted by the API",
    {
      phase: "Failed",
      conditions: [
        {
          type: "DisruptionTarget",
          status: "True",
          reason: "EvictionByEvictionAPI",
          message: "Eviction API: evicting",
        },
      ],
    },
    "EvictionByEvictionAPI: Eviction API: evicting",
  ],
  [
    "ended with success",
    { phase: "Succeeded", conditions: [{ type: "Ready", status: "False", reason: "PodCompleted" }] },
    "Succeeded",
  ],
  [
    "found no processor on its node",
    { phase: "Failed", reason: "OutOfcpu", message: "Pod was rejected: Node didn't have enough resource: cpu" },
    "OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu",
  ],
  ["found no memory on its node", { phase: "Failed", reason: "OutOfmemory" }, "OutOfmemory"],
  [
    "was not meant for its node",
    { phase: "Failed", reason: "NodeAffinity", message: "Predicate NodeAffinity failed" },
    "NodeAffinity: Predicate NodeAffinity failed",
  ],
  [
    "was on a node that was shut down",
    { phase: "Failed", reason: "Terminated", message: "Pod was terminated in response to imminent node shutdown." },
    "Terminated: Pod was terminated in response to imminent node shutdown.",
  ],
  ["was on a node that shut down long ago", { phase: "Failed", reason: "NodeShutdown" }, "NodeShutdown"],
  ["made room for a more important one", { phase: "Failed", reason: "Preempting" }, "Preempting"],
  [
    "was not let in by the kubelet",
    { phase: "Failed", reason: "UnexpectedAdmissionError", message: "Allocate failed" },
    "UnexpectedAdmissionError: Allocate failed",
  ],
  [
    "is on a node that the cluster has lost",
    { phase: "Unknown", reason: "NodeLost", message: "Node n1 which was running pod is unresponsive" },
    "NodeLost: Node n1 which was running pod is unresponsive",
  ],
];

for (const [name, status, said] of ends) {
  for (const which of [digest, other]) {
    dead(`because it ${name} is left out, ${which === other ? "of another release" : "of this one"}`, () => {
      const restarted = { containerStatuses: [{ name: "ingest", restartCount: 7, state: {} }] };
      const spec = { containers: [{ name: "ingest", image: `registry.example/ingest@${which}` }] };
      const gone = podItem("gone", { status: { ...restarted, conditions: [], ...status }, spec });
      const seen = observe([...up, gone]);
      assert.equal(listMissing(seen, placement, 2), []);
      assert.equal(listShort(seen, placement, 2), []);
      assert.is(countRestarts(seen, placement), 0);
      assert.equal(findFailures(seen, placement, POLICY, { nowMs: T0 + 1e9, sinceMs: T0 - 1 }), []);
      const short = observe([deploymentItem({ availableReplicas: 1 }), slice, podItem("a"), gone]);
      const why = which === other ? "" : ` (gone ended: ${said})`;
      assert.equal(listMissing(short, placement, 2), [
        `Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all${why}`,
      ]);
    });
  }
}

dead("and one that is on its way out are not missed, whatever they run", () => {
  const spec = { containers: [{ name: "ingest", image: `registry.example/ingest@${other}` }] };
  const leaving = podItem("leaving", { spec, meta: { deletionTimestamp: at(5) } });
  assert.equal(listMissing(observe([...up, leaving]), placement, 2), []);
});

dead("while one of another release that lives is told, because it would get requests", () => {
  const spec = { containers: [{ name: "ingest", image: `registry.example/ingest@${other}` }] };
  const seen = observe([...up, podItem("stray", { spec })]);
  assert.equal(listMissing(seen, placement, 2), ["Deployment ingest-green: 1 pods still have another image"]);
  assert.equal(listShort(seen, placement, 2), []);
});

dead("again and again ends the candidate, told with its reason", () => {
  const refused = Array.from({ length: POLICY.crashLimit }, (_, index) =>
    podItem(`r${index}`, {
      meta: { creationTimestamp: at(10 + index) },
      status: { phase: "Failed", reason: "OutOfcpu", message: "no cpu", containerStatuses: null, conditions: null },
    }),
  );
  const seen = observe([deploymentItem({ availableReplicas: 0 }), ...refused]);
  const watched = { nowMs: T0 + 20_000, sinceMs: T0 };
  assert.equal(findFailures(seen, placement, POLICY, watched), [
    {
      service: "ingest",
      deployment: "ingest-green",
      pod: "r2",
      reason: "OutOfcpu",
      message: "no cpu; 3 pods have ended so",
    },
  ]);
  assert.equal(findFailures(seen, placement, POLICY, { ...watched, sinceMs: T0 + 11_000 }), []);
});

dead("beside the services is nobody's trouble", () => {
  const beside = {
    meta: { labels: {} },
    status: {
      phase: "Failed",
      conditions: [],
      containerStatuses: [{ restartCount: 0, state: { waiting: { reason: "ContainerCreating" } } }],
    },
  };
  assert.equal(listNeighbours(observe([podItem("job", beside)])), []);
});

const images = suite("what a pod runs");

const named: [string, string, string | undefined, boolean][] = [
  ["its own name", image, undefined, true],
  ["a mirror's name", `mirror.example:5000/cache/registry.example/ingest@${digest}`, undefined, true],
  ["a tag before the digest", `registry.example/ingest:v2@${digest}`, undefined, true],
  [
    "a mirror's tag, and the runtime says the digest (containerd)",
    "mirror.example/ingest:v2",
    `mirror.example/ingest@${digest}`,
    true,
  ],
  [
    "a mirror's tag, and the runtime says the digest (cri-dockerd)",
    "mirror.example/ingest:v2",
    `docker-pullable://mirror.example/ingest@${digest}`,
    true,
  ],
  ["a mirror's tag, and the runtime says nothing", "mirror.example/ingest:v2", "", false],
  [
    "a mirror's tag, and the runtime says another digest",
    "mirror.example/ingest:v2",
    `mirror.example/ingest@${other}`,
    false,
  ],
  ["another digest", `registry.example/ingest@${other}`, undefined, false],
  ["another digest, whatever the runtime says", `registry.example/ingest@${other}`, `x@${digest}`, false],
  ["the repository alone", "registry.example/ingest", undefined, false],
];

for (const [name, is, imageID, same] of named) {
  images(`is ${same ? "the release" : "another image"} with ${name}`, () => {
    const status = {
      containerStatuses: [{ name: "ingest", ...running, ...(imageID === undefined ? {} : { imageID }) }],
    };
    const pod = podItem("a", { spec: { containers: [{ name: "ingest", image: is }] }, status });
    assert.equal(
      listMissing(observe([deploymentItem(), slice, pod, podItem("b")]), placement, 2),
      same ? [] : ["Deployment ingest-green: 1 pods still have another image"],
    );
  });
}

images("is compared by digest in the Deployment too, where a webhook may have been", () => {
  const rewritten = (name: string) =>
    deploymentItem(
      {},
      { spec: { replicas: 2, template: { spec: { containers: [{ name: "ingest", image: name }] } } } },
    );
  const missing = (name: string) => listMissing(observe([rewritten(name), ...up.slice(1)]), placement, 2);
  assert.equal(missing(`mirror.example/x@${digest}`), []);
  assert.equal(missing(`mirror.example/x@${other}`), [
    `Deployment ingest-green has the image mirror.example/x@${other}, not ${image}`,
  ]);
  assert.equal(missing("mirror.example/x:v2"), [
    `Deployment ingest-green has the image mirror.example/x:v2, not ${image}`,
  ]);
  assert.is(isSameImage(undefined, image), false);
});

images("of another template of the same image does not count as the release's trouble or restarts", () => {
  const crashing = {
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [
      { name: "ingest", restartCount: 9, state: { waiting: { reason: "CrashLoopBackOff", message: "" } } },
    ],
  };
  const labels = podItem("a").metadata.labels;
  const before = podItem("old", {
    status: crashing,
    meta: { labels: { ...labels, "slipway.dev/release": "r-before" } },
  });
  const revision = { annotations: { "deployment.kubernetes.io/revision": "4" } };
  const setOf = (name: string, number: string) => ({
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      resourceVersion: "1",
      annotations: { "deployment.kubernetes.io/revision": number },
      ownerReferences: [{ kind: "Deployment", name: "ingest-green" }],
    },
  });
  const owned = podItem("owned", {
    status: crashing,
    meta: { labels, ownerReferences: [{ kind: "ReplicaSet", name: "set-3" }] },
  });
  const sets = [setOf("set-3", "3"), setOf("set-4", "4")];
  for (const pod of [before, owned]) {
    const seen = observe([deploymentItem({}, { meta: revision }), slice, ...sets, pod]);
    assert.is(countRestarts(seen, placement), 0);
    assert.equal(findFailures(seen, placement, POLICY), []);
  }
  const own = podItem("own", {
    status: crashing,
    meta: { labels, ownerReferences: [{ kind: "ReplicaSet", name: "set-4" }] },
  });
  const seen = observe([deploymentItem({}, { meta: revision }), slice, ...sets, own]);
  assert.is(countRestarts(seen, placement), 9);
  assert.equal(
    findFailures(seen, placement, POLICY).map(({ pod, reason }) => [pod, reason]),
    [["own", "CrashLoopBackOff"]],
  );
});

const reasons = suite("why a pod does not come up");

const notReady = {
  type: "Ready",
  status: "False",
  reason: "ContainersNotReady",
  message: "containers with unready status: [ingest]",
};
const started = { type: "PodReadyToStartContainers", status: "True" };
const waiting = (reason: string, message = "") => ({ state: { waiting: { reason, message } } });
const own = (more: Fields) => [{ name: "ingest", restartCount: 0, ...more }];
const init = (name: string, more: Fields) => ({ name, restartCount: 0, ...more });
const initialising = own(waiting("PodInitializing"));

/** What is given up at once, after so many restarts, after the policy's patience, or not before the deadline. */
type When = "at once" | "crash" | "patience" | "deadline";

const states: [
  string,
  { readonly status: Fields; readonly spec?: Fields; readonly event?: [string, string] },
  string,
  When,
][] = [
  [
    "it fits on no node",
    {
      status: {
        phase: "Pending",
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "0/3 nodes are available: 3 Insufficient cpu.",
            lastTransitionTime: at(1),
          },
        ],
        containerStatuses: null,
      },
    },
    "Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.",
    "patience",
  ],
  [
    "a scheduling gate holds it",
    {
      status: {
        phase: "Pending",
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "SchedulingGated",
            message: "Scheduling is blocked due to non-empty scheduling gates",
          },
        ],
      },
    },
    "SchedulingGated: Scheduling is blocked due to non-empty scheduling gates",
    "patience",
  ],
  [
    "an init container crashes",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [
          init("migrate", {
            restartCount: 3,
            state: {
              waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container=migrate" },
            },
            lastState: { terminated: { exitCode: 3, reason: "Error" } },
          }),
        ],
        containerStatuses: initialising,
      },
    },
    "CrashLoopBackOff: init container migrate: back-off 40s restarting failed container=migrate; it ended with exit code 3",
    "crash",
  ],
  [
    "an init container has just ended badly",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [
          init("migrate", {
            restartCount: 1,
            state: { terminated: { exitCode: 1, reason: "Error", message: "no such table\n" } },
          }),
        ],
        containerStatuses: initialising,
      },
    },
    "Error: init container migrate: it ended with exit code 1: no such table",
    "deadline",
  ],
  [
    "an init container cannot be pulled",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [init("migrate", waiting("ImagePullBackOff", "Back-off pulling image"))],
        containerStatuses: initialising,
      },
    },
    "ImagePullBackOff: init container migrate: Back-off pulling image",
    "at once",
  ],
  [
    "an init container lacks a Secret",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [init("migrate", waiting("CreateContainerConfigError", 'secret "db" not found'))],
        containerStatuses: initialising,
      },
    },
    'CreateContainerConfigError: init container migrate: secret "db" not found',
    "patience",
  ],
  [
    "an init container goes on",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [init("migrate", { state: { running: {} } })],
        containerStatuses: initialising,
      },
    },
    "PodInitializing: init container migrate still runs",
    "deadline",
  ],
  [
    "the second init container crashes",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [
          init("one", { state: { terminated: { exitCode: 0, reason: "Completed" } } }),
          init("two", { restartCount: 4, ...waiting("CrashLoopBackOff", "back-off") }),
        ],
        containerStatuses: initialising,
      },
    },
    "CrashLoopBackOff: init container two: back-off",
    "crash",
  ],
  [
    "a sidecar crashes",
    {
      spec: { initContainers: [{ name: "proxy", restartPolicy: "Always" }] },
      status: {
        conditions: [notReady],
        initContainerStatuses: [init("proxy", { restartCount: 5, ...waiting("CrashLoopBackOff", "back-off proxy") })],
        containerStatuses: initialising,
      },
    },
    "CrashLoopBackOff: back-off proxy, 5 restarts",
    "crash",
  ],
  [
    "it crashes for lack of memory",
    {
      status: {
        conditions: [notReady],
        containerStatuses: own({
          restartCount: 3,
          state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
          lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
        }),
      },
    },
    "CrashLoopBackOff: back-off; it ended with exit code 137 (OOMKilled), 3 restarts",
    "crash",
  ],
  [
    "it has just run out of memory",
    {
      status: {
        conditions: [notReady],
        containerStatuses: own({ state: { terminated: { exitCode: 137, reason: "OOMKilled" } } }),
      },
    },
    "OOMKilled: it ended with exit code 137 (OOMKilled)",
    "deadline",
  ],
  [
    "it has run out of memory again, and the kubelet does not speak of a back-off",
    {
      status: {
        conditions: [notReady],
        containerStatuses: own({ restartCount: 3, state: { terminated: { exitCode: 137, reason: "OOMKilled" } } }),
      },
    },
    "OOMKilled: it ended with exit code 137 (OOMKilled), 3 restarts",
    "crash",
  ],
  [
    "it has ended well again and again, where it should stay",
    {
      status: {
        conditions: [notReady],
        containerStatuses: own({ restartCount: 3, state: { terminated: { exitCode: 0, reason: "Completed" } } }),
      },
    },
    "Completed: it ended with exit code 0, 3 restarts",
    "crash",
  ],
  [
    "an init container has ended badly again, and the kubelet does not speak of a back-off",
    {
      status: {
        conditions: [notReady],
        initContainerStatuses: [init("migrate", { restartCount: 3, state: { terminated: { exitCode: 1 } } })],
        containerStatuses: initialising,
      },
    },
    "Error: init container migrate: it ended with exit code 1",
    "crash",
  ],
  [
    "its command is not there",
    {
      status: {
        conditions: [notReady],
        containerStatuses: own({
          restartCount: 3,
          state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
          lastState: { terminated: { exitCode: 128, reason: "StartError", message: "exec: not found" } },
        }),
      },
    },
    "CrashLoopBackOff: back-off; it ended with exit code 128 (StartError): exec: not found, 3 restarts",
    "crash",
  ],
  [
    "it lacks a key of a ConfigMap",
    {
      status: {
        conditions: [notReady],
        containerStatuses: own(waiting("CreateContainerConfigError", "couldn't find key URL in ConfigMap a/b")),
      },
    },
    "CreateContainerConfigError: couldn't find key URL in ConfigMap a/b",
    "patience",
  ],
  [
    "a second container cannot be pulled, behind one that is being made",
    {
      status: {
        conditions: [notReady],
        containerStatuses: [
          init("a", waiting("ContainerCreating")),
          init("ingest", waiting("ImagePullBackOff", "no such image")),
        ],
      },
    },
    "ImagePullBackOff: no such image",
    "at once",
  ],
  [
    "a volume lacks its Secret, which only an event tells",
    {
      status: { phase: "Pending", conditions: [notReady], containerStatuses: own(waiting("ContainerCreating")) },
      event: ["FailedMount", 'secret "keys" not found'],
    },
    'FailedMount: secret "keys" not found',
    "patience",
  ],
  [
    "it has no network, which only an event tells",
    {
      status: { phase: "Pending", conditions: [notReady], containerStatuses: own(waiting("ContainerCreating")) },
      event: ["FailedCreatePodSandBox", "plugin type=bridge failed"],
    },
    "FailedCreatePodSandBox: plugin type=bridge failed",
    "patience",
  ],
  [
    "its volumes are there by now, and its image is on its way",
    {
      status: {
        phase: "Pending",
        conditions: [started, notReady],
        containerStatuses: own(waiting("ContainerCreating")),
      },
      event: ["FailedMount", "once"],
    },
    "ContainerCreating",
    "deadline",
  ],
  [
    "it does not get ready, which an event tells the reason of",
    {
      status: { conditions: [started, notReady], containerStatuses: own({ state: { running: {} } }) },
      event: ["Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"],
    },
    "Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503",
    "deadline",
  ],
  [
    "it does not get ready, and no event tells why",
    { status: { conditions: [notReady], containerStatuses: own({ state: { running: {} } }) } },
    "ContainersNotReady: containers with unready status: [ingest]",
    "deadline",
  ],
  [
    "a readiness gate is shut",
    {
      status: {
        conditions: [
          {
            type: "Ready",
            status: "False",
            reason: "ReadinessGatesNotReady",
            message: 'corresponding condition of pod readiness gate "lb" does not exist.',
          },
        ],
        containerStatuses: own({ state: { running: {} } }),
      },
    },
    'ReadinessGatesNotReady: corresponding condition of pod readiness gate "lb" does not exist.',
    "deadline",
  ],
  [
    "it has just been made",
    { status: { phase: "Pending", conditions: null, containerStatuses: null } },
    "not ready",
    "deadline",
  ],
];

for (const [name, { status, spec, event }, said, when] of states) {
  reasons(`${name}: it is told, and given up ${when === "crash" ? "after some restarts" : when}`, () => {
    const pod = podItem("p", {
      status: { phase: "Pending", ...status },
      ...(spec === undefined ? {} : { spec: { ...podItem("p").spec, ...spec } }),
    });
    const warning = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "p.1", resourceVersion: "1", creationTimestamp: at(1) },
      involvedObject: { kind: "Pod", name: "p" },
      type: "Warning",
      reason: event?.[0],
      message: event?.[1],
      firstTimestamp: at(1),
      lastTimestamp: at(9),
    };
    const items = [
      deploymentItem({ availableReplicas: 1 }),
      slice,
      podItem("a"),
      pod,
      ...(event === undefined ? [] : [warning]),
    ];
    const seen = observe(items);
    assert.equal(listMissing(seen, placement, 2), [
      `Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all (p ${said})`,
    ]);
    const failing = (seconds: number, crashLimit: number = POLICY.crashLimit) =>
      findFailures(seen, placement, { ...POLICY, crashLimit }, { nowMs: T0 + seconds * 1000, sinceMs: T0 }).length > 0;
    assert.equal(
      { soon: failing(2), late: failing(50), manyRestarts: failing(2, 6) },
      {
        soon: when === "at once" || when === "crash",
        late: when !== "deadline",
        manyRestarts: when === "at once",
      },
    );
  });
}

reasons("what went well tells nothing: an init container that is done, and events that do not warn", () => {
  const done = init("one", { state: { terminated: { exitCode: 0, reason: "Completed" } } });
  const status = {
    phase: "Pending",
    conditions: [notReady],
    initContainerStatuses: [done],
    containerStatuses: own(waiting("ContainerCreating")),
  };
  const pulling = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "p.1", resourceVersion: "1" },
    involvedObject: { kind: "Pod", name: "p" },
    type: "Normal",
    reason: "Pulling",
    message: "Pulling image",
    lastTimestamp: at(9),
  };
  const seen = observe([
    deploymentItem({ availableReplicas: 1 }),
    slice,
    podItem("a"),
    podItem("p", { status }),
    pulling,
  ]);
  assert.equal(listMissing(seen, placement, 2), [
    "Deployment ingest-green: 1 of 2 pods available, 2 updated, 2 in all (p ContainerCreating)",
  ]);
});

reasons("what may still be mended has the policy's patience, and at most half of the deadline", () => {
  const unschedulable = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: "full",
    lastTransitionTime: at(10),
  };
  const seen = observe([
    deploymentItem(),
    podItem("p", { status: { phase: "Pending", conditions: [unschedulable], containerStatuses: null } }),
  ]);
  const givenUpAt = (rules: object, sinceMs = T0) => {
    const policy = ringPolicySchema.parse(rules);
    const second = Array.from({ length: 400 }, (_, index) => index).find(
      (one) => findFailures(seen, placement, policy, { nowMs: T0 + one * 1000, sinceMs }).length > 0,
    );
    return second;
  };
  assert.is(givenUpAt({}), 70);
  assert.is(givenUpAt({ patienceSeconds: 20 }), 30);
  assert.is(givenUpAt({ patienceSeconds: 0 }), 10);
  assert.is(givenUpAt({ deadlineSeconds: 60, patienceSeconds: 600 }), 40);
  // Only time in which somebody waited counts.
  assert.is(givenUpAt({}, T0 + 100_000), 160);
  const [failure] = findFailures(seen, placement, ringPolicySchema.parse({}), { nowMs: T0 + 80_000, sinceMs: T0 });
  assert.is(failure?.message, "full (waited 60 seconds for it to be mended)");
});

const makers = suite("why pods are not made");

const quota =
  'pods "ingest-green-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2';
const failure = {
  type: "ReplicaFailure",
  status: "True",
  reason: "FailedCreate",
  message: quota,
  lastTransitionTime: at(1),
};
const none = { replicas: 0, updatedReplicas: 0, availableReplicas: 0 };
const set = (more: Fields = {}) => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: {
    name: "ingest-green-7",
    resourceVersion: "1",
    annotations: { "deployment.kubernetes.io/revision": "4" },
    ownerReferences: [{ kind: "Deployment", name: "ingest-green" }],
  },
  ...more,
});
const revision = { annotations: { "deployment.kubernetes.io/revision": "4" } };
const setEvent = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e", resourceVersion: "1" },
  involvedObject: { kind: "ReplicaSet", name: "ingest-green-7" },
  type: "Warning",
  reason: "FailedCreate",
  message: `Error creating: ${quota}`,
  eventTime: at(1),
};

const refusals: [string, readonly unknown[], string, boolean][] = [
  ["a quota is full", [deploymentItem({ ...none, conditions: [failure] })], `FailedCreate: ${quota}`, true],
  [
    "only the ReplicaSet says that a quota is full",
    [deploymentItem(none, { meta: revision }), set({ status: { conditions: [failure] } })],
    `FailedCreate: ${quota}`,
    true,
  ],
  [
    "only an event says that a quota is full",
    [deploymentItem(none, { meta: revision }), set(), setEvent],
    `FailedCreate: Error creating: ${quota}`,
    true,
  ],
  [
    "not even the ReplicaSet can be made",
    [
      deploymentItem({
        ...none,
        conditions: [
          {
            type: "Progressing",
            status: "False",
            reason: "ReplicaSetCreateError",
            message: 'replicasets.apps "x" is forbidden: exceeded quota',
          },
        ],
      }),
    ],
    'ReplicaSetCreateError: replicasets.apps "x" is forbidden: exceeded quota',
    true,
  ],
  [
    "a webhook does not let them in",
    [
      deploymentItem({
        ...none,
        conditions: [{ ...failure, message: 'admission webhook "p.example" denied the request: no' }],
      }),
    ],
    'FailedCreate: admission webhook "p.example" denied the request: no',
    true,
  ],
  [
    "the Deployment is paused",
    [
      deploymentItem(none, {
        spec: { replicas: 2, paused: true, template: { spec: { containers: [{ name: "ingest", image }] } } },
      }),
    ],
    "DeploymentPaused: its controller makes no pods until it is resumed",
    true,
  ],
  [
    "there was a refusal, and it is over",
    [deploymentItem({ ...none, conditions: [{ ...failure, status: "False" }] })],
    "",
    false,
  ],
];

for (const [name, items, said, ends] of refusals) {
  makers(`${name}: it is told${ends ? ", and given up when the policy's patience is over" : " no more"}`, () => {
    const seen = observe(items);
    assert.equal(listMissing(seen, placement, 2), [
      `Deployment ingest-green: 0 of 2 pods available, 0 updated, 0 in all${said === "" ? "" : ` (${said})`}`,
    ]);
    const watched = (seconds: number) => ({ nowMs: T0 + seconds * 1000, sinceMs: T0 });
    assert.equal(findFailures(seen, placement, POLICY, watched(20)), []);
    const late = findFailures(seen, placement, POLICY, watched(32)).map((one) => `${one.reason}: ${one.message}`);
    assert.equal(late, ends ? [`${said} (waited 30 seconds for it to be mended)`] : []);
  });
}

makers("the controller's own deadline comes with the reason for it", () => {
  const late = {
    type: "Progressing",
    status: "False",
    reason: "ProgressDeadlineExceeded",
    message: 'ReplicaSet "ingest-green-7" has timed out progressing.',
  };
  const seen = observe([deploymentItem({ ...none, conditions: [failure, late] })]);
  assert.equal(
    findFailures(seen, placement, POLICY).map(({ reason }) => reason),
    ["FailedCreate", "ProgressDeadlineExceeded"],
  );
  const old = observe([deploymentItem({ ...none, observedGeneration: 2, conditions: [failure, late] })]);
  assert.equal(findFailures(old, placement, POLICY, { nowMs: T0 + 1e6, sinceMs: T0 }), []);
});

dead.run();
images.run();
reasons.run();
makers.run();

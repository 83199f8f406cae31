/** States of pods that do not come up, and when each is given up. */
import { at, type Fields, init, initialising, notReady, own, started, waiting } from "./pod-items.ts";

/** What is given up at once, after so many restarts, after the policy's patience, or not before the deadline. */
type When = "at once" | "crash" | "patience" | "deadline";

export const states: [
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
    "PodInitializing: init container migrate is still running",
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

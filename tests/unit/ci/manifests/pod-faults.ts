import { CONTAINER, fields, ingest, kafka, NAMED, type Planted, POD, readRing, set } from "./ring-to-check.ts";

/** What may be wrong with the rights of pods and of their containers. */
export const podFaults: readonly Planted[] = [
  [
    "the account default",
    () => set(ingest, `${POD}.serviceAccountName`),
    {
      rule: "accounts",
      object: ingest,
      path: "spec.template.spec.serviceAccountName",
      what: "pods run as the account default, which the whole namespace shares",
      todo: "give them a ServiceAccount of the product",
    },
  ],
  [
    "an account that there is not",
    () => set(ingest, `${POD}.serviceAccountName`, "prodcut"),
    {
      rule: "accounts",
      object: ingest,
      path: "spec.template.spec.serviceAccountName",
      what: "there is no ServiceAccount prodcut among the manifests",
      todo: "add it, or name another one (product)",
    },
  ],
  [
    "a token of the account",
    () => set(ingest, `${POD}.automountServiceAccountToken`),
    {
      rule: "accounts",
      object: ingest,
      path: "spec.template.spec.automountServiceAccountToken",
      what: "pods get a token for the Kubernetes API",
      todo: "set automountServiceAccountToken: false",
    },
  ],
  [
    "pods that may be root",
    () => set(ingest, `${POD}.securityContext.runAsNonRoot`),
    {
      rule: "nonRoot",
      object: ingest,
      path: `${NAMED}.securityContext.runAsNonRoot`,
      what: "container ingest may run as root",
      todo: "set runAsNonRoot: true, for the pod or for the container",
    },
  ],
  [
    "a container that may be root although its pod may not",
    () => set(ingest, `${CONTAINER}.securityContext.runAsNonRoot`, false),
    {
      rule: "nonRoot",
      object: ingest,
      path: `${NAMED}.securityContext.runAsNonRoot`,
      what: "container ingest may run as root",
      todo: "set runAsNonRoot: true, for the pod or for the container",
    },
  ],
  [
    "user 0",
    () => set(ingest, `${POD}.securityContext.runAsUser`, 0),
    {
      rule: "nonRoot",
      object: ingest,
      path: `${NAMED}.securityContext.runAsUser`,
      what: "container ingest runs as user 0, which is root",
      todo: "set the number of the image's own user, or leave it out",
    },
  ],
  [
    "no filter of system calls",
    () => set(ingest, `${POD}.securityContext.seccompProfile.type`, "Unconfined"),
    {
      rule: "seccomp",
      object: ingest,
      path: `${NAMED}.securityContext.seccompProfile`,
      what: "container ingest may make every system call",
      todo: "set seccompProfile: { type: RuntimeDefault }, for the pod or for the container",
    },
  ],
  ...(
    [
      ["allowPrivilegeEscalation", undefined, "may gain privileges", "set allowPrivilegeEscalation: false"],
      ["privileged", true, "has all rights on the machine", "remove privileged"],
      ["capabilities.drop", undefined, "keeps root's capabilities", "set capabilities: { drop: [ALL] }"],
      ["capabilities.add", ["NET_ADMIN", "NET_BIND_SERVICE"], "has the capabilities NET_ADMIN", "remove them"],
      ["procMount", "Unmasked", "has procMount Unmasked", "remove procMount"],
    ] as const
  ).map(
    ([field, value, what, todo]): Planted => [
      `${field} ${value}`,
      () => set(ingest, `${CONTAINER}.securityContext.${field}`, value),
      {
        rule: "privileges",
        object: ingest,
        path: `${NAMED}.securityContext.${field}`,
        what: `container ingest ${what}`,
        todo,
      },
    ],
  ),
  ...["hostNetwork", "hostPID", "hostIPC"].map(
    (field): Planted => [
      field,
      () => set(ingest, `${POD}.${field}`, true),
      {
        rule: "nodeAccess",
        object: ingest,
        path: `spec.template.spec.${field}`,
        what: `pods have ${field}, and so are not isolated from their node`,
        todo: `remove ${field}`,
      },
    ],
  ),
  [
    "a folder of the node",
    () => set(ingest, `${POD}.volumes`, [{ name: "socket", hostPath: { path: "/run" } }]),
    {
      rule: "nodeAccess",
      object: ingest,
      path: "spec.template.spec.volumes[socket].hostPath",
      what: "volume socket is a hostPath, which a restricted namespace refuses",
      todo: "use one of configMap, csi, downwardAPI, emptyDir, ephemeral, persistentVolumeClaim, projected, secret",
    },
  ],
  [
    "a port of the node",
    () => set(ingest, `${CONTAINER}.ports.0.hostPort`, 80),
    {
      rule: "nodeAccess",
      object: ingest,
      path: `${NAMED}.ports[http].hostPort`,
      what: "container ingest takes port 80 of its node",
      todo: "remove hostPort, and let a Service lead to the port",
    },
  ],
  [
    "a file system that can be written",
    () => set(ingest, `${CONTAINER}.securityContext.readOnlyRootFilesystem`),
    {
      rule: "readOnlyRoot",
      object: ingest,
      path: `${NAMED}.securityContext.readOnlyRootFilesystem`,
      what: "container ingest may write to its own file system",
      todo: "set readOnlyRootFilesystem: true, and mount an emptyDir where it has to write",
    },
  ],
  [
    "an init container that has less than the others",
    () => {
      const ring = readRing();
      const { containers } = fields(
        fields(fields(ring.objects.find(({ kind }) => kind === "StatefulSet")?.["spec"])["template"])["spec"],
      );
      const [main] = containers as Record<string, unknown>[];
      const { readinessProbe: _, resources: __, ...init } = { ...main, name: "prepare" } as Record<string, unknown>;
      return set(kafka, `${POD}.initContainers`, [{ ...init, resources: { requests: { cpu: "1m", memory: "1Mi" } } }]);
    },
    {
      rule: "resources",
      object: "StatefulSet kafka",
      path: "spec.template.spec.initContainers[prepare].resources.limits.memory",
      what: "container prepare does not set resources.limits.memory",
      todo: "set the amount that the container needs, as measured",
    },
  ],
];

import {
  add,
  CONTAINER,
  cache,
  ingest,
  kafka,
  NAMED,
  type Planted,
  POD,
  podSpecIn,
  readRing,
  remove,
  services,
  set,
  withJob,
  withWorker,
} from "./ring-to-check.ts";

/** What may be wrong with the objects of services, with what a deploy owns of them, and with how pods begin and end. */
export const objectFaults: readonly Planted[] = [
  [
    "a worker of which nothing says when it works",
    () => withWorker({ minReadySeconds: 0 }),
    {
      rule: "probes",
      object: "Deployment worker",
      path: "spec.minReadySeconds",
      what: "nothing says when a pod is ready: it counts as ready as soon as its program has started",
      todo: "set minReadySeconds: 10, more than a crash at the start takes, or add a readinessProbe (exec)",
    },
  ],
  [
    "a worker with a number of pods",
    () => withWorker({ replicas: 3 }),
    {
      rule: "replicas",
      object: "Deployment worker",
      path: "spec.replicas",
      what: "the number of a service's pods belongs to slipway-scale",
      todo: "remove replicas, and set rings.canary.replicas in slipway.yaml",
    },
  ],
  [
    "a worker without a Deployment",
    () => ({ ...readRing(), services: { ...services, worker: { kind: "worker", needs: [] } } }),
    {
      rule: "serviceObjects",
      object: "Deployment worker",
      path: "metadata.name",
      what: "worker worker of slipway.yaml needs one, but there is none",
      todo: "give every worker one Deployment, of the same name",
    },
  ],
  [
    "a job without a Job",
    () => ({ ...readRing(), services: { ...services, migrate: { kind: "job", needs: [] } } }),
    {
      rule: "serviceObjects",
      object: "Job migrate",
      path: "metadata.name",
      what: "job migrate of slipway.yaml needs one, but there is none",
      todo: "give every job one Job, of the same name",
    },
  ],
  [
    "a job that takes its own traces away",
    () => withJob({ ttlSecondsAfterFinished: 60 }),
    {
      rule: "releaseJobs",
      object: "Job worker",
      path: "spec.ttlSecondsAfterFinished",
      what: "a job of a release may not set ttlSecondsAfterFinished: Slipway deletes it once a newer release is live, until then it shows that it has run",
      todo: "remove ttlSecondsAfterFinished",
    },
  ],
  [
    "a field of a security context that no rule knows",
    () => set(ingest, `${POD}.securityContext.windowsOptions`, { hostProcess: true }),
    {
      rule: "readable",
      object: ingest,
      path: "spec.template.spec.securityContext",
      what: 'Unrecognized key: "windowsOptions"',
      todo: "write it as in the API reference of Kubernetes, in a kind and version that the rules know",
    },
  ],
  [
    "pods of a kind that no rule knows",
    () => cache("Rollout", "argoproj.io/v1alpha1"),
    {
      rule: "readable",
      object: "Rollout cache",
      path: "spec.template.spec.containers",
      what: "the rules do not know how a Rollout creates pods, so they cannot check them",
      todo: "write it as in the API reference of Kubernetes, in a kind and version that the rules know",
    },
  ],
  [
    "a version of the API that is gone",
    () => set("PodDisruptionBudget ingest-blue", "apiVersion", "policy/v1beta1"),
    {
      rule: "readable",
      object: "PodDisruptionBudget ingest-blue",
      path: "apiVersion",
      what: "expected policy/v1, found policy/v1beta1",
      todo: "write it as in the API reference of Kubernetes, in a kind and version that the rules know",
    },
  ],
  [
    "an object without namespace",
    () => set("Service kafka", "metadata.namespace"),
    {
      rule: "namespaces",
      object: "Service kafka",
      path: "metadata.namespace",
      what: "it names no namespace",
      todo: "set namespace: canary in the ring's kustomization.yaml, or metadata.namespace of the object",
    },
  ],
  [
    "an object in another namespace",
    () => set("Service kafka", "metadata.namespace", "production"),
    {
      rule: "namespaces",
      object: "Service kafka",
      path: "metadata.namespace",
      what: "it is in namespace production",
      todo: "set namespace: canary in the ring's kustomization.yaml, or metadata.namespace of the object",
    },
  ],
  [
    "a secret with its content",
    () => add({ apiVersion: "v1", kind: "Secret", stringData: { password: "tell nobody" } }, "broker"),
    {
      rule: "secrets",
      object: "Secret broker",
      path: "stringData",
      what: "its content is in the repository",
      todo: "remove it from the manifests, create it in the cluster another way, and replace the exposed value",
    },
  ],
  [
    "a service without Service",
    // Nothing needs the processor.
    () => remove("Service processor"),
    {
      rule: "serviceObjects",
      object: "Service processor",
      path: "metadata.name",
      what: "service processor of slipway.yaml needs one, but there is none",
      todo: "give every service one Deployment and one Service, of the same name",
    },
  ],
  [
    "two containers, none of them called like the service",
    () => {
      const ring = readRing();
      const pod = podSpecIn(ring, "Deployment processor");
      pod.containers = pod.containers.flatMap((one) => ["main", "side"].map((name) => ({ ...one, name })));
      return ring;
    },
    {
      rule: "serviceObjects",
      object: "Deployment processor",
      path: "metadata.name",
      what: "Deployment processor has no container processor, but main, side",
      todo: "give it one Service, and a container of the service's name",
    },
  ],
  [
    "a job whose container is not called like it",
    () => {
      const ring = withJob();
      const pod = podSpecIn(ring, "Job worker");
      pod.containers = pod.containers.map((one) => ({ ...one, name: "main" }));
      return ring;
    },
    {
      rule: "serviceContainers",
      object: "Job worker",
      path: "spec.template.spec.containers",
      what: "none of its containers is called worker (main)",
      todo: "give the container the name of the service",
    },
  ],
  [
    "a name that belongs to a colour",
    () => add({ apiVersion: "v1", kind: "Service", spec: { type: "ExternalName" } }, "ingest-green"),
    {
      rule: "freeNames",
      object: "Service ingest-green",
      path: "metadata.name",
      what: "Slipway itself uses that name",
      todo: "give it another name, or remove it",
    },
  ],
  [
    "a live Service with a selector",
    () => set("Service ingest", "spec.selector", { "app.kubernetes.io/name": "ingest" }),
    {
      rule: "liveSelectors",
      object: "Service ingest",
      path: "spec.selector",
      what: "the selector of a live Service belongs to slipway-switch",
      todo: "remove the selector; a deploy sets it when it switches",
    },
  ],
  [
    "a service with replicas",
    () => set(ingest, "spec.replicas", 3),
    {
      rule: "replicas",
      object: ingest,
      path: "spec.replicas",
      what: "the number of a service's pods belongs to slipway-scale",
      todo: "remove replicas, and set rings.canary.replicas in slipway.yaml",
    },
  ],
  [
    "a selector that does not fit the pods",
    () => set(ingest, "spec.selector", { matchLabels: { app: "ingest" } }),
    {
      rule: "ownPods",
      object: ingest,
      path: "spec.selector",
      what: "it does not select the pods that it creates",
      todo: "set matchLabels to labels that template.metadata.labels has",
    },
  ],
  [
    "no selector at all",
    () => set(kafka, "spec.selector"),
    {
      rule: "ownPods",
      object: "StatefulSet kafka",
      path: "spec.selector",
      what: "it does not say which pods belong to it",
      todo: "set matchLabels to labels that template.metadata.labels has",
    },
  ],
  [
    "no readiness probe",
    () => set(ingest, `${CONTAINER}.readinessProbe`),
    {
      rule: "probes",
      object: ingest,
      path: `${NAMED}.readinessProbe`,
      what: "container ingest has no readinessProbe",
      todo: "add one: it tells Kubernetes when the container accepts requests; a switch waits for that",
    },
  ],
  [
    "no liveness probe of the broker",
    () => set(kafka, `${CONTAINER}.livenessProbe`),
    {
      rule: "probes",
      object: "StatefulSet kafka",
      path: "spec.template.spec.containers[kafka].livenessProbe",
      what: "container kafka has no livenessProbe",
      todo: "add one: it tells Kubernetes when the container hangs and has to be restarted",
    },
  ],
  [
    "a probe of a port that there is not",
    () => set(ingest, `${CONTAINER}.startupProbe.httpGet.port`, "managment"),
    {
      rule: "probePorts",
      object: ingest,
      path: `${NAMED}.startupProbe.httpGet.port`,
      what: "the startupProbe asks port managment, which container ingest does not have",
      todo: "name one of its ports (http, management), or add this one",
    },
  ],
  [
    "an end without sleep",
    () => set(ingest, `${CONTAINER}.lifecycle`),
    {
      rule: "drain",
      object: ingest,
      path: `${NAMED}.lifecycle.preStop.sleep`,
      what: "container ingest ends at once, while nodes are still sending it requests",
      todo: "let it sleep before it ends: lifecycle.preStop.sleep.seconds: 5",
    },
  ],
  [
    "no time to end after the sleep",
    () => set(ingest, `${POD}.terminationGracePeriodSeconds`, 5),
    {
      rule: "drain",
      object: ingest,
      path: "spec.template.spec.terminationGracePeriodSeconds",
      what: "pods have 5 s to end, and container ingest sleeps for 5 s of them",
      todo: "set it to the sleep and the time that open requests take",
    },
  ],
  ...["requests.cpu", "requests.memory", "limits.memory"].map(
    (field): Planted => [
      `no ${field}`,
      () => set(ingest, `${CONTAINER}.resources.${field}`),
      {
        rule: "resources",
        object: ingest,
        path: `${NAMED}.resources.${field}`,
        what: `container ingest does not set resources.${field}`,
        todo: "set the amount that the container needs, as measured",
      },
    ],
  ),
  ...["apache/kafka", "apache/kafka:latest", "registry:5000/kafka", "apache/kafka@sha256:12"].map(
    (image): Planted => [
      `image ${image}`,
      () => set(kafka, `${CONTAINER}.image`, image),
      {
        rule: "pinnedImages",
        object: "StatefulSet kafka",
        path: "spec.template.spec.containers[kafka].image",
        what: `image ${image} of container kafka changes whenever somebody pushes`,
        todo: "name a version as the tag, or a digest",
      },
    ],
  ),
  [
    "an autoscaler of KEDA for a service",
    () =>
      add(
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "ScaledObject",
          spec: { scaleTargetRef: { name: "processor" }, minReplicaCount: 0 },
        },
        "backlog",
      ),
    {
      rule: "autoscalers",
      object: "ScaledObject backlog",
      path: "spec",
      what: "it is about Deployment processor, and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it",
      todo: "give a service that is to be scaled one HorizontalPodAutoscaler (autoscaling/v2) for the Deployment of its name",
    },
  ],
  ...(
    [
      [kafka, "containers", "kafka"],
      [kafka, "initContainers", "kafka"],
      [kafka, "initContainers", "ingest"],
      [ingest, "initContainers", "waiter"],
      [ingest, "containers", "waiter"],
    ] as const
  ).map(([title, list, repository]): Planted => {
    const image = `${repository}@sha256:${"0".repeat(64)}`;
    const name = title === kafka && list === "containers" ? "kafka" : "beside";
    return [
      `placeholder ${repository} in ${list} of ${title}`,
      () => {
        if (name === "kafka") return set(title, `${CONTAINER}.image`, image);
        const ring = readRing();
        const podSpec = podSpecIn(ring, title);
        const [first] = podSpec.containers;
        podSpec[list] = [...(podSpec[list] ?? []), { ...structuredClone(first), name, image }];
        return ring;
      },
      {
        rule: "pinnedImages",
        object: title,
        path: `spec.template.spec.${list}[${name}].image`,
        what: `image ${image} of container ${name} is a placeholder, which nothing fills in here`,
        todo: "name an image that exists; the release's digest replaces it only in containers of services, workers, jobs and CronJobs, where the repository is that of a service's own container",
      },
    ];
  }),
];

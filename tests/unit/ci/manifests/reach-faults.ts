import { add, cache, ingest, type Planted, remove, set } from "./ring-to-check.ts";

/** What may be wrong with ports, policies of the network and budgets. */
export const reachFaults: readonly Planted[] = [
  [
    "a Service that leads to a port that there is not",
    () => set("Service processor", "spec.ports.0.targetPort", "htpp"),
    {
      rule: "servicePorts",
      object: "Service processor",
      path: "spec.ports[http].targetPort",
      what: "it leads to port htpp, which no container of Deployment processor has",
      todo: "name one of http, management, or add the port there",
    },
  ],
  [
    "a Service that selects nothing",
    () =>
      add({ apiVersion: "v1", kind: "Service", spec: { selector: { app: "cache" }, ports: [{ port: 1 }] } }, "cache"),
    {
      rule: "servicePorts",
      object: "Service cache",
      path: "spec.selector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    },
  ],
  [
    "no port that leads to the one of slipway.yaml",
    () => set("Service processor", "spec.ports.0", { name: "http", port: 80, targetPort: "management" }),
    {
      rule: "servicePorts",
      object: "Service processor",
      path: "spec.ports",
      what: "it has no port that leads to 8080, at which processor answers according to slipway.yaml",
      todo: "add one with targetPort 8080, or correct services.processor.port in slipway.yaml",
    },
  ],
  [
    "a namespace that is open to the outside",
    () => set("NetworkPolicy closed", "spec.policyTypes", ["Ingress"]),
    {
      rule: "closedByDefault",
      object: "NetworkPolicy",
      path: "spec",
      what: "no policy closes the namespace for Egress",
      todo: "add one with podSelector: {}, policyTypes: [Ingress, Egress] and no rules",
    },
  ],
  [
    "pods that no policy is about",
    () => cache("StatefulSet", "apps/v1"),
    {
      rule: "ownPolicies",
      object: "StatefulSet cache",
      path: "spec.template.metadata.labels",
      what: "no NetworkPolicy selects its pods by their labels, so only policies about all pods apply to them",
      todo: "add a policy with a podSelector that selects them, for the connections that they make and accept",
    },
  ],
  [
    "a policy that is about nobody",
    () =>
      add(
        {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          spec: { podSelector: { matchLabels: { app: "ingest" } }, policyTypes: ["Ingress"] },
        },
        "extra",
      ),
    {
      rule: "policySelectors",
      object: "NetworkPolicy extra",
      path: "spec.podSelector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    },
  ],
  [
    "a policy that opens for nobody",
    () => set("NetworkPolicy to-kafka", "spec.egress.1", { to: [{ podSelector: { matchLabels: { app: "kafka" } } }] }),
    {
      rule: "policySelectors",
      object: "NetworkPolicy to-kafka",
      path: "spec.egress[1].to[0].podSelector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    },
  ],
  [
    "a way out that is closed",
    () => set("NetworkPolicy dashboard-to-ingest", "spec.egress.0.ports.0.port", 8081),
    {
      rule: "needs",
      object: "Deployment dashboard",
      path: "services.dashboard.needs of slipway.yaml",
      what: "dashboard needs ingest, but no NetworkPolicy lets it out to ingest, port 8080",
      todo: "add an egress rule for dashboard: to the pods of ingest, port 8080",
    },
  ],
  [
    "a way in that is closed",
    () =>
      set("NetworkPolicy kafka", "spec.ingress.0.from.0.podSelector.matchExpressions.0.values", [
        "ingest",
        "dashboard",
      ]),
    {
      rule: "needs",
      object: "Deployment processor",
      path: "services.processor.needs of slipway.yaml",
      what: "processor needs kafka, but no NetworkPolicy lets it in at kafka, port 9092",
      todo: "add an ingress rule for kafka: from the pods of processor, port 9092",
    },
  ],
  [
    "a colour without budget",
    () => remove("PodDisruptionBudget ingest-green"),
    {
      rule: "budgets",
      object: ingest,
      path: "the selectors of PodDisruptionBudgets",
      what: "no budget protects the green pods of ingest, and only those, when nodes are drained",
      todo: "give each colour of a service one PodDisruptionBudget of its own",
    },
  ],
  [
    "a budget that lets nobody go",
    () => set("PodDisruptionBudget ingest-green", "spec.minAvailable", "51%"),
    {
      rule: "budgetRoom",
      object: "PodDisruptionBudget ingest-green",
      path: "spec.minAvailable",
      what: "with minAvailable 51%, none of 2 pods may be evicted, so no node can be drained",
      todo: "allow at least one eviction: maxUnavailable: 1",
    },
  ],
  [
    "a budget of the only broker",
    () =>
      add(
        {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          spec: { maxUnavailable: 0, selector: { matchLabels: { "app.kubernetes.io/name": "kafka" } } },
        },
        "kafka",
      ),
    {
      rule: "budgetRoom",
      object: "PodDisruptionBudget kafka",
      path: "spec.maxUnavailable",
      what: "with maxUnavailable 0, none of 1 pods may be evicted, so no node can be drained",
      todo: "allow at least one eviction: maxUnavailable: 1",
    },
  ],
  [
    "a budget of pods that there are not",
    () =>
      add(
        {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          spec: { maxUnavailable: 1, selector: { matchLabels: { app: "cache" } } },
        },
        "cache",
      ),
    {
      rule: "budgetRoom",
      object: "PodDisruptionBudget cache",
      path: "spec.selector",
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have, or remove it",
    },
  ],
];

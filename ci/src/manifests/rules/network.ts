import { KAFKA } from "../../config/names.ts";
import { namesIn } from "../../rollout/names.ts";
import { LABEL } from "../../rollout/objects.ts";
import type { PodSet } from "./pod-sets.ts";
import { type Finding, kindOf, type RingFacts, serviceOf } from "./rule.ts";
import { selects, selectsEverything } from "./selector.ts";
import { listPodsBehind } from "./services.ts";
import type { NetworkPolicy, PolicyRule } from "./shapes.ts";

type Direction = "Ingress" | "Egress";

/** What no policy opens is closed, in both directions. */
export function closedByDefault({ policies }: RingFacts): Finding[] {
  return (["Ingress", "Egress"] as const)
    .filter(
      (direction) =>
        !policies.some(
          ({ spec }) =>
            selectsEverything(spec.podSelector) &&
            spec.policyTypes.includes(direction) &&
            rulesOf(spec, direction).length === 0,
        ),
    )
    .map((direction) => ({
      object: "NetworkPolicy",
      path: "spec",
      what: `no policy closes the namespace for ${direction}`,
      todo: "add one with podSelector: {}, policyTypes: [Ingress, Egress] and no rules",
    }));
}

/** Pods to which only the policies about all pods apply are rare; more often their own policy was forgotten. */
export function ownPolicies({ workloads, policies, podSets }: RingFacts): Finding[] {
  const named = policies.filter(({ spec }) => !selectsEverything(spec.podSelector));
  return workloads
    .filter((workload) =>
      podSets
        .filter((set) => set.workload === workload)
        .some(({ labels }) => !named.some(({ spec }) => selects(spec.podSelector, labels))),
    )
    .map(({ title, path }) => ({
      object: title,
      path: `${path}.template.metadata.labels`,
      what: "no NetworkPolicy selects its pods by their labels, so only policies about all pods apply to them",
      todo: "add a policy with a podSelector that selects them, for the connections that they make and accept",
    }));
}

/** A policy whose selector has a slip of the pen opens nothing, and says nothing. */
export function policySelectors({ policies, podSets }: RingFacts): Finding[] {
  const selectsNobody = (selector: PodSelector | undefined) =>
    selector !== undefined && !podSets.some(({ labels }) => selects(selector, labels));
  return policies.flatMap(({ title, spec }) => {
    const finding = (path: string): Finding => ({
      object: title,
      path,
      what: "it selects no pods of the manifests",
      todo: "set labels that the pods have (template.metadata.labels)",
    });
    const peers = (["ingress", "egress"] as const).flatMap((field) =>
      spec[field].flatMap(({ peers, peersAt }, at) =>
        peers
          .map((peer, index) => ({ peer, path: `spec.${field}[${at}].${peersAt}[${index}].podSelector` }))
          // Pods of other namespaces are not of these manifests.
          .filter(({ peer }) => peer.namespaceSelector === undefined && selectsNobody(peer.podSelector))
          .map(({ path }) => finding(path)),
      ),
    );
    return [...(selectsNobody(spec.podSelector) ? [finding("spec.podSelector")] : []), ...peers];
  });
}

type PodSelector = NetworkPolicy["spec"]["podSelector"];

/** What a service needs (`needs` in slipway.yaml) it can reach: the one's policies let out, the other's let in. */
export function needs(ring: RingFacts): Finding[] {
  return Object.entries(ring.wanted).flatMap(([name, { needs: needed }]) =>
    needed.flatMap((other) => {
      const from = ring.podSets.filter(({ workload }) => serviceOf(ring, workload) === name);
      return listTargets(ring, other).flatMap(({ pods, port }) => {
        const isOpen = (direction: Direction) =>
          from.every((source) =>
            pods.every((target) =>
              direction === "Egress"
                ? lets(ring, direction, source, { peer: target, target, port })
                : lets(ring, direction, target, { peer: source, target, port }),
            ),
          );
        const finding = (direction: Direction, todo: string): Finding => ({
          object: `${kindOf(ring, name) === "job" ? "Job" : "Deployment"} ${namesIn(ring, name).deployment}`,
          path: `services.${name}.needs of slipway.yaml`,
          what: `${name} needs ${other}, but no NetworkPolicy lets ${
            direction === "Egress" ? `it out to ${other}` : `it in at ${other}`
          }, port ${port}`,
          todo,
        });
        return [
          ...(isOpen("Egress")
            ? []
            : [finding("Egress", `add an egress rule for ${name}: to the pods of ${other}, port ${port}`)]),
          ...(isOpen("Ingress")
            ? []
            : [finding("Ingress", `add an ingress rule for ${other}: from the pods of ${name}, port ${port}`)]),
        ];
      });
    }),
  );
}

interface Target {
  readonly pods: readonly PodSet[];
  /** The port of the pods. */
  readonly port: number;
}

/** Where a service is reached: its own port for one of slipway.yaml, all ports of the Service for the broker. */
function listTargets(ring: RingFacts, name: string): Target[] {
  const called = namesIn(ring, name).service;
  const service = ring.services.find((one) => one.name === called);
  // Then the broker is elsewhere, and the manifests do not tell at which address.
  if (service === undefined) return [];
  const behind = listPodsBehind(ring, service) ?? [];
  const port = name === KAFKA ? undefined : ring.wanted[name]?.port;
  return service.spec.ports
    .filter((one) => port === undefined || one.port === port)
    .flatMap(({ port, targetPort }) =>
      behind.flatMap((workload) => {
        const target = targetPort ?? port;
        const ports = workload.spec.template.spec.containers.flatMap((container) => container.ports);
        const number = typeof target === "number" ? target : ports.find((one) => one.name === target)?.containerPort;
        const pods = ring.podSets.filter((set) => set.workload === workload);
        return number === undefined ? [] : [{ pods, port: number }];
      }),
    );
}

interface Connection {
  /** The pods at the other end. */
  readonly peer: PodSet;
  /** The pods that are spoken to. */
  readonly target: PodSet;
  readonly port: number;
}

/** As Kubernetes adds policies up: with none about the pods everything is open, otherwise what any of them opens. */
function lets(ring: RingFacts, direction: Direction, pods: PodSet, to: Connection): boolean {
  const about = ring.policies.filter(
    ({ spec }) => spec.policyTypes.includes(direction) && selects(spec.podSelector, pods.labels),
  );
  return about.length === 0 || about.some(({ spec }) => rulesOf(spec, direction).some((rule) => opens(rule, ring, to)));
}

function opens(
  { peers, ports }: PolicyRule,
  { ring, namespace }: RingFacts,
  { peer, target, port }: Connection,
): boolean {
  const labels = { "kubernetes.io/metadata.name": namespace, [LABEL.ring]: ring };
  const isPeer = peers.some(
    ({ podSelector, namespaceSelector, ipBlock }) =>
      // The addresses of pods are not known beforehand.
      ipBlock === undefined &&
      (namespaceSelector === undefined || selects(namespaceSelector, labels)) &&
      (podSelector === undefined || selects(podSelector, peer.labels)),
  );
  const names = target.workload.spec.template.spec.containers.flatMap((container) =>
    container.ports.filter(({ containerPort }) => containerPort === port).map(({ name }) => name),
  );
  const isPort = ports.some(
    ({ port: opened, endPort, protocol }) =>
      protocol === "TCP" &&
      (opened === undefined ||
        (typeof opened === "string" ? names.includes(opened) : opened <= port && port <= (endPort ?? opened))),
  );
  return (peers.length === 0 || isPeer) && (ports.length === 0 || isPort);
}

function rulesOf(spec: NetworkPolicy["spec"], direction: Direction): readonly PolicyRule[] {
  return direction === "Ingress" ? spec.ingress : spec.egress;
}

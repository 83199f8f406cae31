import { listUnfit } from "../../rollout/job-manifest.ts";
import { listGivenNames, namesIn } from "../../rollout/names.ts";
import { type Finding, isColoured, isOfRelease, kindOf, type RingFacts, serviceOf, switchedAt } from "./rule.ts";
import { selects } from "./selector.ts";
import type { Service } from "./shapes.ts";
import { tellTitle } from "./sort.ts";

/** What the rules cannot read they cannot hold to anything. */
export function readable({ unread }: RingFacts): Finding[] {
  return unread.map(({ title, path, message }) => ({
    object: title,
    path,
    what: message,
    todo: "write it as in the API reference of Kubernetes, in a kind and version that the rules know",
  }));
}

/** A ring is one namespace; what lies elsewhere is not the deploy's. */
export function namespaces({ namespace, objects }: RingFacts): Finding[] {
  return objects
    .filter(({ metadata }) => metadata["namespace"] !== namespace)
    .map((object) => ({
      object: tellTitle(object),
      path: "metadata.namespace",
      what:
        object.metadata["namespace"] === undefined
          ? "it names no namespace"
          : `it is in namespace ${object.metadata["namespace"]}`,
      todo: `set namespace: ${namespace} in the ring's kustomization.yaml, or metadata.namespace of the object`,
    }));
}

/** A repository is read by more people than a secret may be. */
export function secrets({ objects }: RingFacts): Finding[] {
  return objects
    .filter(({ kind }) => kind === "Secret")
    .flatMap((object) =>
      ["data", "stringData"]
        .filter((field) => Object.keys(object[field] ?? {}).length > 0)
        .map((field) => ({
          object: tellTitle(object),
          path: field,
          what: "its content is in the repository",
          todo: "remove it from the manifests, create it in the cluster another way, and replace the exposed value",
        })),
    );
}

/** What a release finds by name: it makes two of each Deployment, three of a service's Service, and runs the Job of a job. */
const KINDS = {
  service: { kinds: ["Deployment", "Service"], todo: "one Deployment and one Service" },
  worker: { kinds: ["Deployment"], todo: "one Deployment" },
  job: { kinds: ["Job"], todo: "one Job" },
} as const;

/** All that a release needs is there once. */
export function serviceObjects(ring: RingFacts): Finding[] {
  const unclear = ring.unclearNames.map((one) => ({
    ...one,
    path: "metadata.name",
    todo: "give it one Service, and a container of the service's name",
  }));
  const missing = Object.keys(ring.wanted).flatMap((name) => {
    const wanted = kindOf(ring, name) ?? "service";
    const { kinds, todo } = KINDS[wanted];
    return kinds.flatMap((kind) => {
      const { deployment = name, service = name } = ring.names[name] ?? {};
      const called = kind === "Service" ? service : deployment;
      const found = ring.objects.filter((object) => object.kind === kind && object.metadata.name === called).length;
      if (found === 1) return [];
      const other = deployment === name ? "" : `, or a Service that selects the pods of Deployment ${deployment}`;
      return {
        object: `${kind} ${called}`,
        path: "metadata.name",
        what: `${wanted} ${name} of slipway.yaml needs one, but there ${found === 0 ? "is none" : `are ${found}`}`,
        todo: `give every ${wanted} ${todo}, of the same name${other}`,
      };
    });
  });
  return [...missing, ...unclear];
}

/** When the Job of a release runs, and how long it is kept, is the deploy's to say. */
export function releaseJobs(ring: RingFacts): Finding[] {
  return ring.workloads
    .filter((workload) => workload.kind === "Job" && isOfRelease(ring, workload))
    .flatMap(({ title, path, spec }) =>
      listUnfit(spec).map(({ field, why }) => ({
        object: title,
        path: `${path}.${field}`,
        what: `a job of a release may not set ${field}: ${why}`,
        todo: `remove ${field}`,
      })),
    );
}

/** The image of a release goes into the container that is called like the service. */
export function serviceContainers(ring: RingFacts): Finding[] {
  return ring.workloads
    .filter((workload) => !ring.unclearNames.some(({ object }) => object === workload.title))
    .flatMap((workload) => {
      const { container } = ring.names[serviceOf(ring, workload) ?? ""] ?? {};
      const called = workload.spec.template.spec.containers.map(({ name }) => name);
      if (container === undefined || called.includes(container)) return [];
      return {
        object: workload.title,
        path: "spec.template.spec.containers",
        what: `none of its containers is called ${container} (${called.join(", ")})`,
        todo: "give the container the name of the service",
      };
    });
}

/** The names of the colours are Slipway's own. */
export function freeNames(ring: RingFacts): Finding[] {
  if (ring.isInPlace) return [];
  const taken = Object.keys(ring.wanted)
    .filter((name) => kindOf(ring, name) !== "job")
    .flatMap((name) => listGivenNames(namesIn(ring, name)));
  return ring.objects
    .filter(({ kind, metadata }) => (kind === "Deployment" || kind === "Service") && taken.includes(metadata.name))
    .map((object) => ({
      object: tellTitle(object),
      path: "metadata.name",
      what: "Slipway itself uses that name",
      todo: "give it another name, or remove it",
    }));
}

/**
 * The live Service's selector is the switch: in the manifests, every deploy would switch back. Where nothing is switched, the
 * manifests have to say it.
 */
export function liveSelectors(ring: RingFacts): Finding[] {
  if (ring.isInPlace) return findWithoutPods(ring);
  return (
    ring.services
      // A Service of another name is found by its selector, which a deploy leaves out.
      .filter(({ name, spec }) => switchedAt(ring, name) === name && spec.selector !== undefined)
      .map(({ title }) => ({
        object: title,
        path: "spec.selector",
        what: "the selector of a live Service belongs to slipway-switch",
        todo: "remove the selector; a deploy sets it when it switches",
      }))
  );
}

function findWithoutPods(ring: RingFacts): Finding[] {
  return ring.services.flatMap((service) => {
    const of = switchedAt(ring, service.name);
    if (of === undefined) return [];
    const { selector } = service.spec;
    const matchLabels = selector ?? {};
    const pods = ring.podSets.filter(({ workload }) => serviceOf(ring, workload) === of);
    const all = pods.every(({ labels }) => selects({ matchLabels, matchExpressions: [] }, labels));
    if (selector !== undefined && all) return [];
    return {
      object: service.title,
      path: "spec.selector",
      what: `it does not select the pods of ${of}, and with strategy rolling no deploy sets it`,
      todo: "set labels that the pods have (template.metadata.labels)",
    };
  });
}

/** How many pods a colour has belongs to the scale: in the manifests, every deploy would reset it. */
export function replicas(ring: RingFacts): Finding[] {
  return ring.workloads
    .filter((workload) => isColoured(ring, workload) && workload.spec.replicas !== undefined)
    .map(({ title, path }) => ({
      object: title,
      path: `${path}.replicas`,
      what: "the number of a service's pods belongs to slipway-scale",
      todo: `remove replicas, and set rings.${ring.ring}.replicas in slipway.yaml`,
    }));
}

/** Kubernetes refuses a workload that does not select the pods it makes. */
export function ownPods({ workloads }: RingFacts): Finding[] {
  return workloads.flatMap(({ title, path, kind, spec }) => {
    // Kubernetes makes the selector of a Job itself.
    if (kind === "Job" || kind === "CronJob") return [];
    const { labels } = spec.template.metadata;
    if (spec.selector !== undefined && selects(spec.selector, labels)) return [];
    return {
      object: title,
      path: `${path}.selector`,
      what:
        spec.selector === undefined
          ? "it does not say which pods belong to it"
          : "it does not select the pods that it creates",
      todo: "set matchLabels to labels that template.metadata.labels has",
    };
  });
}

/** A Service that selects nothing, or a port that its pods do not have, answers nobody. */
export function servicePorts(ring: RingFacts): Finding[] {
  return ring.services.flatMap((service) => {
    const of = switchedAt(ring, service.name);
    const port = of === undefined ? undefined : ring.wanted[of]?.port;
    const behind = listPodsBehind(ring, service);
    // Without a selector its addresses come from elsewhere. A service without a Deployment is another rule's.
    if (behind === undefined) return [];
    if (behind.length === 0)
      return of !== undefined
        ? []
        : {
            object: service.title,
            path: "spec.selector",
            what: "it selects no pods of the manifests",
            todo: "set labels that the pods have (template.metadata.labels)",
          };
    const findings: Finding[] = [];
    const containerPorts = behind.flatMap(({ spec }) => spec.template.spec.containers.flatMap(({ ports }) => ports));
    const leadsTo = ({ port: own, targetPort = own }: Service["spec"]["ports"][number]) =>
      containerPorts.find(({ name }) => name === targetPort)?.containerPort ?? targetPort;
    if (port !== undefined && !service.spec.ports.some((one) => one.port === port || leadsTo(one) === port))
      findings.push({
        object: service.title,
        path: "spec.ports",
        what: `it has no port that leads to ${port}, at which ${of} answers according to slipway.yaml`,
        todo: `add one with targetPort ${port}, or correct services.${of}.port in slipway.yaml`,
      });
    for (const { name, port: own, targetPort } of service.spec.ports) {
      const target = targetPort ?? own;
      for (const { title, spec } of behind) {
        const ports = spec.template.spec.containers.flatMap((container) => container.ports);
        if (ports.some((one) => one.name === target || one.containerPort === target)) continue;
        findings.push({
          object: service.title,
          path: `spec.ports[${name ?? own}].targetPort`,
          what: `it leads to port ${target}, which no container of ${title} has`,
          todo: `name one of ${ports.map((one) => one.name ?? one.containerPort).join(", ") || "(there is none)"}, or add the port there`,
        });
      }
    }
    return findings;
  });
}

/** The workloads that a Service leads to; `undefined` when the manifests do not say it. */
export function listPodsBehind(ring: RingFacts, { name, spec }: Service): RingFacts["workloads"] | undefined {
  const of = switchedAt(ring, name);
  if (of !== undefined) return ring.workloads.filter((workload) => serviceOf(ring, workload) === of);
  if (spec.selector === undefined) return undefined;
  const selector = { matchLabels: spec.selector, matchExpressions: [] };
  const found = ring.podSets.filter(({ labels }) => selects(selector, labels)).map(({ workload }) => workload);
  return [...new Set(found)];
}

import { namesIn } from "../../rollout/names.ts";
import { isPlaceholder, repositoryOf, whoseImage } from "../../rollout/own-images.ts";
import {
  type Finding,
  isColoured,
  isOwnContainer,
  kindOf,
  listContainers,
  type PlacedContainer,
  podPath,
  type RingFacts,
  serviceOf,
} from "./rule.ts";
import type { PodSpec } from "./shapes.ts";

/** Kubernetes learns from probes when a pod has started, takes requests, and hangs; a switch waits for that. */
export function probes(ring: RingFacts): Finding[] {
  return [...probesOfServers(ring), ...signsOfWorkers(ring)];
}

function probesOfServers(ring: RingFacts): Finding[] {
  const wanted = {
    startupProbe: "when the container has started, and does not kill it for a slow start",
    readinessProbe: "when the container accepts requests; a switch waits for that",
    livenessProbe: "when the container hangs and has to be restarted",
  } as const;
  return listContainers(ring)
    .filter(({ isServing, workload }) => isServing && !isWorker(ring, workload))
    .flatMap(({ workload, container, path }) =>
      Object.entries(wanted)
        .filter(([field]) => container[field] === undefined)
        .map(([field, use]) => ({
          object: workload.title,
          path: `${path}.${field}`,
          what: `container ${container.name} has no ${field}`,
          todo: `add one: it tells Kubernetes ${use}`,
        })),
    );
}

/** Who answers nobody shows that it works by going on, or says it by a program. Else a pod counts before it has crashed. */
function signsOfWorkers(ring: RingFacts): Finding[] {
  return ring.workloads
    .filter((workload) => isWorker(ring, workload))
    .filter((workload) => {
      const { template, minReadySeconds = 0 } = workload.spec;
      const own = template.spec.containers.find((container) => isOwnContainer(ring, workload, container));
      return own !== undefined && own.readinessProbe === undefined && minReadySeconds <= 0;
    })
    .map(({ title, path }) => ({
      object: title,
      path: `${path}.minReadySeconds`,
      what: "nothing says when a pod is ready: it counts as ready as soon as its program has started",
      todo: "set minReadySeconds: 10, more than a crash at the start takes, or add a readinessProbe (exec)",
    }));
}

function isWorker(ring: RingFacts, workload: RingFacts["workloads"][number]): boolean {
  return kindOf(ring, serviceOf(ring, workload) ?? "") === "worker";
}

/** A probe of a port that the container does not have fails for ever. */
export function probePorts(ring: RingFacts): Finding[] {
  return listContainers(ring).flatMap(({ workload, container, path }) =>
    (["startupProbe", "readinessProbe", "livenessProbe"] as const).flatMap((field) =>
      (["httpGet", "tcpSocket", "grpc"] as const).flatMap((way) => {
        const port = container[field]?.[way]?.port;
        if (
          port === undefined ||
          container.ports.some(({ name, containerPort }) => port === name || port === containerPort)
        )
          return [];
        return {
          object: workload.title,
          path: `${path}.${field}.${way}.port`,
          what: `the ${field} asks port ${port}, which container ${container.name} does not have`,
          todo: `name one of its ports (${listPorts(container.ports)}), or add this one`,
        };
      }),
    ),
  );
}

function listPorts(ports: readonly { readonly name?: string | undefined; readonly containerPort: number }[]): string {
  return ports.map(({ name, containerPort }) => name ?? containerPort).join(", ") || "it has none";
}

/** Requests reach a pod for a moment after it was told to end: it has to stay that long, and then to finish. */
export function drain(ring: RingFacts): Finding[] {
  return listContainers(ring).flatMap(({ workload, container, path, isServing }) => {
    const seconds = container.lifecycle.preStop?.sleep?.seconds ?? 0;
    const graceSeconds = workload.spec.template.spec.terminationGracePeriodSeconds;
    const isService = isServing && isColoured(ring, workload) && !isWorker(ring, workload);
    return [
      ...(isService && isOwnContainer(ring, workload, container) && seconds <= 0
        ? [
            {
              object: workload.title,
              path: `${path}.lifecycle.preStop.sleep`,
              what: `container ${container.name} ends at once, while nodes are still sending it requests`,
              todo: "let it sleep before it ends: lifecycle.preStop.sleep.seconds: 5",
            },
          ]
        : []),
      ...(seconds >= graceSeconds
        ? [
            {
              object: workload.title,
              path: `${podPath(workload)}.terminationGracePeriodSeconds`,
              what: `pods have ${graceSeconds} s to end, and container ${container.name} sleeps for ${seconds} s of them`,
              todo: "set it to the sleep and the time that open requests take",
            },
          ]
        : []),
    ];
  });
}

/** Without requests the scheduler packs nodes too full; without a memory limit one pod takes the node's memory. */
export function resources(ring: RingFacts): Finding[] {
  return listContainers(ring).flatMap(({ workload, container, path }) => {
    const { requests, limits } = container.resources;
    const missing = [
      ...(requests["cpu"] === undefined ? ["requests.cpu"] : []),
      ...(requests["memory"] === undefined ? ["requests.memory"] : []),
      ...(limits["memory"] === undefined ? ["limits.memory"] : []),
    ];
    return missing.map((field) => ({
      object: workload.title,
      path: `${path}.resources.${field}`,
      what: `container ${container.name} does not set resources.${field}`,
      todo: "set the amount that the container needs, as measured",
    }));
  });
}

/** Profile `restricted`: nothing runs as root. */
export function nonRoot(ring: RingFacts): Finding[] {
  return listContainers(ring).flatMap(({ workload, container, path }) => {
    const pod = workload.spec.template.spec.securityContext;
    const own = container.securityContext;
    const findings: Finding[] = [];
    if ((own.runAsNonRoot ?? pod.runAsNonRoot) !== true)
      findings.push({
        object: workload.title,
        path: `${path}.securityContext.runAsNonRoot`,
        what: `container ${container.name} may run as root`,
        todo: "set runAsNonRoot: true, for the pod or for the container",
      });
    if ((own.runAsUser ?? pod.runAsUser) === 0)
      findings.push({
        object: workload.title,
        path: `${path}.securityContext.runAsUser`,
        what: `container ${container.name} runs as user 0, which is root`,
        todo: "set the number of the image's own user, or leave it out",
      });
    return findings;
  });
}

/** Profile `restricted`: the runtime's filter of system calls is on. */
export function seccomp(ring: RingFacts): Finding[] {
  return listContainers(ring).flatMap(({ workload, container, path }) => {
    const pod = workload.spec.template.spec.securityContext;
    const type = (container.securityContext.seccompProfile ?? pod.seccompProfile)?.type;
    if (type === "RuntimeDefault" || type === "Localhost") return [];
    return {
      object: workload.title,
      path: `${path}.securityContext.seccompProfile`,
      what: `container ${container.name} may make every system call`,
      todo: "set seccompProfile: { type: RuntimeDefault }, for the pod or for the container",
    };
  });
}

/** Profile `restricted`: a container has no rights of the machine, and gets none later. */
export function privileges(ring: RingFacts): Finding[] {
  return listContainers(ring).flatMap(({ workload, container, path }) => {
    const { allowPrivilegeEscalation, privileged, capabilities, procMount } = container.securityContext;
    const added = capabilities.add.filter((name) => name !== "NET_BIND_SERVICE");
    const finding = (field: string, what: string, todo: string): Finding => ({
      object: workload.title,
      path: `${path}.securityContext.${field}`,
      what: `container ${container.name} ${what}`,
      todo,
    });
    return [
      ...(allowPrivilegeEscalation === false
        ? []
        : [finding("allowPrivilegeEscalation", "may gain privileges", "set allowPrivilegeEscalation: false")]),
      ...(privileged ? [finding("privileged", "has all rights on the machine", "remove privileged")] : []),
      ...(capabilities.drop.includes("ALL")
        ? []
        : [finding("capabilities.drop", "keeps root's capabilities", "set capabilities: { drop: [ALL] }")]),
      ...(added.length > 0
        ? [finding("capabilities.add", `has the capabilities ${added.join(", ")}`, "remove them")]
        : []),
      ...(procMount === "Default" ? [] : [finding("procMount", `has procMount ${procMount}`, "remove procMount")]),
    ];
  });
}

/** Volumes that are part of the pod or come from a claim. */
const volumeTypes: readonly string[] = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** Profile `restricted`: a pod sees nothing of its node, and takes none of its ports. */
export function nodeAccess(ring: RingFacts): Finding[] {
  const ofPods = ring.workloads.flatMap((workload) => {
    const pod: PodSpec = workload.spec.template.spec;
    const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => pod[field]);
    return [
      ...shared.map((field) => ({
        object: workload.title,
        path: `${podPath(workload)}.${field}`,
        what: `pods have ${field}, and so are not isolated from their node`,
        todo: `remove ${field}`,
      })),
      ...pod.volumes.flatMap((volume) => {
        const types = Object.keys(volume).filter((field) => field !== "name" && !volumeTypes.includes(field));
        return types.map((type) => ({
          object: workload.title,
          path: `${podPath(workload)}.volumes[${volume.name}].${type}`,
          what: `volume ${volume.name} is a ${type}, which a restricted namespace refuses`,
          todo: `use one of ${volumeTypes.join(", ")}`,
        }));
      }),
    ];
  });
  const ofContainers = listContainers(ring).flatMap(({ workload, container, path }) =>
    container.ports
      .filter(({ hostPort }) => hostPort !== undefined)
      .map(({ name, containerPort, hostPort }) => ({
        object: workload.title,
        path: `${path}.ports[${name ?? containerPort}].hostPort`,
        what: `container ${container.name} takes port ${hostPort} of its node`,
        todo: "remove hostPort, and let a Service lead to the port",
      })),
  );
  return [...ofPods, ...ofContainers];
}

/** What is written into a container's own files is lost, and is where an intruder would put programs. */
export function readOnlyRoot(ring: RingFacts): Finding[] {
  return listContainers(ring)
    .filter(({ container }) => container.securityContext.readOnlyRootFilesystem !== true)
    .map(({ workload, container, path }) => ({
      object: workload.title,
      path: `${path}.securityContext.readOnlyRootFilesystem`,
      what: `container ${container.name} may write to its own file system`,
      todo: "set readOnlyRootFilesystem: true, and mount an emptyDir where it has to write",
    }));
}

/** Pods have an account of their own and no token of it: nothing of the product speaks to the API of Kubernetes. */
export function accounts(ring: RingFacts): Finding[] {
  const known = ring.objects.filter(({ kind }) => kind === "ServiceAccount").map(({ metadata }) => metadata.name);
  return ring.workloads.flatMap((workload) => {
    const { serviceAccountName, automountServiceAccountToken } = workload.spec.template.spec;
    const path = `${podPath(workload)}.serviceAccountName`;
    const findings: Finding[] = [];
    if (serviceAccountName === undefined || serviceAccountName === "default")
      findings.push({
        object: workload.title,
        path,
        what: "pods run as the account default, which the whole namespace shares",
        todo: "give them a ServiceAccount of the product",
      });
    else if (!known.includes(serviceAccountName))
      findings.push({
        object: workload.title,
        path,
        what: `there is no ServiceAccount ${serviceAccountName} among the manifests`,
        todo: `add it, or name another one (${known.join(", ") || "there is none"})`,
      });
    if (automountServiceAccountToken !== false)
      findings.push({
        object: workload.title,
        path: `${podPath(workload)}.automountServiceAccountToken`,
        what: "pods get a token for the Kubernetes API",
        todo: "set automountServiceAccountToken: false",
      });
    return findings;
  });
}

/**
 * The same manifest has to mean the same image tomorrow. Where a container of a service runs an image of the release, the
 * release fills in the digest; anywhere else a digest of zeros stands for nothing.
 */
export function pinnedImages(ring: RingFacts): Finding[] {
  const owners = findPlaceholderOwners(ring);
  const isFilledIn = ({ workload, container }: PlacedContainer) =>
    (workload.kind === "CronJob" && owners.has(repositoryOf(container.image))) ||
    isFilledInBy(ring, owners, serviceOf(ring, workload), container);
  return listContainers(ring)
    .filter((placed) => !isFilledIn(placed))
    .flatMap(({ workload, container, path }) => {
      const finding = (what: string, todo: string) => ({
        object: workload.title,
        path: `${path}.image`,
        what: `image ${container.image} of container ${container.name} ${what}`,
        todo,
      });
      if (isPlaceholder(container.image))
        return [
          finding(
            "is a placeholder, which nothing fills in here",
            "name an image that exists; the release's digest replaces it only in containers of services, workers, jobs and CronJobs, where the repository is that of a service's own container",
          ),
        ];
      if (isPinned(container.image)) return [];
      return [finding("changes whenever somebody pushes", "name a version as the tag, or a digest")];
    });
}

/** The repositories of the services' own containers: whose images a release brings. */
function findPlaceholderOwners(ring: RingFacts): ReadonlyMap<string, string> {
  return new Map(
    listContainers(ring)
      .filter(({ workload, container }) => isOwnContainer(ring, workload, container))
      .map(({ workload, container }) => [repositoryOf(container.image), serviceOf(ring, workload) ?? ""]),
  );
}

function isFilledInBy(
  ring: RingFacts,
  owners: ReadonlyMap<string, string>,
  service: string | undefined,
  container: PlacedContainer["container"],
): boolean {
  if (service === undefined) return false;
  // Which image would be filled in is not known without the container of the service: that is another rule's.
  if (![...owners.values()].includes(service)) return true;
  return whoseImage(container, { ...namesIn(ring, service), service }, owners) !== undefined;
}

function isPinned(image: string): boolean {
  if (image.includes("@")) return /@sha256:[0-9a-f]{64}$/.test(image);
  // A colon before the last slash is the registry's port.
  const tag = image.slice(image.lastIndexOf("/") + 1).split(":")[1];
  return tag !== undefined && tag !== "" && tag !== "latest";
}

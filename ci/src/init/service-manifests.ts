import { stringify } from "yaml";
import { environmentOf } from "../config/environment.ts";
import { listReferences } from "../config/references.ts";
import type { ServiceSettings, Settings } from "../config/settings.ts";
import { FOR_ALL_READERS } from "../input/yaml-words.ts";
import { USER } from "../languages/prepare.ts";
import { COLOURS, LABEL } from "../rollout/objects.ts";

type Providers = Pick<Settings, "services" | "backing" | "product">;

/** The label by which the pods of a service are known. */
const NAME_LABEL = "app.kubernetes.io/name";

/**
 * What Kubernetes needs to run a service: a Deployment, a Service when it has a port, its budgets and its network policy; for
 * a job a Job and the policy.
 *
 * What a backing service tells it is read from a Secret called like that, because the address and the password of the one in
 * a ring are not in the repository.
 */
export function serviceManifests(name: string, service: ServiceSettings, providers: Providers): string {
  const objects =
    service.kind === "job"
      ? [job(name, service, providers), policy(name, service, providers)]
      : [
          ...(service.port === undefined ? [] : [kubeService(name, service.port, isReleased(service))]),
          deployment(name, service, providers),
          ...(isReleased(service) ? COLOURS.map((colour) => budget(name, colour)) : []),
          policy(name, service, providers),
        ];
  return objects.map((object) => stringify(object, { lineWidth: 0, ...FOR_ALL_READERS })).join("---\n");
}

/** Whether a release brings its image. One that is made elsewhere is deployed as it is, with no colours. */
export function isReleased({ build }: ServiceSettings): boolean {
  return !("image" in build);
}

/** Without a selector where a release switches it: that is the switch between the colours, and belongs to the deploy. */
function kubeService(name: string, port: number, isSwitched: boolean) {
  const selector = isSwitched ? {} : { selector: { [NAME_LABEL]: name } };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ...selector, ports: [{ name: "http", port, targetPort: "http" }] },
  };
}

/** Runs to its end, once; whether it may be tried again its team knows. */
function job(name: string, service: ServiceSettings, providers: Providers) {
  const spec = { restartPolicy: "Never", ...podSpec(name, service, providers) };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: { backoffLimit: 0, template: { metadata: { labels: { [NAME_LABEL]: name } }, spec } },
  };
}

function deployment(name: string, service: ServiceSettings, providers: Providers) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { [NAME_LABEL]: name } },
      // Of a worker nothing else says that it works: that it has not crashed by then does.
      minReadySeconds: service.port === undefined ? 10 : 5,
      progressDeadlineSeconds: 120,
      revisionHistoryLimit: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { [NAME_LABEL]: name } },
        spec: podSpec(name, service, providers),
      },
    },
  };
}

function podSpec(name: string, service: ServiceSettings, providers: Providers) {
  return {
    serviceAccountName: providers.product,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 45,
    securityContext: {
      runAsNonRoot: true,
      // That of images which are made by language. Of a Dockerfile it has to be able to read the files of the image.
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(name, service, providers)],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
}

function container(name: string, service: ServiceSettings, providers: Providers) {
  const { port, probe, build } = service;
  const check = { httpGet: { path: probe, port: "http" } };
  return {
    name,
    image: "image" in build ? build.image : `${name}@sha256:${"0".repeat(64)}`,
    env: variables(service, providers),
    ...(port === undefined
      ? {}
      : {
          ports: [{ name: "http", containerPort: port }],
          startupProbe: { ...check, periodSeconds: 1, failureThreshold: 60 },
          readinessProbe: { ...check, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 2 },
          livenessProbe: { ...check, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
          lifecycle: { preStop: { sleep: { seconds: 5 } } },
        }),
    resources: { requests: { cpu: "25m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

function variables(service: ServiceSettings, providers: Providers) {
  const secrets = secretsOf(service, providers);
  const env: Record<string, string> = {
    ...(service.port === undefined ? {} : { PORT: String(service.port) }),
    ...environmentOf(service, providers),
  };
  return Object.entries(env).map(([name, value]) => {
    const secret = secrets.get(name);
    return secret === undefined ? { name, value } : { name, valueFrom: { secretKeyRef: { name: secret, key: name } } };
  });
}

/** The variables that a backing service has a part in, each with the name of the Secret: that of the backing service. */
function secretsOf(service: ServiceSettings, { backing }: Pick<Settings, "backing">): Map<string, string> {
  const told = service.needs.flatMap((needed) =>
    Object.keys(backing[needed]?.tell ?? {}).map((variable): [string, string] => [variable, needed]),
  );
  const own = Object.entries(service.env).flatMap(([variable, text]) =>
    listReferences(text)
      .filter(({ name }) => Object.hasOwn(backing, name))
      .map(({ name }): [string, string] => [variable, name]),
  );
  // What it says itself counts more, and may be no matter of a backing service at all.
  return new Map([...told.filter(([variable]) => !Object.hasOwn(service.env, variable)), ...own]);
}

function budget(name: string, colour: string) {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: `${name}-${colour}` },
    spec: { minAvailable: 1, selector: { matchLabels: { [NAME_LABEL]: name, [LABEL.colour]: colour } } },
  };
}

/** Who speaks to the service, and whom it speaks to. A backing service may be anywhere, at its port. */
function policy(name: string, { port, needs }: ServiceSettings, { services, backing }: Providers) {
  const egress = needs.flatMap((needed) => {
    const service = services[needed];
    const other = backing[needed];
    if (service?.port !== undefined)
      return [{ to: [{ podSelector: { matchLabels: { [NAME_LABEL]: needed } } }], ports: [{ port: service.port }] }];
    return other === undefined ? [] : [{ ports: [{ port: other.port }] }];
  });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name },
    spec: {
      podSelector: { matchLabels: { [NAME_LABEL]: name } },
      policyTypes: ["Ingress", "Egress"],
      ...(port === undefined ? {} : { ingress: [{ ports: [{ port }] }] }),
      ...(egress.length === 0 ? {} : { egress }),
    },
  };
}

import { fields } from "../input/fields.ts";
import { type Names, namesIn } from "./names.ts";
import { ANNOTATION, COLOURS, type Colour, deploymentName, type KubeObject, LABEL } from "./objects.ts";

/** The autoscalers of the manifests. */
export interface Autoscalers {
  /** The one of each service that has one, as the manifests have it. */
  readonly byService: Readonly<Record<string, KubeObject>>;
  readonly problems: readonly AutoscalerProblem[];
}

/** What is wrong with an object, to be read as one sentence: `HorizontalPodAutoscaler a` `is about …`. */
export interface AutoscalerProblem {
  readonly title: string;
  readonly what: string;
}

/** What an object of the manifests scales or replaces; read of any kind, because an unknown one would do it as well. */
const TARGETS = ["scaleTargetRef", "targetRef", "workloadRef"] as const;

/**
 * Finds the HorizontalPodAutoscaler of each service, of which every colour gets one of its own. Whatever else would change
 * the number or the pods of a service's Deployment is refused: it would look for one that is not there, or work against
 * the switch.
 */
export function findAutoscalers(
  objects: readonly KubeObject[],
  services: readonly string[],
  names: Readonly<Record<string, Names>>,
): Autoscalers {
  const byService: Record<string, KubeObject> = {};
  const problems: AutoscalerProblem[] = [];
  const deploymentOf = (service: string) => namesIn({ names }, service).deployment;
  for (const object of objects) {
    const target = findTarget(object);
    if (target === undefined) continue;
    const title = `${object.kind} ${object.metadata.name}`;
    const coloured = services
      .map(deploymentOf)
      .find((name) => COLOURS.some((colour) => deploymentName(name, colour) === target));
    const service = services.find((name) => deploymentOf(name) === target);
    if (service === undefined && coloured === undefined) continue;
    const refuse = (why: string) => problems.push({ title, what: `is about Deployment ${target}${why}` });
    if (!isAutoscaler(object)) {
      refuse(", and Slipway understands only HorizontalPodAutoscalers (autoscaling/v2 or v1): remove it");
    } else if (service === undefined) {
      refuse(`: name ${coloured}, and each colour gets its own`);
    } else if (Object.hasOwn(byService, service)) {
      refuse(`, as is ${byService[service]?.metadata.name}: two would fight`);
    } else {
      byService[service] = object;
      problems.push(...checkBounds(object, title), ...checkNames(object, objects));
    }
  }
  return { byService, problems };
}

/** The Deployment that an object is about. */
function findTarget({ spec }: KubeObject): string | undefined {
  for (const field of TARGETS) {
    const { kind = "Deployment", name } = fields(fields(spec)[field]);
    if (kind === "Deployment" && typeof name === "string") return name;
  }
  return undefined;
}

function isAutoscaler({ kind, apiVersion }: KubeObject): boolean {
  return kind === "HorizontalPodAutoscaler" && (apiVersion === "autoscaling/v2" || apiVersion === "autoscaling/v1");
}

function checkBounds({ spec }: KubeObject, title: string): AutoscalerProblem[] {
  const { minReplicas = 1, maxReplicas } = fields(spec);
  const isCount = (value: unknown) => typeof value === "number" && Number.isInteger(value) && value >= 1;
  if (!isCount(minReplicas) || !isCount(maxReplicas))
    return [
      {
        title,
        what: "needs minReplicas and maxReplicas as whole numbers from 1; with 0 the pods of an idle colour would be started again",
      },
    ];
  return Number(minReplicas) > Number(maxReplicas) ? [{ title, what: "has minReplicas above maxReplicas" }] : [];
}

function checkNames({ kind, metadata }: KubeObject, objects: readonly KubeObject[]): AutoscalerProblem[] {
  return COLOURS.map((colour) => deploymentName(metadata.name, colour))
    .filter((name) => objects.some((other) => other.kind === kind && other.metadata.name === name))
    .map((name) => ({ title: `${kind} ${name}`, what: "is a name that Slipway itself uses" }));
}

/**
 * The autoscaler of one colour. It is held: until the colour serves nobody asks for its pods, and it would take away those
 * that the switch needs. Adding is free at any time.
 */
export function colourAutoscaler(
  template: KubeObject,
  at: { readonly ring: string; readonly service: string; readonly colour: Colour; readonly deployment: string },
): KubeObject {
  const { ring, service, colour, deployment } = at;
  const spec = specOfV2(template);
  const behaviour = fields(spec["behavior"]);
  const scaleDown = fields(behaviour["scaleDown"]);
  const { name, labels, annotations } = template.metadata;
  const { selectPolicy } = scaleDown;
  const released = typeof selectPolicy === "string" ? selectPolicy : DEFAULT_POLICY;
  return {
    apiVersion: "autoscaling/v2",
    kind: template.kind,
    metadata: {
      name: deploymentName(name, colour),
      labels: { ...labels, [LABEL.service]: service, [LABEL.colour]: colour, [LABEL.ring]: ring },
      annotations: { ...annotations, [ANNOTATION.held]: released },
    },
    spec: {
      ...spec,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deploymentName(deployment, colour) },
      behavior: { ...behaviour, scaleDown: { ...scaleDown, selectPolicy: HOLDING_POLICY } },
    },
  };
}

/** `selectPolicy` of a HorizontalPodAutoscaler that never takes pods away. */
export const HOLDING_POLICY = "Disabled";
/** Kubernetes' own default. */
export const DEFAULT_POLICY = "Max";

/** The older version says its one measure in a field of its own; 80 percent is Kubernetes' default there. */
function specOfV2({ apiVersion, spec }: KubeObject): Readonly<Record<string, unknown>> {
  if (apiVersion === "autoscaling/v2") return fields(spec);
  const { targetCPUUtilizationPercentage: averageUtilization = 80, ...rest } = fields(spec);
  const target = { type: "Utilization", averageUtilization };
  return { ...rest, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] };
}

/** One of the two sets of pods of a service in a ring. */
export type Colour = "blue" | "green";

export const COLOURS: readonly Colour[] = ["blue", "green"];

export function otherColour(colour: Colour): Colour {
  return colour === "blue" ? "green" : "blue";
}

/** A Kubernetes object as `kubectl` reads and writes it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Objects that Slipway keeps in a ring's namespace beside the product's. */
export const HEAD_NAME = "slipway-head";
export const LEASE_NAME = "slipway-deploy";

/** Name of the ConfigMap of one event. Padded, so that a listing by name is in order. */
export function eventName(seq: number): string {
  return `slipway-evt-${String(seq).padStart(6, "0")}`;
}

export const LABEL = {
  service: "app.kubernetes.io/name",
  colour: "slipway.dev/colour",
  ring: "slipway.dev/ring",
  release: "slipway.dev/release",
  /**
   * `head`, `event`, `lease`: Slipway's own records; `copy`: what pods of one colour read, named by its content; `before`: what a
   * Deployment was before it was changed in place; `job`: a
   * Job of a release, and its pods.
   */
  record: "slipway.dev/record",
} as const;

export const ANNOTATION = {
  /** The fence: the highest epoch that has claimed the object. */
  epoch: "slipway.dev/epoch",
  /** The hash of the manifest that was applied last. */
  content: "slipway.dev/content",
  /** Of which object of the manifests a copy is. */
  original: "slipway.dev/original",
  /** On a colour's Deployment: the Secrets among the copies that its pods read. Who finds none need not read Secrets. */
  secrets: "slipway.dev/secrets",
  /** On a colour's autoscaler that takes no pods away now: how it chooses when it may. */
  held: "slipway.dev/held",
  /** On what keeps the state of a Deployment of before: the Deployment. */
  deployment: "slipway.dev/deployment",
} as const;

/** Owners of fields (server-side apply): manifests, the switch, and the scale never take a field from one another. */
export type Manager = "slipway" | "slipway-switch" | "slipway-scale";

/** Without a colour it is the name itself. */
export function deploymentName(service: string, colour: Colour | undefined): string {
  return colour === undefined ? service : `${service}-${colour}`;
}

/** The selector of a service's live Service: exactly one colour. */
export function selectorOf(service: string, colour: Colour): Record<string, string> {
  return { [LABEL.service]: service, [LABEL.colour]: colour };
}

/** ISO 8601 in UTC. */
export function tellTime(ms: number): string {
  return new Date(ms).toISOString();
}

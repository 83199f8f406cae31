import { z } from "zod";
import { nameSchema } from "./release.ts";

/** The rules of one ring, as slipway.yaml writes them. Times are whole seconds. */
export const ringPolicySchema = z.strictObject({
  /** The ring in which a release must be verified before this one takes it; `null` for the first ring. */
  after: nameSchema.nullable().default(null),
  /** Pods of each service while its colour serves or is about to. */
  replicas: z.int().min(1).max(1000).default(2),
  /** Pods of each service that stay of the colour that serves nobody. */
  idleReplicas: z.int().min(0).max(1000).default(0),
  /** How long the candidate may take until all its pods are ready, and the switch until it is seen everywhere. */
  deadlineSeconds: z.int().min(1).default(300),
  /** How long the old colour stays at full scale after the switch. */
  bakeSeconds: z.int().min(0).default(300),
  /** A crashing container is given up after this many restarts. Some are normal: the broker may start later. */
  crashLimit: z.int().min(1).default(5),
  /**
   * How long a candidate waits for what the cluster, or somebody, may still mend: a quota that is full, no room on the
   * nodes, a Secret or a volume that is missing. At most half of `deadlineSeconds`. 0 gives up at once.
   */
  patienceSeconds: z.int().min(0).max(86_400).default(60),
  /** How long a deployer that says nothing keeps the ring. */
  leaseSeconds: z.int().min(10).default(60),
  gate: z
    .strictObject({
      /**
       * Failed requests of all requests to the new colour, from 0 to 1, for each service: those that its pods have
       * counted (`metrics` of the service), and those that Slipway sent itself.
       */
      maxErrorShare: z.number().min(0).max(1).default(0.01),
      /** Below this many requests the error share of a service says nothing; such services are judged together. */
      minRequests: z.int().min(0).default(20),
      /** Restarts of the new colour's pods during the bake. */
      maxRestarts: z.int().min(0).default(0),
    })
    .prefault({}),
  approvals: z
    .strictObject({
      /** How many people have to approve; 0 asks nobody. */
      quorum: z.int().min(0).default(0),
      /** The commit's author may not be one of them. */
      separation: z.boolean().default(true),
    })
    .prefault({}),
});

export type RingPolicy = z.output<typeof ringPolicySchema>;

/** The policy's patience in milliseconds, well below its deadline. */
export function patienceMs({ patienceSeconds, deadlineSeconds }: RingPolicy): number {
  return Math.min(patienceSeconds, deadlineSeconds / 2) * 1000;
}

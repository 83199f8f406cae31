import { z } from "zod";
import { nameSchema, wholeNumber } from "../input/names.ts";
import { mapping } from "../input/problems.ts";

const SHARE = "expected a share from 0 to 1, such as 0.01";
const shareSchema = z.number(SHARE).min(0, SHARE).max(1, SHARE);

/** What a ring demands of something that images carry. */
const CARRIED = ["off", "required", "signed"] as const;

/** How a release takes a ring over. */
const STRATEGIES = ["blue-green", "rolling"] as const;

/** The rules of one ring, as slipway.yaml writes them. Times are whole seconds. */
export const ringPolicySchema = mapping({
  strategy: z
    .enum(STRATEGIES)
    .default("blue-green")
    .describe(
      "blue-green keeps the old pods until the new ones have proved themselves; rolling changes Deployments in place.",
    ),
  after: nameSchema
    .nullable()
    .default(null)
    .describe("The ring in which a release must be verified before this one takes it; null for the first ring."),
  replicas: wholeNumber(1, 1000).default(2).describe("Pods of each service while its colour serves or is about to."),
  idleReplicas: wholeNumber(0, 1000).default(0).describe("Pods of each service that the colour without traffic keeps."),
  deadlineSeconds: wholeNumber(1, 86_400)
    .default(300)
    .describe(
      "How long all pods of the candidate may take to be ready, and the switch to be seen everywhere; a day at most.",
    ),
  bakeSeconds: wholeNumber(0, 604_800)
    .default(300)
    .describe("How long the old colour stays at full scale after the switch; a week at most."),
  crashLimit: wholeNumber(1, 1000)
    .default(5)
    .describe(
      "A crashing container is given up after this many restarts. Some are normal: the broker may start later.",
    ),
  patienceSeconds: wholeNumber(0, 86_400)
    .default(60)
    .describe(
      "How long a candidate waits for what the cluster or a person may still fix: a full quota, no room on the nodes, a missing Secret or volume. At most half of deadlineSeconds. 0 gives up at once.",
    ),
  leaseSeconds: wholeNumber(10, 3600)
    .default(60)
    .describe("How long a deployer keeps the ring without a sign of life; an hour at most."),
  gate: mapping({
    maxErrorShare: shareSchema
      .default(0.01)
      .describe(
        "Failed requests of all requests to the new colour, from 0 to 1, for each service: those that its pods have counted (metrics of the service), and those that Slipway sent itself.",
      ),
    minRequests: wholeNumber(0, 1_000_000)
      .default(20)
      .describe("With fewer requests the error share of a service says nothing; such services are judged together."),
    maxRestarts: wholeNumber(0, 1_000_000).default(0).describe("Restarts of the new colour's pods during the bake."),
  })
    .prefault({})
    .describe("When the traffic goes back automatically."),
  approvals: mapping({
    quorum: wholeNumber(0, 100).default(0).describe("How many people have to approve; 0 asks nobody."),
    separation: z.boolean().default(true).describe("The commit's author may not be one of them."),
  })
    .prefault({})
    .describe("Who has to agree before a release comes in."),
  attestations: mapping({
    provenance: z
      .enum(CARRIED)
      .default("off")
      .describe(
        "Whether each image has to say from which service, commit and source it was made: required checks that it does and is right, signed also who signed it.",
      ),
    sbom: z
      .enum(CARRIED)
      .default("off")
      .describe("Whether each image has to carry the list of its contents, checked in the same way."),
    signers: z
      .array(z.string().min(1, "expected a name from the list"))
      .default([])
      .describe(
        "Whose signatures count, as the list of approvals.signers names them; * and ? stand for any characters and for one. By default everybody's who may sign for slipway-attestation@v1 there.",
      ),
  })
    .prefault({})
    .describe("What images have to carry before a release comes in."),
});

export type RingPolicy = z.output<typeof ringPolicySchema>;

/** The policy's patience in milliseconds, well below its deadline. */
export function patienceMs({ patienceSeconds, deadlineSeconds }: RingPolicy): number {
  return Math.min(patienceSeconds, deadlineSeconds / 2) * 1000;
}

type Carried = RingPolicy["attestations"];

/** Does the ring let in only what somebody has signed? */
export function demandsSignature({ provenance, sbom }: Carried): boolean {
  return provenance === "signed" || sbom === "signed";
}

/** Does the ring let in only images that carry something? Then it asks their registry. */
export function demandsAttestations({ provenance, sbom }: Carried): boolean {
  return provenance !== "off" || sbom !== "off";
}

/** What images have to carry, in words: `provenance (signed) and SBOM`; undefined when nothing. */
export function tellCarried({ provenance, sbom, signers }: Carried): string | undefined {
  const asked = [["provenance", provenance] as const, ["SBOM", sbom] as const].filter(([, level]) => level !== "off");
  if (asked.length === 0) return undefined;
  const by = signers.length === 0 ? "" : ` by ${signers.join(", ")}`;
  return asked.map(([name, level]) => (level === "signed" ? `${name} (signed${by})` : name)).join(" and ");
}

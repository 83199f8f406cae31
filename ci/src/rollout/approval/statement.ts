import { z } from "zod";
import { SlipwayError } from "../../account.ts";
import { nameSchema, timeSchema, wholeNumber } from "../../input/names.ts";
import { mapping } from "../../input/problems.ts";
import { readRecordText } from "../../input/record-text.ts";
import { canonicalJson, sha256Hex } from "../canonical-json.ts";
import { tellTime } from "../objects.ts";
import type { RingPolicy } from "../policy.ts";
import { listServices, type Release } from "../release.ts";

/** The namespace of the signatures: one made for git or anything else never passes for an approval. */
export const APPROVAL_NAMESPACE = "slipway-approval@v1";

const PREDICATE_TYPE = "https://slipway.dev/approval/v1";

const digest = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hex digits");

/** What an approver signs: in-toto Statement v1; the subjects are the images of all services of the release. */
export const statementSchema = mapping({
  _type: z.literal("https://in-toto.io/Statement/v1").describe("The form, of in-toto."),
  subject: z
    .array(
      mapping({
        name: z.string().min(1).describe("The image, without tag and digest."),
        digest: mapping({ sha256: digest.describe("Its digest.") }).describe("What identifies it."),
        annotations: mapping({ service: nameSchema.describe("The service whose image it is.") }).describe(
          "Which service.",
        ),
      }),
    )
    .describe("The images of all services of the release."),
  predicateType: z.literal(PREDICATE_TYPE).describe("What kind of statement it is."),
  predicate: mapping({
    release: z.string().describe("The name of the release."),
    ring: nameSchema.describe("The ring that it is for, and no other."),
    decision: z.enum(["approve", "reject"]).describe("A rejection wins over all approvals."),
    approver: z.string().min(1).describe("The name in `allowed_signers`."),
    reason: z.string().describe("Why."),
    issuedAt: timeSchema.describe("When it was made."),
    notAfter: timeSchema.describe("Until when it counts."),
    policyDigest: digest.describe("The rules and the list of approvers under which the statement was made."),
    evidence: z.array(digest).describe("Digests of what the approver looked at."),
    ledgerHead: wholeNumber(0, Number.MAX_SAFE_INTEGER).describe(
      "Number of the ring's last event when the statement was made.",
    ),
  }).describe("What is approved, by whom and until when."),
});

export type Statement = z.output<typeof statementSchema>;

/** The hash of the rules and of the list of approvers: a change of either makes earlier approvals void. */
export function digestRules(rules: RingPolicy["approvals"], signers: string): string {
  return sha256Hex(canonicalJson({ rules, signers: sha256Hex(signers) }));
}

/** The images of a release as subjects, in the order of the services' names. */
export function listSubjects(release: Release): Statement["subject"] {
  return listServices(release).flatMap((service) => {
    const image = release.services[service];
    return image === undefined
      ? []
      : [{ name: image.name, digest: { sha256: image.digest.replace("sha256:", "") }, annotations: { service } }];
  });
}

/** The exact text to sign: canonical JSON, no newline at its end. */
export function writeStatement(content: {
  readonly release: Release;
  readonly ring: string;
  readonly decision: "approve" | "reject";
  readonly approver: string;
  readonly reason: string;
  readonly issuedAtMs: number;
  readonly notAfterMs: number;
  readonly rules: RingPolicy["approvals"];
  readonly signers: string;
  readonly evidence: readonly string[];
  readonly ledgerHead: number;
}): string {
  const { release, ring, decision, approver, reason, evidence, ledgerHead } = content;
  const statement: Statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: listSubjects(release),
    predicateType: PREDICATE_TYPE,
    predicate: {
      release: release.id,
      ring,
      decision,
      approver,
      reason,
      issuedAt: tellTime(content.issuedAtMs),
      notAfter: tellTime(content.notAfterMs),
      policyDigest: digestRules(content.rules, content.signers),
      evidence: [...evidence],
      ledgerHead,
    },
  };
  return canonicalJson(statement);
}

/** The name of a statement: two with the same name are the same. */
export function nameStatement(text: string): string {
  return sha256Hex(text);
}

/**
 * The command that signs a statement, for the report of `approve`. `printf` because a newline at the end would be
 * signed as well.
 */
export function signCommand(text: string, keyPath = "~/.ssh/id_ed25519"): string {
  const quoted = `'${text.replaceAll("'", "'\\''")}'`;
  return `printf %s ${quoted} | ssh-keygen -Y sign -f ${keyPath} -n ${APPROVAL_NAMESPACE} -`;
}

/**
 * Reads a statement.
 *
 * @throws SlipwayError `bad-approval` when it is not one or not in canonical form: two texts for one statement would
 * be two statements, each good for one use.
 */
export function readStatement(text: string): Statement {
  const refuse = (what: string) =>
    new SlipwayError("bad-approval", {
      what,
      where: `approval ${nameStatement(text).slice(0, 12)}`,
      todo: "sign exactly the statement that `approve` printed",
    });
  const read = readRecordText(statementSchema, text);
  if ("problems" in read) throw refuse(`this is not an approval: ${read.problems.join("; ")}`);
  if (canonicalJson(read.value) !== text) throw refuse("this statement is not in canonical form");
  return read.value;
}

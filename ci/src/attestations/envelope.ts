import { z } from "zod";
import { mapping } from "../input/problems.ts";
import { readRecordText } from "../input/record-text.ts";
import { canonicalJson } from "../rollout/canonical-json.ts";

/** A statement as it is, signed by nobody. */
export const STATEMENT_TYPE = "application/vnd.in-toto+json";
/** A statement in an envelope with signatures (DSSE v1). */
export const ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json";

/** A signature as `ssh-keygen -Y sign` prints it, and of which key. */
export interface Signature {
  /** `SHA256:…` */
  readonly keyid: string;
  readonly armoured: string;
}

const envelopeSchema = mapping({
  payloadType: z.literal(STATEMENT_TYPE),
  payload: z.base64(),
  signatures: z.array(mapping({ keyid: z.string().optional(), sig: z.base64() })).min(1, "expected a signature"),
});

/**
 * What is signed of a statement: DSSE's pre-authentication encoding, so that the signature says of what type it is. Lengths
 * are bytes.
 */
export function encodeForSigning(statement: string): string {
  const length = (text: string) => Buffer.byteLength(text, "utf8");
  return `DSSEv1 ${length(STATEMENT_TYPE)} ${STATEMENT_TYPE} ${length(statement)} ${statement}`;
}

export function writeEnvelope(statement: string, signatures: readonly Signature[]): string {
  return canonicalJson({
    payloadType: STATEMENT_TYPE,
    payload: toBase64(statement),
    signatures: signatures.map(({ keyid, armoured }) => ({ keyid, sig: toBase64(armoured) })),
  });
}

/** The statement of an envelope and its signatures, none of them verified. @returns them, or every problem in words */
export function readEnvelope(
  text: string,
): { statement: string; signatures: string[] } | { problems: readonly string[] } {
  const read = readRecordText(envelopeSchema, text);
  if ("problems" in read) return read;
  const { payload, signatures } = read.value;
  return { statement: fromBase64(payload), signatures: signatures.map(({ sig }) => fromBase64(sig)) };
}

function toBase64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

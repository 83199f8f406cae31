import { z } from "zod";
import { type RecordRead, readRecordText } from "../input/record-text.ts";
import { canonicalJson } from "../rollout/canonical-json.ts";

/** What a statement can say of an image. */
export const PREDICATES = {
  provenance: "https://slsa.dev/provenance/v1",
  sbom: "https://cyclonedx.org/bom",
} as const;

/** The two things that images carry. */
export type PredicateName = keyof typeof PREDICATES;

const STATEMENT = "https://in-toto.io/Statement/v1";

/** One image as others name it: registry and repository, and the digest. */
export interface Subject {
  readonly name: string;
  readonly digest: string;
}

/** An in-toto Statement v1 about one image, as canonical JSON: equal content gives equal bytes. */
export function writeStatement({ name, digest }: Subject, predicate: PredicateName, content: unknown): string {
  return canonicalJson({
    _type: STATEMENT,
    subject: [{ name, digest: { sha256: digest.replace("sha256:", "") } }],
    predicateType: PREDICATES[predicate],
    predicate: content,
  });
}

// Loose, unlike the records of ours: others may write statements as well, with more in them.
const statementSchema = z.looseObject({
  _type: z.literal(STATEMENT),
  subject: z.array(z.looseObject({ digest: z.record(z.string(), z.string()) })).min(1, "expected an image"),
  predicateType: z.string(),
  predicate: z.looseObject({}),
});

export type AnyStatement = z.output<typeof statementSchema>;

/** Reads a statement. @returns it, or every problem in words */
export function readStatement(text: string): RecordRead<AnyStatement> {
  return readRecordText(statementSchema, text);
}

/** Does the statement speak of this image? */
export function isAbout({ subject }: AnyStatement, digest: string): boolean {
  return subject.some(({ digest: { sha256 } }) => sha256 !== undefined && `sha256:${sha256}` === digest);
}

import { ATTESTATION_NAMESPACE, findAllowed } from "../rollout/approval/allowed-key.ts";
import { matchesPatterns, readAllowedSigners, type Signer } from "../rollout/approval/allowed-signers.ts";
import { readSshSignature, verifySshSignature } from "../rollout/approval/ssh-signature.ts";
import { MalformedError } from "../rollout/approval/ssh-wire.ts";
import { canonicalJson } from "../rollout/canonical-json.ts";
import type { RingPolicy } from "../rollout/policy.ts";
import { ENVELOPE_TYPE, encodeForSigning, readEnvelope, STATEMENT_TYPE } from "./envelope.ts";
import type { Found } from "./program/task.ts";
import { BUILD_TYPE, parametersOf } from "./provenance.ts";
import {
  type AnyStatement,
  isAbout,
  PREDICATES,
  type PredicateName,
  readStatement,
  type Subject,
} from "./statement.ts";

type Rule = RingPolicy["attestations"];

/** What an image has to be, and what hangs on it. */
export interface AttestationCase {
  readonly image: Subject;
  readonly service: string;
  readonly commit: string;
  /** Where people find the source, as far as that is known here. */
  readonly source: string | undefined;
  readonly found: readonly Found[];
  readonly rule: Rule;
  /** `allowed_signers` of the protected branch; needed when something has to be signed. */
  readonly signers: string | undefined;
  readonly nowMs: number;
}

const CALLED: Readonly<Record<PredicateName, string>> = { provenance: "provenance", sbom: "SBOM" };

/**
 * What keeps an image out of a ring, one line each; none when it carries all that is demanded. One statement that holds is
 * enough, whatever else hangs there: anybody who may push can hang more on an image, and must not stop it by that.
 *
 * @throws SlipwayError `bad-signers` when the list cannot be read
 */
export function judgeAttestations(at: AttestationCase): string[] {
  const signers = at.signers === undefined ? [] : readAllowedSigners(at.signers);
  const names: readonly PredicateName[] = ["provenance", "sbom"];
  return names.flatMap((name) => {
    if (at.rule[name] === "off") return [];
    const problems: string[] = [];
    for (const one of at.found) {
      const problem = "problem" in one ? one.problem : findProblem(one, name, at, signers);
      if (problem === undefined) return [];
      if (problem !== OTHER) problems.push(`referrer ${one.digest.slice(0, 19)}: ${problem}`);
    }
    const none = problems.length === 0 ? `it carries no ${CALLED[name]}` : `its ${CALLED[name]} does not hold`;
    return [
      `${at.service}, ${at.image.name}@${at.image.digest.slice(0, 19)}: ${none}`,
      ...problems.map((line) => `  ${line}`),
    ];
  });
}

/** It says something else, so it is no problem of this kind. */
const OTHER = Symbol("other");

/** Why a referrer does not count; undefined when it does. */
function findProblem(
  { type, text }: Extract<Found, { readonly text: string }>,
  name: PredicateName,
  at: AttestationCase,
  signers: readonly Signer[],
): string | typeof OTHER | undefined {
  const opened = openReferrer(type, text);
  if ("problem" in opened) return opened.problem;
  const read = readStatement(opened.statement);
  if ("problems" in read) return `it is not a statement: ${read.problems.join("; ")}`;
  if (read.value.predicateType !== PREDICATES[name]) return OTHER;
  const wrong = findMisfits(read.value, name, at);
  if (at.rule[name] === "signed") wrong.push(...findUnsigned(opened, at, signers));
  return wrong.length === 0 ? undefined : wrong.join("; ");
}

interface Opened {
  readonly statement: string;
  readonly signatures: readonly string[];
}

function openReferrer(type: string, text: string): Opened | { problem: string } {
  if (type === STATEMENT_TYPE) return { statement: text, signatures: [] };
  if (type !== ENVELOPE_TYPE) return { problem: `it is of type ${type}` };
  const read = readEnvelope(text);
  return "problems" in read ? { problem: `it is not an envelope: ${read.problems.join("; ")}` } : read;
}

/** Why a statement is about something else. */
function findMisfits(statement: AnyStatement, name: PredicateName, at: AttestationCase): string[] {
  const wrong = isAbout(statement, at.image.digest) ? [] : ["it is about another image"];
  const { predicate } = statement;
  if (name === "sbom")
    return predicate["bomFormat"] === "CycloneDX" ? wrong : [...wrong, "it is not a CycloneDX document"];
  const { buildDefinition } = predicate;
  const { buildType, externalParameters } = membersOf(buildDefinition);
  if (buildType !== BUILD_TYPE) wrong.push(`it describes a build of another type, ${JSON.stringify(buildType)}`);
  const told = membersOf(externalParameters);
  const wanted = parametersOf({ service: at.service, commit: at.commit, source: at.source, platforms: [] });
  for (const [key, value] of Object.entries(wanted))
    if (canonicalJson(told[key] ?? null) !== canonicalJson(value))
      wrong.push(`its ${key} is ${JSON.stringify(told[key] ?? null)}, not ${JSON.stringify(value)}`);
  return wrong;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Why no signature of a statement counts; one that does is enough. */
function findUnsigned({ statement, signatures }: Opened, at: AttestationCase, signers: readonly Signer[]): string[] {
  if (signatures.length === 0) return ["nobody has signed it"];
  const problems: string[] = [];
  for (const signature of signatures) {
    try {
      verifySignature(statement, signature, at, signers);
      return [];
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      problems.push(error.message);
    }
  }
  return problems;
}

/** @throws MalformedError with the reason for which it does not count */
function verifySignature(
  statement: string,
  armoured: string,
  { rule, nowMs }: AttestationCase,
  signers: readonly Signer[],
): void {
  const signature = readSshSignature(armoured);
  if (signature.namespace !== ATTESTATION_NAMESPACE)
    throw new MalformedError(
      `the signature is for ${JSON.stringify(signature.namespace)}, not for ${ATTESTATION_NAMESPACE}`,
    );
  const about = { name: undefined, namespace: ATTESTATION_NAMESPACE, nowMs, list: "the list of signers" };
  const allowed = findAllowed(signers, signature.key, about);
  const names = allowed.flatMap(({ principals }) => principals.filter((name) => !name.startsWith("!")));
  if (rule.signers.length > 0 && !names.some((name) => matchesPatterns(name, rule.signers)))
    throw new MalformedError(
      `${names.join(", ")} is none of those whose signatures count here (${rule.signers.join(", ")})`,
    );
  if (!verifySshSignature(signature, Buffer.from(encodeForSigning(statement), "utf8"), ATTESTATION_NAMESPACE))
    throw new MalformedError("the signature is not for this statement");
}

import { SlipwayError } from "../../account.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { SignedApproval } from "../ledger.ts";
import type { RingPolicy } from "../policy.ts";
import type { Release } from "../release.ts";
import { findAllowed } from "./allowed-key.ts";
import { matchesPatterns, readAllowedSigners, type Signer } from "./allowed-signers.ts";
import { fingerprint, type SshKey } from "./ssh-key.ts";
import { readSshSignature, verifySshSignature } from "./ssh-signature.ts";
import { MalformedError } from "./ssh-wire.ts";
import {
  APPROVAL_NAMESPACE,
  digestRules,
  listSubjects,
  nameStatement,
  readStatement,
  type Statement,
} from "./statement.ts";

/** How far an approver's clock may run ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000;

export interface ApprovalCase {
  readonly release: Release;
  readonly ring: string;
  readonly nowMs: number;
  readonly rules: RingPolicy["approvals"];
  /** `allowed_signers` as of the protected base commit, never of the commit that is deployed. */
  readonly signers: string;
  readonly signed: readonly SignedApproval[];
  /** Ids of the statements that earlier attempts have used. */
  readonly used: ReadonlySet<string>;
  /** Number of the last event that changed the ring: an older statement was made before there was anything to see. */
  readonly ledgerFloor: number;
  readonly ledgerTop: number;
}

export interface ApprovalVerdict {
  readonly granted: boolean;
  readonly summary: string;
  /** Why an approval does not count, one line each, also when the others suffice. */
  readonly problems: readonly string[];
  /** Those that count, and what they are called. */
  readonly approvers: readonly string[];
  readonly signed: readonly SignedApproval[];
  readonly ids: readonly string[];
}

/**
 * Judges approvals against the rules of a ring. One person counts once, however many keys or names: a key or a name
 * that has been counted is not counted again. A valid rejection wins, and does not expire.
 *
 * @throws SlipwayError `bad-signers` when the list of approvers cannot be read.
 */
export function judgeApprovals(at: ApprovalCase): ApprovalVerdict {
  const { quorum } = at.rules;
  const signers = readAllowedSigners(at.signers);
  const problems: string[] = [];
  const rejections: string[] = [];
  const counted: { approver: string; key: string; id: string; signed: SignedApproval }[] = [];
  const ids = new Set<string>();
  for (const signed of at.signed) {
    const id = nameStatement(signed.statement);
    // The same approval again, as a resumed deploy brings it, is no problem and no second one.
    if (ids.has(id)) continue;
    try {
      const { statement, key } = verifyApproval(signed, signers, at.nowMs);
      const { approver, decision, reason } = statement.predicate;
      const misfit = findMisfit(statement, at);
      if (misfit !== undefined) throw new MalformedError(misfit);
      if (decision === "reject") {
        rejections.push(`${approver} has rejected it: ${reason}`);
        continue;
      }
      const barred = findBar(statement, key, signers, id, at);
      if (barred !== undefined) throw new MalformedError(barred);
      ids.add(id);
      const name = approver.toLowerCase();
      if (counted.some((other) => other.approver === name || other.key === fingerprint(key)))
        problems.push(`approval ${id.slice(0, 12)}: ${approver} has already been counted`);
      else counted.push({ approver: name, key: fingerprint(key), id, signed });
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof SlipwayError)) throw error;
      problems.push(`approval ${id.slice(0, 12)}: ${error.message.split("\n")[0]}`);
    }
  }
  const granted = rejections.length === 0 && counted.length >= quorum;
  return {
    granted,
    summary: rejections[0] ?? `${counted.length} of ${quorum} approvals`,
    problems: [...rejections.slice(1), ...problems],
    approvers: counted.map(({ signed }) => readStatement(signed.statement).predicate.approver),
    signed: counted.map(({ signed }) => signed),
    ids: counted.map(({ id }) => id),
  };
}

/** Signed by whom it says, by a key that the list allows for it now? */
function verifyApproval(
  { statement: text, signature }: SignedApproval,
  signers: readonly Signer[],
  nowMs: number,
): { statement: Statement; key: SshKey } {
  const statement = readStatement(text);
  const read = readSshSignature(signature);
  const { approver } = statement.predicate;
  findAllowed(signers, read.key, {
    name: approver,
    namespace: APPROVAL_NAMESPACE,
    nowMs,
    list: "the list of approvers",
  });
  if (read.namespace !== APPROVAL_NAMESPACE)
    throw new MalformedError(`the signature is for ${JSON.stringify(read.namespace)}, not for ${APPROVAL_NAMESPACE}`);
  if (!verifySshSignature(read, Buffer.from(text, "utf8"), APPROVAL_NAMESPACE))
    throw new MalformedError(`the signature is not for this statement by ${approver}`);
  return { statement, key: read.key };
}

/** Why the statement is about something else. */
function findMisfit({ subject, predicate }: Statement, { release, ring }: ApprovalCase): string | undefined {
  if (predicate.ring !== ring) return `it is for ring ${predicate.ring}`;
  if (predicate.release !== release.id) return `it is for release ${predicate.release}`;
  if (canonicalJson(subject) !== canonicalJson(listSubjects(release))) return "it names other images than the release";
  return undefined;
}

/** Why an approval that fits must not count. */
function findBar(
  { predicate }: Statement,
  key: SshKey,
  signers: readonly Signer[],
  id: string,
  at: ApprovalCase,
): string | undefined {
  const { approver, issuedAt, notAfter, policyDigest, ledgerHead } = predicate;
  if (Date.parse(issuedAt) > at.nowMs + CLOCK_SKEW_MS) return `it was issued in the future (${issuedAt})`;
  if (Date.parse(notAfter) <= at.nowMs) return `it was good until ${notAfter}`;
  if (policyDigest !== digestRules(at.rules, at.signers))
    return "it was given under other rules or with another list of approvers";
  if (ledgerHead < at.ledgerFloor)
    return `it was given at event ${ledgerHead}, but the ring has changed at event ${at.ledgerFloor}`;
  if (ledgerHead > at.ledgerTop) return `it names event ${ledgerHead}, which does not exist`;
  if (at.used.has(id)) return "it has been used before";
  const { author } = at.release;
  // By every name under which the key is listed: another name of the same person is the same person.
  const names = signers.filter((signer) => signer.key.bytes.equals(key.bytes)).flatMap(({ principals }) => principals);
  const own = [approver, ...names].map((name) => name.toLowerCase());
  if (at.rules.separation && own.some((name) => !name.startsWith("!") && matchesPatterns(author.toLowerCase(), [name])))
    return `${approver} is the author of the commit`;
  return undefined;
}

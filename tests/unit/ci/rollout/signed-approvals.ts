/** Approvals signed with throw-away keys of ssh-keygen. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAllowedSigners } from "../../../../ci/src/rollout/approval/allowed-signers.ts";
import type { ApprovalCase } from "../../../../ci/src/rollout/approval/judge.ts";
import { APPROVAL_NAMESPACE, writeStatement } from "../../../../ci/src/rollout/approval/statement.ts";
import type { SignedApproval } from "../../../../ci/src/rollout/ledger.ts";
import { releaseOf } from "./fixtures.ts";

export const NOW = Date.UTC(2026, 5, 1, 12);
export const folder = mkdtempSync(join(tmpdir(), "slipway-approvals-"));
// Several test files may share the keys in one process.
process.once("exit", () => rmSync(folder, { recursive: true }));

/** A throw-away key, made by ssh-keygen. */
function makeKey(name: string, ...type: string[]): { path: string; line: string } {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", ...type, "-N", "", "-C", name, "-f", path]);
  return { path, line: readFileSync(`${path}.pub`, "utf8").split(" ").slice(0, 2).join(" ") };
}

export function signWith(
  path: string,
  text: string,
  namespace: string = APPROVAL_NAMESPACE,
  ...more: string[]
): string {
  return execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", path, "-n", namespace, ...more, "-"], {
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });
}

export const bob = makeKey("bob", "ed25519");
export const eve = makeKey("eve", "ed25519");
export const rsa = makeKey("rsa", "rsa", "-b", "2048");
export const ecdsa = makeKey("ecdsa", "ecdsa");
export const weak = makeKey("weak", "rsa", "-b", "1024");

export const NAMESPACES = `namespaces="${APPROVAL_NAMESPACE}"`;
export const SIGNERS = [`bob@example.org ${NAMESPACES} ${bob.line}`, `carol@example.org ${rsa.line}`, ""].join("\n");
const RULES = { quorum: 1, separation: true };
export const release = releaseOf(5);

export function statementOf(more: Partial<Parameters<typeof writeStatement>[0]> = {}): string {
  return writeStatement({
    release,
    ring: "production",
    decision: "approve",
    approver: "bob@example.org",
    reason: "looks good",
    issuedAtMs: NOW - 60_000,
    notAfterMs: NOW + 3_600_000,
    rules: RULES,
    signers: SIGNERS,
    evidence: ["a".repeat(64)],
    ledgerHead: 4,
    ...more,
  });
}

export function signed(statement: string, path = bob.path): SignedApproval {
  return { statement, signature: signWith(path, statement) };
}

export function caseOf(approvals: readonly SignedApproval[], more: Partial<ApprovalCase> = {}): ApprovalCase {
  return {
    release,
    ring: "production",
    nowMs: NOW,
    rules: RULES,
    signers: SIGNERS,
    signed: approvals,
    used: new Set(),
    ledgerFloor: 4,
    ledgerTop: 6,
    ...more,
  };
}

export const good = signed(statementOf());

export function blobOf(armoured: string): Buffer {
  return Buffer.from(armoured.trim().split("\n").slice(1, -1).join(""), "base64");
}

export function armour(blob: Buffer): string {
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

/** Every problem of a list. */
export function problemsOf(text: string): string {
  try {
    readAllowedSigners(text, "manifests/approvers");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

import { randomUUID } from "node:crypto";
import { z } from "zod";
import { tellAccount } from "../account.ts";
import { REQUEST_TIMEOUT } from "../cluster/ask.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import { findPolicy } from "../config/ring-policy.ts";
import type { Config } from "../config/schema.ts";
import type { Commits } from "../git/commits.ts";
import { readManifests } from "../manifests/read.ts";
import { readAllowedSigners } from "../rollout/approval/allowed-signers.ts";
import { readApprovals, writeApprovalCommand } from "../rollout/approval/approvals-file.ts";
import { writeStatement } from "../rollout/approval/statement.ts";
import type { LedgerEvent, SignedApproval } from "../rollout/ledger.ts";
import { listObjects, sortManifests } from "../rollout/manifests.ts";
import { planVerb, tellPlan } from "../rollout/plan.ts";
import { type Release, readRelease, tellRelease } from "../rollout/release.ts";
import type { DeployRequest, Request } from "../rollout/request.ts";
import type { Snapshot } from "../rollout/snapshot.ts";
import { runVerb } from "./deployer.ts";
import { type RingState, tellHistory, tellImages, tellStatus } from "./reports.ts";
import { listKinds, observeRing, readLedger, readRingToChange } from "./ring.ts";

/** What the verbs work with. */
export interface Delivery {
  readonly config: Config;
  readonly kubectl: Kubectl;
  readonly commits: Commits;
  /** What kustomize prints for a ring. */
  readonly render: (ring: string) => Promise<string>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Gets a line for everything that happens. */
  readonly say: (line: string) => void;
  /** How long to wait before looking at a ring again. */
  readonly pollMs?: number;
}

/** A verb that did not do what it was asked for. The message is the report. */
class DeliveryError extends Error {
  override readonly name = "DeliveryError";
}

/** Signed approvals that come with a verb, as the text of a file, and why the person calls it. */
export interface Given {
  readonly approvals: string | undefined;
  readonly reason: string | undefined;
}

/** How long an approval is good for. */
const APPROVAL_HOURS = 24;

/** Brings a release into a ring. @returns the report @throws DeliveryError when it did not make it. */
export async function deploy(delivery: Delivery, ring: string, releaseText: string, given: Given): Promise<string> {
  findPolicy(delivery.config, ring);
  const release = readRelease(releaseText);
  return await carryOut(delivery, ring, await makeDeploy(delivery, ring, release, given));
}

/** Brings the release that is live in one ring into the next: the same digests. */
export async function promote(
  delivery: Delivery,
  { from, to }: { readonly from: string; readonly to: string },
  given: Given,
): Promise<string> {
  findPolicy(delivery.config, from);
  const { after } = findPolicy(delivery.config, to);
  if (after !== from) {
    const before = after === null ? "is the first one" : `comes after ring ${after}`;
    throw new DeliveryError(
      tellAccount({
        what: `ring ${to} ${before}, so nothing is promoted to it from ring ${from}`,
        where: "rings of slipway.yaml",
        todo: after === null ? `deploy --ring ${to}` : `promote --from ${after} --to ${to}`,
      }),
    );
  }
  // The ledger is all that an account of the next ring can read; a release is live from its end there on.
  const ledger = await readLedger(delivery.kubectl, from);
  const release = findPromotable(ledger);
  if (release === undefined) {
    throw new DeliveryError(
      tellAccount({
        what: `no release is verified and live in ring ${from}`,
        where: `ledger of ring ${from}`,
        todo: `deploy one there and let it pass the bake: deploy --ring ${from} --release FILE`,
      }),
    );
  }
  return await carryOut(delivery, to, await makeDeploy(delivery, to, release, given));
}

/** The release of the last attempt, if it is verified and nothing has begun since. */
function findPromotable(ledger: readonly LedgerEvent[]): Release | undefined {
  const told = ledger.filter(({ kind }) => kind !== "frozen" && kind !== "thawed");
  let live: Release | undefined;
  const verified: Release[] = [];
  for (const { kind, release } of told) {
    if (kind === "committed") verified.push(release);
    // The traffic is back at the one before.
    if (kind === "rolled-back" && verified.at(-1)?.id === release.id) verified.pop();
    live = kind === "switched" ? undefined : verified.at(-1);
  }
  return live;
}

/** Prints the writes that a deploy would make, and makes none. @throws DeliveryError when it would be refused */
export async function plan(delivery: Delivery, ring: string, releaseText: string, given: Given): Promise<string> {
  const policy = findPolicy(delivery.config, ring);
  const release = readRelease(releaseText);
  const request = await makeDeploy(delivery, ring, release, given);
  const items = await readRingToChange(delivery.kubectl, ring, listKinds(listObjects(request.manifests)));
  const run = { id: "plan", actor: "plan", epoch: null };
  const made = planVerb(items, { nowMs: delivery.now(), ring, policy, request, run });
  const report = tellPlan(made, `deploy ${tellRelease(release)} to ring ${ring}`);
  if (made.end.kind === "blocked") throw new DeliveryError(report);
  return `${report}\n`;
}

/** Moves the traffic back to the release before, or takes down the one under way. */
export async function rollback(delivery: Delivery, ring: string, reason: string | undefined): Promise<string> {
  return await carryOut(delivery, ring, { verb: "rollback", reason: reason ?? "called by a person" });
}

/** Nothing moves in the ring until it is thawed. */
export async function freeze(delivery: Delivery, ring: string, reason: string): Promise<string> {
  return await carryOut(delivery, ring, { verb: "freeze", reason });
}

export async function thaw(delivery: Delivery, ring: string, reason: string): Promise<string> {
  return await carryOut(delivery, ring, { verb: "thaw", reason });
}

/** One table of all rings. A ring that cannot be read is said to be so; the others are shown. */
export async function status({ config, kubectl, now }: Delivery): Promise<string> {
  const states = await Promise.all(
    Object.entries(config.rings).map(async ([ring, policy]): Promise<RingState> => {
      const seen = await observeRing(kubectl, ring).catch((error: unknown) => ({
        problem: error instanceof Error ? error.message : String(error),
      }));
      return { ring, policy, seen };
    }),
  );
  const problems = states.flatMap(({ seen }) => ("problem" in seen ? [seen.problem] : []));
  const report = tellStatus(states, now());
  if (problems.length > 0 && problems.length === states.length) throw new DeliveryError(report);
  return report;
}

/** The ledger of a ring. */
export async function history({ config, kubectl }: Delivery, ring: string): Promise<string> {
  findPolicy(config, ring);
  return tellHistory(await readLedger(kubectl, ring), ring);
}

/** The statement that a person signs to let a release into a ring, and the command that signs it. */
export async function approve(
  delivery: Delivery,
  ring: string,
  releaseText: string,
  by: { readonly approver: string; readonly reason: string | undefined; readonly reject: boolean },
): Promise<string> {
  const policy = findPolicy(delivery.config, ring);
  const release = readRelease(releaseText);
  const signers = await readSigners(delivery);
  if (!readAllowedSigners(signers).some(({ principals }) => principals.includes(by.approver))) {
    const names = readAllowedSigners(signers).flatMap(({ principals }) => principals);
    throw new DeliveryError(
      tellAccount({
        what: `${by.approver} is not in the list of approvers: ${names.join(", ") || "it is empty"}`,
        where: `${delivery.config.approvals.signers} on branch ${delivery.config.approvals.branch}`,
        todo: "give one of these names as --approver, or have the key added to the list there",
      }),
    );
  }
  const ledger = await readLedger(delivery.kubectl, ring);
  const issuedAtMs = delivery.now();
  const decision = by.reject ? "reject" : "approve";
  const statement = writeStatement({
    release,
    ring,
    decision,
    approver: by.approver,
    reason: by.reason ?? "",
    issuedAtMs,
    notAfterMs: issuedAtMs + APPROVAL_HOURS * 3_600_000,
    rules: policy.approvals,
    signers,
    evidence: [],
    ledgerHead: ledger.at(-1)?.seq ?? 0,
  });
  const file = `approvals-${ring}-${release.id.slice(0, 10)}`;
  return `${[
    `${by.approver} would ${decision} ${tellRelease(release)} for ring ${ring}, good for ${APPROVAL_HOURS} hours:`,
    ...tellImages(release),
    "",
    "The statement:",
    statement,
    "",
    `Sign it; this adds the approval to the file ${file}, for --approvals ${file} of deploy or promote:`,
    writeApprovalCommand(statement, file),
  ].join("\n")}\n`;
}

async function carryOut(delivery: Delivery, ring: string, request: Request): Promise<string> {
  const policy = findPolicy(delivery.config, ring);
  const { kubectl, now, sleep, say, pollMs, config } = delivery;
  const actor = await readActor(kubectl);
  const ending = await runVerb({
    kubectl,
    ring,
    policy,
    request,
    actor,
    runId: `${actor.split(":").at(-1)}-${randomUUID()}`,
    paths: Object.fromEntries(Object.entries(config.services).map(([name, { probe }]) => [name, probe])),
    counters: Object.fromEntries(Object.entries(config.services).map(([name, { metrics }]) => [name, metrics])),
    now,
    sleep,
    say,
    ...(pollMs === undefined ? {} : { pollMs }),
  });
  const { step, writes, diagnosis, baked } = ending;
  const text = step.kind === "done" ? step.report : step.message;
  const report = [
    text,
    ...(step.kind === "done" && step.outcome === "live" && request.verb === "deploy"
      ? tellImages(request.release)
      : []),
    ...(baked === undefined ? [] : [baked]),
    ...(diagnosis === undefined ? [] : ["", diagnosis, ""]),
    `${writes.length} ${writes.length === 1 ? "write" : "writes"}`,
  ].join("\n");
  if (step.kind === "blocked" || step.outcome === "failed") throw new DeliveryError(report);
  return `${report}\n`;
}

async function makeDeploy(
  delivery: Delivery,
  ring: string,
  release: Release,
  { approvals, reason }: Given,
): Promise<DeployRequest> {
  const policy = findPolicy(delivery.config, ring);
  const [rendered, seen, source, signers] = await Promise.all([
    delivery.render(ring),
    observeRing(delivery.kubectl, ring),
    policy.after === null ? undefined : readLedger(delivery.kubectl, policy.after),
    policy.approvals.quorum === 0 ? undefined : readSigners(delivery),
  ]);
  const signed: SignedApproval[] = approvals === undefined ? [] : readApprovals(approvals);
  return {
    verb: "deploy",
    release,
    manifests: sortManifests(readManifests(rendered, ring), release, ring),
    ancestors: await findAncestors(delivery.commits, release, seen),
    approvals: signed,
    ...(signers === undefined ? {} : { signers }),
    ...(policy.after === null || source === undefined ? {} : { source: { ring: policy.after, ledger: source } }),
    reason: reason ?? "",
    planned: true,
  };
}

/** Also those of the ledger: by the time that the ring is free another of them may be live. */
async function findAncestors(commits: Commits, release: Release, { head, ledger }: Snapshot): Promise<string[]> {
  const { live = null, want = null } = head?.record ?? {};
  const known = [live?.release, want?.release, ...ledger.map((event) => event.release)];
  const candidates = new Set(known.flatMap((one) => (one === undefined ? [] : [one.commit])));
  candidates.delete(release.commit);
  if (candidates.size === 0) return [];
  return await commits.findAncestors(release.commit, [...candidates]);
}

async function readSigners({ commits, config }: Delivery): Promise<string> {
  const { signers, branch } = config.approvals;
  const text = await commits.readFile(branch, signers);
  if (text !== undefined) return text;
  throw new DeliveryError(
    tellAccount({
      what: "there is no list of those who may approve",
      where: `${signers} on branch ${branch} of the repository`,
      todo: `commit it there, one line a person: NAME namespaces="slipway-approval@v1" ssh-ed25519 AAAA…`,
    }),
  );
}

const reviewSchema = z.object({ status: z.object({ userInfo: z.object({ username: z.string().min(1) }) }) });

/** Whom the cluster takes the caller for. Some clusters do not say. */
async function readActor(kubectl: Kubectl): Promise<string> {
  const answer = await kubectl.run(["auth", "whoami", "--output=json", REQUEST_TIMEOUT]);
  if (judgeAnswer(answer) !== "done") return "unknown";
  return reviewSchema.safeParse(JSON.parse(answer.stdout)).data?.status.userInfo.username ?? "unknown";
}

import type { Account } from "../account.ts";
import { judgeApprovals } from "./approval/judge.ts";
import { blocked } from "./ended.ts";
import type { Head, Placement } from "./head.ts";
import { listUnswitched } from "./health.ts";
import { refuseOtherJobs } from "./jobs.ts";
import { endsAttempt, isVerified, listUsedApprovals, type SignedApproval } from "./ledger.ts";
import { isPlain, liveServiceIn, type Names, namesIn, otherNames } from "./names.ts";
import type { Step } from "./next-step.ts";
import { type Colour, otherColour } from "./objects.ts";
import { listServices, listStaying, tellRelease } from "./release.ts";
import type { DeployRequest, HeldInput } from "./request.ts";
import { refuseRivals } from "./rivals.ts";
import { refuseAdoption } from "./rolling/adoption.ts";
import { move } from "./transition.ts";

/** Why the release may not come into this ring now; `undefined` when it may. */
export function refuseDeploy(input: HeldInput, request: DeployRequest, head: Head): Step | undefined {
  const { ring, policy } = input;
  const { release, ancestors, source } = request;
  for (const there of [head.live, head.want]) {
    if (there === null || there.release.commit === release.commit) continue;
    if (ancestors.includes(there.release.commit)) continue;
    return blocked("not-newer", {
      what: `${tellRelease(release)} does not contain commit ${there.release.commit}, which ${there === head.live ? "is live" : "is under way"} in ring ${ring}`,
      where: `ring ${ring}`,
      todo: "deploy a release of a newer commit; to go back on purpose, use rollback",
    });
  }
  if (policy.after !== null) {
    const verified = source?.ring === policy.after && isVerified(source.ledger, release);
    if (!verified) {
      return blocked("not-verified", {
        what: `${tellRelease(release)} is not verified in ring ${policy.after}, which comes before ring ${ring}`,
        where:
          source?.ring === policy.after
            ? `ledger of ring ${policy.after}`
            : `ring ${ring}: the ledger of ring ${policy.after} was not given`,
        todo: `deploy it to ring ${policy.after} and let it pass the bake there, then promote`,
      });
    }
  }
  // What follows is about a beginning. A release under way has moved the traffic, and is seen through or taken down.
  if (head.want !== null) return undefined;
  const drifted = head.live === null ? [] : findStraying(input, head.live);
  if (drifted.length > 0) {
    return blocked("drift", {
      what: `the traffic of ring ${ring} does not go where the record says: ${drifted.join("; ")}`,
      where: `ring ${ring}`,
      todo: "put the selector back by hand, then run this again",
    });
  }
  const taken =
    refuseRenamed(input, request, head) ??
    (policy.strategy === "rolling" ? refuseAdoption(input, request) : undefined) ??
    refuseRivals(input, request) ??
    refuseOtherJobs(input, release, request.manifests);
  if (taken !== undefined) return taken;
  const approval = checkApprovals(input, request, head);
  return "refused" in approval ? blocked("not-approved", approval.refused) : undefined;
}

/** Under new names its pods would be looked for where they are not, and those who ask it would ask the old ones. */
function refuseRenamed({ ring }: HeldInput, { release, manifests }: DeployRequest, { live }: Head): Step | undefined {
  const renamed =
    live === null ? [] : listServices(release).flatMap((service) => findRenamed(live, service, manifests.names));
  if (renamed.length === 0) return undefined;
  return blocked("drift", {
    what: [`services of ring ${ring} have other names than when they were released:`, ...renamed].join("\n    "),
    where: `rings.${ring}.deployments of slipway.yaml, and the manifests of the ring`,
    todo: "keep the names; for other names, add a ring with another namespace",
  });
}

function findRenamed(live: Placement, service: string, names: Readonly<Record<string, Names>>): string[] {
  if (live.release.services[service] === undefined) return [];
  const [before, now] = [namesIn(live, service), namesIn({ names }, service)];
  return [
    ...(before.deployment === now.deployment
      ? []
      : [`Deployment ${before.deployment} of ${service} is now ${now.deployment}`]),
    ...(before.service === now.service ? [] : [`Service ${before.service} of ${service} is now ${now.service}`]),
  ];
}

/** Live Services that select something else than the live colour. One that selects nothing will be set by the switch. */
function findStraying({ seen }: HeldInput, live: Placement): string[] {
  return listUnswitched(seen, live).flatMap((service) => {
    const name = liveServiceIn(live, service);
    const selector = seen.services.get(name)?.selector ?? null;
    // The switch would set it; where nothing is switched, nobody would.
    return selector === null && !isPlain(live) ? [] : [`Service ${name} selects ${JSON.stringify(selector)}`];
  });
}

/** Records the attempt. Every check has been made. */
export function startDeploy(input: HeldInput, request: DeployRequest, head: Head): Step {
  const { policy } = input;
  const { release, reason } = request;
  const approval = checkApprovals(input, request, head);
  const { signed, ids } = "refused" in approval ? { signed: [], ids: [] } : approval;
  const used: Colour | undefined = Object.values(head.live?.colours ?? {})[0];
  const colour = used === undefined ? "blue" : otherColour(used);
  const names = otherNames(request.manifests.names);
  // Changed in place, nothing has a colour.
  const coloured = policy.strategy === "rolling" ? [] : listStaying(release);
  const colours = Object.fromEntries(coloured.map((service) => [service, colour]));
  return move(
    input,
    head,
    {
      phase: "PREPARED",
      want: { release, colours, ...(names === undefined ? {} : { names }), verified: false },
      // The candidate's colour is the one that could have been gone back to.
      prev: null,
      before: undefined,
      attempt: head.seq + 1,
      switchedAt: null,
    },
    { kind: "started", release, reason, planned: true, approvals: signed, approvalIds: ids },
  );
}

type ApprovalCheck =
  | { readonly refused: Account }
  | { readonly signed: readonly SignedApproval[]; readonly ids: readonly string[] };

/** The approvals given now and those that the attempt's own events have kept, against the ring's policy. */
export function checkApprovals(
  { policy, ring, nowMs, seen }: HeldInput,
  request: DeployRequest,
  head: Head,
): ApprovalCheck {
  const ofAttempt = head.attempt === null ? [] : seen.ledger.filter(({ seq }) => seq >= (head.attempt ?? 0));
  const before = head.attempt === null ? seen.ledger : seen.ledger.filter(({ seq }) => seq < (head.attempt ?? 0));
  const kept = ofAttempt.flatMap(({ approvals }) => approvals);
  const verdict = judgeApprovals({
    release: request.release,
    ring,
    nowMs,
    rules: policy.approvals,
    signers: request.signers ?? "",
    signed: [...kept, ...request.approvals],
    used: listUsedApprovals(before),
    ledgerFloor: before.filter(endsAttempt).at(-1)?.seq ?? 0,
    ledgerTop: seen.ledger.at(-1)?.seq ?? 0,
  });
  if (verdict.granted) return { signed: verdict.signed, ids: verdict.ids };
  return {
    refused: {
      what: [
        `${tellRelease(request.release)} is not approved for ring ${ring}: ${verdict.summary}`,
        ...verdict.problems.map((line) => `    ${line}`),
      ].join("\n"),
      where: `approvals of ring ${ring}`,
      todo: `run approve --ring ${ring} for the statement and the command that signs it, then deploy with the approvals`,
    },
  };
}

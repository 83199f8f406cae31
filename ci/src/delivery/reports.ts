import type { Placement } from "../rollout/head.ts";
import { listMissing, listUnswitched } from "../rollout/health.ts";
import { listOpenJobs } from "../rollout/jobs.ts";
import type { LedgerEvent } from "../rollout/ledger.ts";
import { colourIn, isPlain, liveServiceIn, namesIn } from "../rollout/names.ts";
import { COLOURS, deploymentName } from "../rollout/objects.ts";
import { type RingPolicy, tellCarried } from "../rollout/policy.ts";
import { listServices, listStaying, type Release, referTo, tellRelease } from "../rollout/release.ts";
import { hasEarlier } from "../rollout/rolling/kept.ts";
import type { Snapshot } from "../rollout/snapshot.ts";
import { alignColumns } from "../table.ts";

/** A ring as `status` shows it. */
export interface RingState {
  readonly ring: string;
  readonly namespace: string;
  readonly policy: RingPolicy;
  /** Or why it could not be read. */
  readonly seen: Snapshot | { readonly problem: string };
}

/** One table of all rings, and below it what a person should know about some of them. */
export function tellStatus(rings: readonly RingState[], nowMs: number): string {
  const header = ["RING", "LIVE", "COLOUR", "COMMIT", "AGE", "HEALTH", "IDLE"];
  const remarks: string[] = [];
  const rows = rings.map(({ ring, namespace, policy, seen }) => {
    const title = namespace === ring ? ring : `${ring} (${namespace})`;
    if ("problem" in seen) {
      remarks.push(`${ring}: ${seen.problem}`);
      return [title, "?", "", "", "", "not read", ""];
    }
    const head = seen.head?.record;
    const carried = tellCarried(policy.attestations);
    if (carried !== undefined) remarks.push(`${ring}: accepts only images that carry ${carried}`);
    remarks.push(...tellProgress(ring, seen, nowMs));
    const live = head?.live ?? null;
    if (live === null) return [title, "nothing", "", "", "", "", ""];
    const missing = [
      ...listMissing(seen, live, policy.replicas),
      ...listUnswitched(seen, live).map(
        (service) =>
          `Service ${liveServiceIn(live, service)} does not select ${isPlain(live) ? "the pods of its Deployment" : "the live colour"}`,
      ),
    ];
    remarks.push(...missing.map((line) => `${ring}: ${line}`));
    const staying = isPlain(live) ? [] : listStaying(live.release);
    const colours = new Set(staying.map((service) => colourIn(live, service)));
    const since = seen.ledger.findLast(({ kind, release }) => kind === "switched" && release.id === live.release.id);
    const health = `${missing.length === 0 ? "ok" : "unhealthy"}${live.verified ? "" : ", not verified"}`;
    return [
      title,
      live.release.id.slice(0, 10),
      isPlain(live) ? "in place" : [...colours].join(", "),
      live.release.commit.slice(0, 7),
      since === undefined ? "?" : tellAge(nowMs - Date.parse(since.at)),
      health,
      tellIdle(seen, live, colours),
    ];
  });
  return `${[...alignColumns([header, ...rows]), ...(remarks.length === 0 ? [] : ["", ...remarks])].join("\n")}\n`;
}

/** What the other colour has: a release to go back to, or pods that serve nobody. */
function tellIdle(seen: Snapshot, live: Placement, colours: ReadonlySet<string>): string {
  const prev = seen.head?.record.prev ?? null;
  if (isPlain(live)) {
    const hasFound = seen.head !== null && hasEarlier(seen, seen.head.record);
    if (prev === null) return hasFound ? "can go back to what was found" : "nothing to go back to";
    return `can go back to ${prev.release.id.slice(0, 10)}`;
  }
  const idle = COLOURS.filter((colour) => !colours.has(colour));
  const pods = listStaying(live.release)
    .map((service) => namesIn(live, service).deployment)
    .flatMap((name) => idle.map((colour) => seen.deployments.get(deploymentName(name, colour))?.replicas ?? 0))
    .reduce((sum, replicas) => sum + replicas, 0);
  const scale = `${idle.join(", ")} with ${pods} pods`;
  return prev === null ? scale : `${scale}, can go back to ${prev.release.id.slice(0, 10)}`;
}

function tellProgress(ring: string, seen: Snapshot, nowMs: number): string[] {
  const { head, lease } = seen;
  const lines: string[] = [];
  const record = head?.record;
  if (record !== undefined && record.phase !== "STABLE") {
    const what = record.want === null ? "" : `${tellRelease(record.want.release)} is `;
    const why = record.frozen?.reason ?? record.rollback?.reason;
    lines.push(`${ring}: ${what}${record.phase} since ${record.since}${why === undefined ? "" : `: ${firstOf(why)}`}`);
    if (record.want !== null && record.phase === "PREPARED")
      lines.push(...listOpenJobs(seen, record.want).map((line) => `${ring}: ${line}`));
  }
  if (lease !== null && lease.holder !== "") {
    const ended = lease.renewedAtMs + lease.seconds * 1000 < nowMs;
    lines.push(
      `${ring}: ${ended ? "no run is working on it any more; the last one was" : "worked on by"} ${lease.holder}`,
    );
  }
  return lines;
}

/** The ledger, oldest first: one line an event. */
export function tellHistory(ledger: readonly LedgerEvent[], ring: string): string {
  if (ledger.length === 0) return `nothing has happened in ring ${ring} yet\n`;
  const header = ["NO", "WHEN", "WHAT", "RELEASE", "COMMIT", "WHO", "WHY"];
  const rows = ledger.map(({ seq, at, kind, release, actor, reason, planned, approvalIds }) => [
    String(seq),
    at.replace(/\.\d+Z$/, "Z"),
    kind,
    release.id.slice(0, 10),
    release.commit.slice(0, 7),
    actor,
    [
      firstOf(reason),
      ...(planned ? [] : ["(not planned)"]),
      ...(approvalIds.length > 0 ? [`(approvals: ${approvalIds.map((id) => id.slice(0, 12)).join(", ")})`] : []),
    ].join(" "),
  ]);
  return `${alignColumns([header, ...rows]).join("\n")}\n`;
}

/** The first line of a reason; with one that ends in a colon the next, which says what. */
function firstOf(reason: string): string {
  const [first = "", next] = reason.split("\n");
  return first.endsWith(":") && next !== undefined ? `${first} ${next.trim()}` : first;
}

/** The images of a release, one line a service. */
export function tellImages(release: Release): string[] {
  return alignColumns(
    listServices(release).map((service) => [
      `  ${service}`,
      referTo(release, service),
      release.services[service]?.kind ?? "",
    ]),
  );
}

/** A duration as people say it: `40 s`, `12 min`, `5 h`, `3 d`. */
export function tellAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

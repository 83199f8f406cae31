import { z } from "zod";
import { REQUEST_TIMEOUT } from "../cluster/ask.ts";
import { tellComplaint } from "../cluster/complaints.ts";
import type { Kubectl, KubectlAnswer } from "../cluster/kubectl.ts";
import type { Placement } from "../rollout/head.ts";
import { podsOf } from "../rollout/health.ts";
import { findJobs, podsOfJob } from "../rollout/jobs.ts";
import { listStaying } from "../rollout/release.ts";
import type { PodSeen, Snapshot } from "../rollout/snapshot.ts";

const MAX_PODS = 3;
const LOG_LINES = 15;
const MAX_EVENTS = 8;
const LINE_LENGTH = 300;

const eventsSchema = z.object({
  items: z.array(
    z.object({
      type: z.string().default("Normal"),
      reason: z.string().default(""),
      message: z.string().default(""),
      count: z.number().nullish(),
      lastTimestamp: z.string().nullish(),
      eventTime: z.string().nullish(),
      metadata: z.object({ creationTimestamp: z.string().nullish() }),
    }),
  ),
});

/**
 * What a person needs to find out why a release failed, while its pods still exist: for each pod that is in trouble
 * (three of them at most, those of its jobs first) its last log lines and its events.
 *
 * @param suspects services that answered wrongly: a release that does may have pods that look well
 */
export async function tellPods(
  kubectl: Kubectl,
  namespace: string,
  {
    seen,
    placement,
    suspects,
  }: { readonly seen: Snapshot; readonly placement: Placement; readonly suspects: readonly string[] },
): Promise<string> {
  const own = listStaying(placement.release).flatMap((service) => podsOf(seen, placement, service));
  const ofJobs = findJobs(seen, placement.release)
    .filter(({ progress }) => progress !== "succeeded")
    .flatMap((job) => podsOfJob(seen, job).toReversed());
  const troubled = [
    ...ofJobs,
    ...own.filter(({ ready, restarts, trouble }) => !ready || restarts > 0 || trouble !== undefined),
  ];
  const suspected = own.filter(({ service }) => suspects.includes(service));
  const told = [troubled, suspected].find((pods) => pods.length > 0) ?? own;
  const shown = told.slice(0, MAX_PODS);
  const parts = await Promise.all(shown.map((pod) => tellPod(kubectl, namespace, pod)));
  const more = told.length - shown.length;
  return [...parts, ...(more > 0 ? [`and ${more} more pods like these`] : [])].join("\n");
}

/** A pod of a service, a worker or a job. */
type Told = Pick<PodSeen, "name" | "ready" | "restarts" | "trouble" | "ended">;

async function tellPod(kubectl: Kubectl, namespace: string, pod: Told): Promise<string> {
  const [log, events] = await Promise.all([readLog(kubectl, namespace, pod), readEvents(kubectl, namespace, pod.name)]);
  const state = pod.ready ? "ready" : ((pod.trouble ?? pod.ended)?.reason ?? "not ready");
  const restarts = pod.restarts > 0 ? `, ${pod.restarts} restarts` : "";
  return [`pod ${pod.name} (${state}${restarts})`, ...part("events", events), ...part("log", log)].join("\n");
}

function part(title: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? [`  ${title}: none`]
    : [`  ${title}:`, ...lines.map((line) => `    ${line.slice(0, LINE_LENGTH)}`)];
}

async function readLog(kubectl: Kubectl, namespace: string, pod: Told): Promise<string[]> {
  const { name, trouble } = pod;
  const restarts = Math.max(pod.restarts, trouble?.restarts ?? 0);
  const args = ["logs", name, `--namespace=${namespace}`, "--all-containers", `--tail=${LOG_LINES}`, REQUEST_TIMEOUT];
  // The container that runs now may not have said anything yet; the one before it said why it ended.
  const answers = restarts > 0 ? [await kubectl.run([...args, "--previous"])] : [];
  if (!answers.some(saysSomething)) answers.push(await kubectl.run(args));
  const lines = (answers.some(saysSomething) ? answers.filter(saysSomething) : answers).flatMap(listLines);
  // What one container has said is there, also when another one has no log yet.
  return [...lines.slice(-LOG_LINES), ...answers.flatMap(tellUnread)];
}

/** What the kubelet writes as if it were the log, when the runtime has removed the container of before meanwhile. */
const GONE = /^unable to retrieve container logs for /;

/** Has the program itself said something? */
function saysSomething(answer: KubectlAnswer): boolean {
  return listLines(answer).some((line) => !GONE.test(line));
}

function listLines({ stdout }: KubectlAnswer): string[] {
  return stdout.split("\n").filter((line) => line.trim() !== "");
}

function tellUnread(answer: KubectlAnswer): string[] {
  return answer.exitCode === 0 ? [] : [`(could not be read: ${tellComplaint(answer)})`];
}

async function readEvents(kubectl: Kubectl, namespace: string, pod: string): Promise<string[]> {
  const selector = `--field-selector=involvedObject.kind=Pod,involvedObject.name=${pod}`;
  const answer = await kubectl.run([
    "get",
    "events",
    `--namespace=${namespace}`,
    selector,
    "--output=json",
    REQUEST_TIMEOUT,
  ]);
  if (answer.exitCode !== 0) return tellUnread(answer);
  const parsed = eventsSchema.safeParse(JSON.parse(answer.stdout));
  if (!parsed.success) return [];
  const at = ({ lastTimestamp, eventTime, metadata }: (typeof parsed.data.items)[number]) =>
    lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
  const ordered = parsed.data.items.toSorted((left, right) => at(left).localeCompare(at(right)));
  // What went well says nothing here, unless there is nothing else.
  const warnings = ordered.filter(({ type }) => type !== "Normal");
  return (warnings.length > 0 ? warnings : ordered)
    .slice(-MAX_EVENTS)
    .map(
      ({ reason, message, count }) =>
        `${reason}: ${message.replaceAll("\n", " ")}${(count ?? 1) > 1 ? ` (${count} times)` : ""}`,
    );
}

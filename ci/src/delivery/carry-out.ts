import { randomUUID } from "node:crypto";
import { z } from "zod";
import { markCode, SlipwayError } from "../account.ts";
import { REQUEST_TIMEOUT } from "../cluster/ask.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { Ring } from "../config/find-ring.ts";
import type { Ended } from "../rollout/ended.ts";
import type { Request } from "../rollout/request.ts";
import type { Delivery } from "./delivery.ts";
import { runVerb } from "./deployer.ts";
import { adviseMissing } from "./missing-objects.ts";
import { tellImages } from "./reports.ts";

/**
 * Does what was asked for in a ring, to its end.
 *
 * @returns the report
 * @throws SlipwayError with the report and the step's code when it was not done
 */
export async function carryOut(delivery: Delivery, { name: ring, policy }: Ring, request: Request): Promise<string> {
  const { kubectl, now, sleep, say, pollMs, settings } = delivery;
  const actor = await readActor(kubectl);
  const ending = await runVerb({
    kubectl,
    ring,
    namespace: policy.namespace,
    policy,
    request,
    actor,
    runId: `${actor.split(":").at(-1)}-${randomUUID()}`,
    paths: Object.fromEntries(Object.entries(settings.services).map(([name, { probe }]) => [name, probe])),
    counters: Object.fromEntries(Object.entries(settings.services).map(([name, { metrics }]) => [name, metrics])),
    now,
    sleep,
    say,
    ...(pollMs === undefined ? {} : { pollMs }),
  });
  const { step, writes, diagnosis, baked } = ending;
  const report = [
    tellEnd(step),
    ...(request.verb === "deploy" ? adviseMissing(tellEnd(step), request.manifests, policy.namespace) : []),
    ...(step.kind === "done" && step.outcome === "live" && request.verb === "deploy"
      ? tellImages(request.release)
      : []),
    ...(baked === undefined ? [] : [baked]),
    ...(diagnosis === undefined ? [] : ["", diagnosis, ""]),
    `${writes.length} ${writes.length === 1 ? "write" : "writes"}`,
  ].join("\n");
  if (step.kind === "blocked") throw new SlipwayError(step.code, report);
  if (step.outcome === "failed") throw new SlipwayError("failed", report);
  return `${report}\n`;
}

function tellEnd(end: Ended): string {
  if (end.kind === "blocked") return end.message;
  return end.outcome === "failed" ? markCode(end.report, "failed") : end.report;
}

const reviewSchema = z.object({ status: z.object({ userInfo: z.object({ username: z.string().min(1) }) }) });

/** Whom the cluster takes the caller for. Some clusters do not say. */
async function readActor(kubectl: Kubectl): Promise<string> {
  const answer = await kubectl.run(["auth", "whoami", "--output=json", REQUEST_TIMEOUT]);
  if (judgeAnswer(answer) !== "done") return "unknown";
  return reviewSchema.safeParse(JSON.parse(answer.stdout)).data?.status.userInfo.username ?? "unknown";
}

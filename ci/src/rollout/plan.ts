import { SlipwayError } from "../account.ts";
import { type Action, givesUp, isSameChange } from "./action.ts";
import type { Evidence } from "./gate.ts";
import type { Step } from "./next-step.ts";
import type { KubeObject } from "./objects.ts";
import { observe } from "./observe.ts";
import { type Imagined, imagine, predict, settle } from "./predict.ts";
import { Readings } from "./readings.ts";
import type { Request, Run, StepInput } from "./request.ts";
import { runAfter, step } from "./step.ts";

/** One line of a plan. */
export type PlanLine =
  | { readonly kind: "write"; readonly action: Action }
  | { readonly kind: "wait"; readonly for: string; readonly detail: string };

/** What a verb will do to a ring, in order, if all goes well and nobody else changes the ring. */
export interface Plan {
  readonly ring: string;
  readonly lines: readonly PlanLine[];
  /** How it ends; `blocked` when it cannot begin, or cannot go on. */
  readonly end: Extract<Step, { kind: "done" | "blocked" }>;
}

/** A deploy of a hundred services takes about a thousand steps. More means that it would never end. */
const MAX_STEPS = 20_000;

/**
 * Works the plan out by carrying the verb's own steps out on an imagined copy of the cluster, in which every pod comes
 * up, every check passes and waiting takes no time. So the plan cannot differ from what a deploy does, and a way that
 * starts in the middle (after a crash) is planned like any other.
 */
export function planVerb(
  items: readonly KubeObject[],
  input: Omit<StepInput, "seen" | "evidence"> & { readonly request: Request; readonly run: Run },
): Plan {
  const lines: PlanLine[] = [];
  let objects: Imagined = imagine(items);
  let { run, nowMs } = input;
  let evidence: Evidence = {};
  const readings = new Readings();
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const next = step({ ...input, run, nowMs, seen: observe([...objects.values()], readings), evidence });
    if (next.kind === "done" || next.kind === "blocked") return { ring: input.ring, lines, end: next };
    if (next.kind === "act") {
      // How often the lease is renewed depends on how long the waits are.
      if (next.action.purpose !== "renew-lease") lines.push({ kind: "write", action: next.action });
      objects = predict(objects, next.action);
      run = runAfter(run, next.action);
      // What was measured before a write is not about what is after it.
      nowMs += 1;
      continue;
    }
    lines.push({ kind: "wait", for: next.for, detail: next.detail });
    evidence = { ...evidence, ...imagineEvidence(next, nowMs) };
    if (next.for === "lease" || next.for === "bake") nowMs = Math.max(nowMs, next.untilMs);
    if (next.for === "jobs" || next.for === "pods" || next.for === "endpoints") objects = settle(objects);
  }
  throw new Error(`the plan for ring ${input.ring} does not end`);
}

/** What the caller would measure, if all is well. */
function imagineEvidence(wait: Extract<Step, { kind: "wait" }>, atMs: number): Evidence {
  if (wait.release === null) return {};
  const release = wait.release.id;
  if (wait.for === "bake") return { traffic: { release, asked: {}, counted: {}, unread: [] } };
  if (wait.for !== "smoke" && wait.for !== "probe") return {};
  return { [wait.for]: { release, atMs, ok: true, detail: "" } };
}

/** The writes of a plan, as a person reads them. */
export function listWrites(plan: Plan): string[] {
  return listActions(plan).map(({ summary }) => summary);
}

function listActions(plan: Plan): Action[] {
  return plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
}

/** The report of a deploy that nobody carries out. @throws SlipwayError with it when the deploy would be refused */
export function reportDeploy(
  items: readonly KubeObject[],
  input: Omit<Parameters<typeof planVerb>[1], "run">,
  title: string,
): string {
  const plan = planVerb(items, { ...input, run: { id: "plan", actor: "plan", epoch: null } });
  const report = tellPlan(plan, `deploy ${title} to ring ${input.ring}`);
  if (plan.end.kind === "blocked") throw new SlipwayError(plan.end.code, report);
  return report;
}

/** The plan as a report: the writes numbered, between them what is waited for. */
export function tellPlan(plan: Plan, title: string): string {
  const writes = listWrites(plan);
  let number = 0;
  const width = String(writes.length).length;
  const body = plan.lines.map((line) => {
    if (line.kind === "wait") return `  ${" ".repeat(width)}  wait for ${WAITS[line.for] ?? line.for}`;
    number += 1;
    return `  ${String(number).padStart(width)}. ${line.action.summary}`;
  });
  const end = plan.end.kind === "blocked" ? plan.end.message : plan.end.report;
  const count = `${writes.length} ${writes.length === 1 ? "write" : "writes"}`;
  return [`${title}: ${count}`, ...body, end].join("\n");
}

const WAITS: Readonly<Record<string, string>> = {
  lease: "the ring to be free",
  jobs: "the job to succeed",
  pods: "all pods to be ready",
  smoke: "the check of the candidate",
  endpoints: "the traffic to reach the new pods alone",
  probe: "the check through the live Services",
  bake: "the bake to be over",
};

/**
 * Holds a deploy to its plan: it makes exactly the planned writes in their order, or it stops. Writes that take the
 * release back are the one exception, because they are what stopping safely means.
 */
export class PlanKeeper {
  readonly #writes: readonly Action[];
  readonly #ring: string;
  #at = 0;
  #back = false;

  constructor(plan: Plan) {
    this.#writes = listActions(plan);
    this.#ring = plan.ring;
  }

  /**
   * To be asked before each action. The same write again is right: its first try may have failed on a precondition.
   *
   * @throws SlipwayError `not-as-planned` when the action is not the next one of the plan.
   */
  check(action: Action): void {
    if (action.purpose === "renew-lease" || action.purpose === "release-lease") return;
    if (this.#back) return;
    const planned = this.#writes[this.#at];
    if (planned !== undefined && isSameChange(action, planned)) {
      this.#at += 1;
      return;
    }
    const last = this.#writes[this.#at - 1];
    if (last !== undefined && isSameChange(action, last)) return;
    // What serves may get more pods at any time, and then the candidate does, too.
    if (
      action.purpose === "scale" &&
      action.like !== undefined &&
      this.#writes.some((one) => isSameChange(action, one))
    )
      return;
    if (givesUp(action) || (action.purpose === "record" && action.to === "FROZEN")) {
      this.#back = true;
      return;
    }
    throw new SlipwayError("not-as-planned", {
      what: `the next write would be "${action.summary}", but the plan says "${planned?.summary ?? "nothing more"}"`,
      where: `ring ${this.#ring}, write ${this.#at + 1} of the plan (${this.#writes.length} in all)`,
      todo: "somebody changed the ring meanwhile: check status, then run the same command again for a new plan",
    });
  }
}

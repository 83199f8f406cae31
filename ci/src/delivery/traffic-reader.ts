import { askBehind } from "../cluster/ask-behind.ts";
import { ClusterError } from "../cluster/cluster-error.ts";
import { tellComplaint } from "../cluster/complaints.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import { SET_UP } from "../input/setup-file.ts";
import type { Placement } from "../rollout/head.ts";
import { podsOf } from "../rollout/health.ts";
import { listStaying } from "../rollout/release.ts";
import type { PodSeen, Snapshot } from "../rollout/snapshot.ts";
import { type Counted, type CounterRule, type Counts, countRequests, type Traffic } from "../rollout/traffic.ts";

/** By service; those without a rule are not read. */
export type CounterRules = Readonly<Record<string, CounterRule | undefined>>;

export interface TrafficReaderOptions {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly counters: CounterRules;
  readonly now: () => number;
}

/** Each pod costs a call of kubectl, and the lease has to be renewed in between. */
const PODS_A_LOOK = 12;
const REREAD_MS = 5000;

/** What one pod has counted. */
interface PodCounts {
  readonly service: string;
  readonly atMs: number;
  readonly now: Counts;
  /** Of the containers before, which took their counts with them. */
  readonly before: Counts;
  /** It has the counter. */
  readonly known: boolean;
  readonly problem: string | undefined;
}

const NOTHING: Counts = { requests: 0, failures: 0 };

/**
 * Reads what the pods of a release count, one after the other through the API server's way to pods.
 *
 * It needs no reading of before: the pods of a candidate are as young as the candidate, so that their counters, from
 * zero, are the requests since the switch and the few before it. What it remembers only makes the sum better: the counts
 * of containers that were started anew and of pods that are gone, as far as this process has seen them.
 */
export class TrafficReader {
  readonly #options: TrafficReaderOptions;
  readonly #pods = new Map<string, PodCounts>();
  #release = "";

  constructor(options: TrafficReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads the pods that were not read for a while, a handful at a time. A pod that is not ready is left alone: the
   * release's health is judged by that already.
   *
   * @throws ClusterError when the account may not.
   */
  async read(placement: Placement, seen: Snapshot): Promise<Pick<Traffic, "counted" | "unread">> {
    if (this.#release !== placement.release.id) this.#pods.clear();
    this.#release = placement.release.id;
    const { now, counters } = this.#options;
    const pods = listReadable(this.#options, placement, seen);
    const age = ({ name }: PodSeen) => now() - (this.#pods.get(name)?.atMs ?? Number.NEGATIVE_INFINITY);
    const due = pods
      .filter((pod) => age(pod) >= REREAD_MS || this.#pods.get(pod.name)?.problem !== undefined)
      .toSorted((left, right) => (age(left) === age(right) ? 0 : age(right) - age(left)))
      .slice(0, PODS_A_LOOK);
    await Promise.all(due.map((pod) => this.#readPod(pod)));
    const services = listStaying(placement.release).filter((service) => counters[service] !== undefined);
    return {
      counted: Object.fromEntries(services.map((service) => [service, this.#sum(service)])),
      unread: this.#tellUnread(pods),
    };
  }

  async #readPod(pod: PodSeen): Promise<void> {
    const last = this.#pods.get(pod.name);
    const read = await readCounters(this.#options, pod);
    const { now: counts, before, known } = last ?? { now: NOTHING, before: NOTHING, known: false };
    const rest = { service: pod.service, atMs: this.#options.now() };
    if ("problem" in read) {
      this.#pods.set(pod.name, { ...rest, now: counts, before, known, problem: read.problem });
      return;
    }
    // A counter only falls when it begins anew.
    const fell = read.requests < counts.requests || read.failures < counts.failures;
    this.#pods.set(pod.name, {
      ...rest,
      now: { requests: read.requests, failures: read.failures },
      before: fell ? add(before, counts) : before,
      known: known || read.known,
      problem: undefined,
    });
  }

  #sum(service: string): Counted {
    const pods = [...this.#pods.values()].filter((pod) => pod.service === service);
    const counts = pods.reduce((sum, pod) => add(sum, add(pod.before, pod.now)), NOTHING);
    const unknown = pods.length > 0 && pods.every(({ known, problem }) => !known && problem === undefined);
    const name = this.#options.counters[service]?.requests;
    return { ...counts, ...(unknown && name !== undefined ? { unknown: name } : {}) };
  }

  #tellUnread(pods: readonly PodSeen[]): string[] {
    const problems = pods.flatMap(({ name }) => this.#pods.get(name)?.problem ?? []);
    const waiting = pods.filter(({ name }) => !this.#pods.has(name)).length;
    return [...problems, ...(waiting === 0 ? [] : [`counters of ${waiting} pods have not been read yet`])];
  }
}

/**
 * Why the counters of a candidate cannot be read, one line a service: one pod of each is tried, for all are alike. Empty
 * when they can.
 *
 * @throws ClusterError when the account may not.
 */
export async function findUnreadable(
  options: TrafficReaderOptions,
  placement: Placement,
  seen: Snapshot,
): Promise<readonly string[] | "not asked"> {
  const readable = listReadable(options, placement, seen);
  const pods = [...new Map(readable.map((pod) => [pod.service, pod])).values()];
  const read = await Promise.all(pods.map((pod) => readCounters(options, pod)));
  const problems = read.flatMap((one) => ("problem" in one ? [one] : []));
  return problems.some(({ silent }) => silent) ? "not asked" : problems.map(({ problem }) => problem);
}

function listReadable({ counters }: TrafficReaderOptions, placement: Placement, seen: Snapshot): PodSeen[] {
  return listStaying(placement.release)
    .filter((service) => counters[service] !== undefined)
    .flatMap((service) => podsOf(seen, placement, service).filter(({ ready }) => ready));
}

async function readCounters(
  { kubectl, namespace, counters }: TrafficReaderOptions,
  { name, service }: PodSeen,
): Promise<(Counts & { readonly known: boolean }) | { readonly problem: string; readonly silent: boolean }> {
  const rule = counters[service];
  if (rule === undefined) throw new Error(`service ${service} has no counters to read`);
  const answer = await askBehind({ kubectl, namespace, target: `pods/${name}:${rule.port}`, path: rule.path });
  const fail = (what: string) => ({
    problem: `counters of pod ${name}, GET :${rule.port}${rule.path}: ${what}`,
    silent: "unasked" in answer,
  });
  if ("body" in answer) {
    const read = countRequests(answer.body, rule);
    return "problem" in read ? fail(read.problem) : read;
  }
  if ("denied" in answer) {
    throw new ClusterError("unauthorised", {
      what: `the cluster did not let Slipway read the counters of pod ${name}: ${tellComplaint(answer.denied)}`,
      where: `namespace ${namespace}, services.${service}.metrics of slipway.yaml`,
      todo: `allow the account get on pods/proxy (${SET_UP} does; slipway init writes the file), or remove metrics from slipway.yaml: then only Slipway's own requests are judged`,
    });
  }
  return fail("unasked" in answer ? answer.unasked : answer.wrong);
}

function add(left: Counts, right: Counts): Counts {
  return { requests: left.requests + right.requests, failures: left.failures + right.failures };
}

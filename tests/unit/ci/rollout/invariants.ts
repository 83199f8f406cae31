import { type Head, readHead } from "../../../../ci/src/rollout/head.ts";
import { endsAttempt, type LedgerEvent, readEvent } from "../../../../ci/src/rollout/ledger.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import type { RingPolicy } from "../../../../ci/src/rollout/policy.ts";
import { referTo } from "../../../../ci/src/rollout/release.ts";
import { type ModelCluster, specOf } from "./model-cluster.ts";
import { checkRuns, checkStarts, checkTurns, checkWorkers, tellLeft } from "./watch-jobs.ts";
import { checkReads, checkShared, listOrphans } from "./watch-reads.ts";
import { type RollingWatched, watchRolling } from "./watch-rolling.ts";

/** How often each invariant was looked at with something at stake, over all watchers. */
export const looked: Record<string, number> = {};

type Placement = NonNullable<Head["live"]>;

interface Serving {
  readonly colour: string;
  readonly template: string;
}

/**
 * Watches a ring after every write and every tick, and throws as soon as something does not hold that has to hold
 * always (delivery.md 3.3).
 */
export class Watcher {
  readonly #policy: RingPolicy;
  readonly #serving = new Map<string, Serving>();
  readonly #events = new Map<string, string>();
  readonly #epochs = new Map<string, number>();
  #live: Placement | null = null;
  /** What served before the switch under way. */
  #stable: Placement | null = null;
  #ownReads = true;
  #shared: string | undefined;
  readonly #started = new Set<string>();
  #checked = "";
  #rolling: RollingWatched | undefined;

  constructor(policy: RingPolicy) {
    this.#policy = policy;
  }

  copy(): Watcher {
    const copy = new Watcher(this.#policy);
    for (const [key, value] of this.#serving) copy.#serving.set(key, value);
    for (const [key, value] of this.#events) copy.#events.set(key, value);
    for (const [key, value] of this.#epochs) copy.#epochs.set(key, value);
    copy.#live = this.#live;
    copy.#stable = this.#stable;
    copy.#shared = this.#shared;
    for (const name of this.#started) copy.#started.add(name);
    copy.#rolling = this.#rolling;
    return copy;
  }

  /** For a test that deletes the lease. */
  forgetLease(): void {
    this.#epochs.delete("lease");
  }

  /** For a test in which a release reads what another one brought, or nothing. */
  forgetReads(): void {
    this.#ownReads = false;
  }

  readonly watch = (cluster: ModelCluster): void => {
    const head = headOf(cluster);
    const isInPlace = this.#policy.strategy === "rolling";
    if (isInPlace) this.#rolling = watchRolling(cluster, head, this.#rolling, must);
    else this.#checkTraffic(cluster, head);
    this.#checkEpochs(cluster, head);
    checkRuns(cluster, must);
    if (head === undefined) return;
    // The record and the ledger change with writes only.
    const state = JSON.stringify([
      head,
      ["Deployment", "ConfigMap", "Secret", "Job"].map((kind) =>
        cluster.list(kind).map((o) => o.metadata["resourceVersion"]),
      ),
    ]);
    if (state === this.#checked) return;
    this.#checked = state;
    if (!isInPlace) this.#checkWayBack(cluster, head);
    this.#checkLedger(cluster, head);
    this.#checkOrder(head);
    checkStarts(cluster, head, this.#started, must);
    checkTurns(cluster, head, must);
    if (!isInPlace) {
      checkWorkers(cluster, head, this.#policy.replicas, must);
      if (this.#ownReads) checkReads(cluster, head, must);
    }
    this.#shared = checkShared(cluster, head, this.#shared, must);
  };

  /** I1 and I2: who has the traffic keeps its template and its pods, and always has somebody to answer. */
  #checkTraffic(cluster: ModelCluster, head: Head | undefined): void {
    for (const service of cluster.list("Service")) {
      const { name, labels } = service.metadata;
      if (labels?.["slipway.dev/colour"] !== undefined) continue;
      const { selector } = service["spec"] as { selector?: Record<string, string> };
      if (selector === undefined) {
        must(!this.#serving.has(name), "I1", `Service ${name} has lost its selector`);
        continue;
      }
      const colour = selector["slipway.dev/colour"] ?? "";
      must(
        Object.keys(selector).length === 2 &&
          selector["app.kubernetes.io/name"] === name &&
          /^(blue|green)$/.test(colour),
        "I1",
        `Service ${name} selects ${JSON.stringify(selector)}`,
      );
      const deployment = cluster.get("Deployment", `${name}-${colour}`);
      const { replicas, template } = (deployment?.["spec"] ?? {}) as { replicas?: number; template?: unknown };
      // A service that only a release taken down had still points at where that was: nobody asks for it.
      const moving = head?.phase === "SWITCHING" || head?.phase === "BAKING" || head?.phase === "COMMITTING";
      const at = head?.live?.release.services[name] !== undefined ? head.live : moving ? head.want : null;
      if (at?.release.services[name] === undefined) {
        this.#serving.delete(name);
        continue;
      }
      const leaving = head?.phase === "ROLLBACK" && head.rollback?.to?.release.services[name] === undefined;
      if (leaving) continue;
      must((replicas ?? 0) >= this.#policy.replicas, "I1", `${name}-${colour} serves with ${replicas} pods`);
      const ready = cluster.pods().filter((pod) => pod.deployment === `${name}-${colour}` && pod.ready);
      must(ready.length > 0, "I1", `${name}-${colour} serves without a ready pod`);
      // Endpoints and proxies follow with a delay: who still gets requests may not be taken away.
      for (const reached of cluster.reached(name)) {
        const from = cluster.pods().find((pod) => pod.name === reached)?.deployment;
        const kept = from === undefined ? 0 : (specOf<{ replicas: number }>(cluster, "Deployment", from).replicas ?? 0);
        must(kept > 0, "drop", `${reached} gets requests of Service ${name} and is being scaled away`);
      }
      const before = this.#serving.get(name);
      // Who goes back has a reason to: what is up of the old colour has to do.
      const enough = head?.phase === "ROLLBACK" ? 1 : this.#policy.replicas;
      if (before !== undefined && before.colour !== colour) {
        must(ready.length >= enough, "I1", `${name} moved to ${colour} with ${ready.length} ready pods`);
        const { replicas: had = 0 } = specOf<{ replicas: number }>(cluster, "Deployment", `${name}-${before.colour}`);
        if (cluster.needs.has(name))
          must(ready.length >= had, "capacity", `${name} moved from ${had} pods to ${ready.length} that are ready`);
      }
      const text = JSON.stringify(template);
      if (before?.colour === colour)
        must(before.template === text, "I2", `the template of ${name}-${colour} changed while it serves`);
      this.#serving.set(name, { colour, template: text });
    }
  }

  /** I3 and the recorded `prev`: as long as the traffic may have to go back, there is somewhere to go, and it is written down. */
  #checkWayBack(cluster: ModelCluster, head: Head): void {
    const { phase, want, prev, rollback } = head;
    if (phase === "SWITCHING" || phase === "BAKING" || phase === "COMMITTING") {
      must(prev?.release.id === this.#stable?.release.id, "prev", `the recorded prev in ${phase} is not what was live`);
    }
    if (phase === "STABLE" || phase === "PREPARED" || phase === "STAGED") this.#stable = head.live;
    if (want !== null && head.live !== null && (phase === "PREPARED" || phase === "STAGED")) {
      for (const [service, colour] of Object.entries(head.live.colours)) {
        if (head.live.release.services[service]?.kind !== undefined) continue;
        const reached = specOf<{ selector?: Record<string, string> }>(cluster, "Service", service).selector?.[
          "slipway.dev/colour"
        ];
        must(reached === colour, "I2", `in ${phase} Service ${service} selects ${reached}, live is ${colour}`);
      }
    }
    const switched = rollback === null ? phase : rollback.from;
    for (const [service, colour] of Object.entries(prev?.colours ?? {})) {
      const kept = specOf<{ template: { spec: { containers: { image: string }[] } } }>(
        cluster,
        "Deployment",
        `${service}-${colour}`,
      ).template?.spec.containers[0]?.image;
      const said = prev === null ? undefined : referTo(prev.release, service);
      must(kept === said, "prev", `${service}-${colour} is not what prev says in ${phase}`);
    }
    const old = rollback === null ? prev : rollback.to;
    if (
      old !== null &&
      (phase === "SWITCHING" ||
        phase === "BAKING" ||
        (phase === "ROLLBACK" && (switched === "SWITCHING" || switched === "BAKING")))
    ) {
      for (const [service, colour] of Object.entries(old.colours)) {
        const { replicas = 0, template } = specOf<{
          replicas: number;
          template: { spec: { containers: { image: string }[] } };
        }>(cluster, "Deployment", `${service}-${colour}`);
        must(
          replicas >= (cluster.needs.get(service) ?? this.#policy.replicas),
          "I3",
          `the old ${service}-${colour} is scaled to ${replicas} in ${phase}`,
        );
        const image = template?.spec.containers[0]?.image;
        must(
          image === referTo(old.release, service),
          "I3",
          `the old ${service}-${colour} has another image in ${phase}`,
        );
      }
    }
  }

  /** I5: events stay, have no gap, and end each attempt once. */
  #checkLedger(cluster: ModelCluster, head: Head): void {
    const events = eventsOf(cluster);
    for (const event of events) {
      const text = JSON.stringify(event);
      const before = this.#events.get(String(event.seq));
      must(before === undefined || before === text, "I5", `event ${event.seq} was changed`);
      this.#events.set(String(event.seq), text);
    }
    must(events.length === this.#events.size, "I5", "an event has vanished");
    events.forEach((event, index) => {
      must(event.seq === index + 1, "I5", `event ${index + 1} is missing`);
    });
    must(
      head.seq === events.length || head.seq === events.length + 1,
      "I5",
      `the record is at ${head.seq}, the ledger at ${events.length}`,
    );
    let open: string | undefined;
    for (const event of events) {
      if (event.kind === "started") {
        must(open === undefined, "I5", `event ${event.seq} starts while ${open} is open`);
        open = event.release.id;
      } else if (endsAttempt(event)) {
        // A release that was committed may be rolled back later, without a new start.
        must(
          open === event.release.id || (open === undefined && event.kind === "rolled-back"),
          "I5",
          `event ${event.seq} ends what is not open`,
        );
        open = undefined;
      }
    }
  }

  /** I8: the live release only gets older by a rollback. */
  #checkOrder(head: Head): void {
    const before = this.#live;
    this.#live = head.live;
    if (before === null || head.live === null || before.release.id === head.live.release.id) return;
    const newer = Number.parseInt(head.live.release.commit, 16) >= Number.parseInt(before.release.commit, 16);
    const back = head.event?.kind === "rolled-back";
    must(newer || back, "I8", `${before.release.commit} was overwritten by the older ${head.live.release.commit}`);
  }

  /** The fence never falls. */
  #checkEpochs(cluster: ModelCluster, head: Head | undefined): void {
    const rise = (key: string, epoch: number) => {
      must(epoch >= (this.#epochs.get(key) ?? 0), "fence", `the epoch of ${key} fell to ${epoch}`);
      this.#epochs.set(key, epoch);
    };
    if (head !== undefined) rise("head", head.epoch);
    const lease = cluster.get("Lease", "slipway-deploy")?.["spec"] as { leaseTransitions: number } | undefined;
    if (lease !== undefined) rise("lease", lease.leaseTransitions);
    for (const object of [...cluster.list("Service"), ...cluster.list("Deployment")]) {
      const epoch = object.metadata.annotations?.["slipway.dev/epoch"];
      if (epoch !== undefined) rise(`${object.kind} ${object.metadata.name}`, Number(epoch));
    }
  }
}

/** Reading a record is most of the work of watching; the same text comes by again and again. */
const remembered = new Map<string, unknown>();

function remember<T>(text: string, read: () => T): T {
  if (remembered.size > 5000) remembered.clear();
  if (!remembered.has(text)) remembered.set(text, read());
  return remembered.get(text) as T;
}

export function headOf(cluster: ModelCluster): Head | undefined {
  const text = dataOf(cluster.get("ConfigMap", "slipway-head"))["head"];
  return text === undefined ? undefined : remember(text, () => readHead(text));
}

export function eventsOf(cluster: ModelCluster): LedgerEvent[] {
  return cluster
    .list("ConfigMap")
    .filter(({ metadata }) => metadata.name.startsWith("slipway-evt-"))
    .map((object) => {
      const text = dataOf(object)["event"] ?? "";
      return remember(text, () => readEvent(object.metadata.name, text));
    })
    .sort((left, right) => left.seq - right.seq);
}

/** What is left when a ring has come to rest, without what may differ: numbers, times, names of runs and the colour. */
export function endState(cluster: ModelCluster): string {
  const head = headOf(cluster);
  const live = head?.live ?? null;
  const colourOf = (service: string) =>
    (cluster.get("Service", service)?.["spec"] as { selector?: Record<string, string> })?.selector?.[
      "slipway.dev/colour"
    ];
  const pods = (service: string, own: boolean) =>
    cluster
      .list("Deployment")
      .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === service)
      .filter(({ metadata }) => (metadata.labels?.["slipway.dev/colour"] === live?.colours[service]) === own)
      .map((deployment) => (deployment["spec"] as { replicas: number }).replicas);
  const services = cluster
    .list("Service")
    .filter(({ metadata }) => metadata.labels?.["slipway.dev/colour"] === undefined)
    .map(({ metadata: { name } }) => ({
      name,
      selects: colourOf(name) === undefined ? "nothing" : colourOf(name) === live?.colours[name] ? "live" : "another",
      live: pods(name, true),
      idle: pods(name, false).filter((count) => count > 0),
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return JSON.stringify({
    phase: head?.phase,
    live: live?.release.commit ?? null,
    verified: live?.verified ?? null,
    want: head?.want ?? null,
    last: head?.event?.kind,
    orphans: listOrphans(cluster, head),
    ...tellLeft(cluster, head),
    held: cluster
      .list("HorizontalPodAutoscaler")
      .filter(({ metadata }) => metadata.annotations?.["slipway.dev/held"] !== undefined)
      .filter(({ metadata }) => metadata.labels?.["slipway.dev/colour"] === Object.values(live?.colours ?? {})[0])
      .length,
    services,
  });
}

function dataOf(object: KubeObject | undefined): Record<string, string> {
  return (object?.["data"] ?? {}) as Record<string, string>;
}

function must(holds: boolean, invariant: string, message: string): void {
  looked[invariant] = (looked[invariant] ?? 0) + 1;
  if (!holds) throw new Error(`${invariant}: ${message}`);
}

import { z } from "zod";
import { askBehind } from "../cluster/ask-behind.ts";
import { refuseAnswer } from "../cluster/cluster-error.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { Check, Evidence } from "../rollout/gate.ts";
import type { Placement } from "../rollout/head.ts";
import { liveServiceIn, ownServiceIn } from "../rollout/names.ts";
import type { KubeObject } from "../rollout/objects.ts";
import { listAnswering } from "../rollout/release.ts";
import type { Snapshot } from "../rollout/snapshot.ts";
import type { Asked } from "../rollout/traffic.ts";
import { type CounterRules, findUnreadable, TrafficReader } from "./traffic-reader.ts";

/** What a service is asked to find out whether it works, by its name: `GET` of this path must answer 2xx. */
export type ProbePaths = Readonly<Record<string, string>>;

const portSchema = z.object({
  spec: z.object({ ports: z.array(z.object({ name: z.string().optional(), port: z.number() })).min(1) }),
});

/** A candidate that has just come up may need a moment until every address of it is known. */
const TRIES = 3;
const PAUSE_MS = 1000;

/** What a service said: nothing wrong, something wrong, or nothing because the cluster could not be asked. */
type Answer = { readonly wrong: string | undefined } | { readonly unasked: string };

export interface ProberOptions {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly paths: ProbePaths;
  readonly counters: CounterRules;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The ring as it was read a moment ago. */
export interface Reading {
  readonly items: readonly KubeObject[];
  readonly seen: Snapshot;
}

/**
 * Asks a release, through the API server's own way to Services, so that nothing but kubectl is needed. During the bake
 * it counts what it asks, as evidence that the live Services answer, and reads what their pods count.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #reader: TrafficReader;
  #asked: { readonly release: string; readonly counts: Readonly<Record<string, Asked>> } | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#reader = new TrafficReader(options);
  }

  /**
   * Measures what is waited for: `smoke` at the Services of the candidate's colour, `probe` and `bake` at the live ones.
   * Before the bake empty when the cluster could not be asked; in the bake that is told for each service. Counters that cannot be read fail the candidate already, before the
   * switch, because after it nobody could say how it does.
   *
   * @throws ClusterError when the account may not ask.
   */
  async measure(what: "smoke" | "probe" | "bake", placement: Placement, reading: Reading): Promise<Evidence> {
    const { release } = placement;
    const targets = listAnswering(release).map((service) => ({
      service,
      name: what === "smoke" ? ownServiceIn(placement, service) : liveServiceIn(placement, service),
    }));
    if (what === "bake") {
      const [asked, read] = await Promise.all([
        this.#count(release.id, targets, reading.items),
        this.#reader.read(placement, reading.seen),
      ]);
      return { traffic: { release: release.id, asked, ...read } };
    }
    const failures = await this.#askUntilWell(targets, reading.items, async () =>
      what === "smoke" ? await findUnreadable(this.#options, placement, reading.seen) : [],
    );
    if (failures === "not asked") return {};
    const detail = failures.length === 0 ? "every service answered" : failures.join("; ");
    const check: Check = { release: release.id, atMs: this.#options.now(), ok: failures.length === 0, detail };
    return what === "smoke" ? { smoke: check } : { probe: check };
  }

  /** Asks each service once more. @returns what it has been asked in all. */
  async #count(
    release: string,
    targets: readonly Target[],
    items: readonly KubeObject[],
  ): Promise<Readonly<Record<string, Asked>>> {
    const answers = await Promise.all(targets.map((target) => this.#ask(target, items)));
    const counts: Record<string, Asked> = this.#asked?.release === release ? { ...this.#asked.counts } : {};
    for (const [index, { service }] of targets.entries()) {
      const answer = answers[index];
      if (answer !== undefined) counts[service] = countAnswer(counts[service], answer);
    }
    this.#asked = { release, counts };
    return counts;
  }

  /** `more` is asked once the services answer well, because it may be about what they have just been asked. */
  async #askUntilWell(
    targets: readonly Target[],
    items: readonly KubeObject[],
    more: () => Promise<readonly string[] | "not asked">,
  ): Promise<readonly string[] | "not asked"> {
    for (let tries = 1; ; tries += 1) {
      const failures: string[] = [];
      for (const answer of await Promise.all(targets.map((target) => this.#ask(target, items)))) {
        if ("unasked" in answer) return "not asked";
        if (answer.wrong !== undefined) failures.push(answer.wrong);
      }
      const found = failures.length > 0 ? failures : await more();
      if (found === "not asked" || found.length === 0 || tries === TRIES) return found;
      await this.#options.sleep(PAUSE_MS);
    }
  }

  async #ask({ service, name }: Target, items: readonly KubeObject[]): Promise<Answer> {
    const { kubectl, namespace, paths } = this.#options;
    const object = items.find(({ kind, metadata }) => kind === "Service" && metadata.name === name);
    const port = portSchema.safeParse(object).data?.spec.ports[0];
    if (port === undefined) return { wrong: `Service ${name} has no port` };
    const path = paths[service] ?? "/";
    const target = `services/http:${name}:${port.name ?? port.port}`;
    const answer = await askBehind({ kubectl, namespace, target, path });
    if ("body" in answer) return { wrong: undefined };
    if ("denied" in answer) throw refuseAnswer(answer.denied, `let Slipway ask Service ${name}`, namespace);
    const tell = (said: string) => `Service ${name}, GET ${path}: ${said}`;
    return "unasked" in answer ? { unasked: tell(answer.unasked) } : { wrong: tell(answer.wrong) };
  }
}

function countAnswer(before: Asked | undefined, answer: Answer): Asked {
  const { requests, failures, failing } = before ?? { requests: 0, failures: 0 };
  // What it said last still stands.
  if ("unasked" in answer)
    return { requests, failures, ...(failing === undefined ? {} : { failing }), unasked: answer.unasked };
  if (answer.wrong === undefined) return { requests: requests + 1, failures };
  const inARow = (failing?.inARow ?? 0) + 1;
  return { requests: requests + 1, failures: failures + 1, failing: { inARow, said: answer.wrong } };
}

interface Target {
  readonly service: string;
  /** Of the Service that is asked. */
  readonly name: string;
}

import { z } from "zod";
import type { Check, Evidence } from "../rollout/gate.ts";
import type { Placement } from "../rollout/head.ts";
import { colourIn } from "../rollout/health.ts";
import { deploymentName, type KubeObject } from "../rollout/objects.ts";
import { listServices } from "../rollout/release.ts";
import { refuseAnswer } from "./cluster-error.ts";
import { judgeAnswer, type Kubectl, tellComplaint } from "./kubectl.ts";
import { REQUEST_TIMEOUT } from "./ring-reading.ts";

/** What a service is asked to find out whether it works, by its name: `GET` of this path must answer 2xx. */
export type ProbePaths = Readonly<Record<string, string>>;

const portSchema = z.object({
  spec: z.object({ ports: z.array(z.object({ name: z.string().optional(), port: z.number() })).min(1) }),
});

/** A candidate that has just come up may need a moment until every address of it is known. */
const TRIES = 3;
const PAUSE_MS = 1000;

/** What a service said: nothing wrong, something wrong, or nothing because the cluster could not be asked. */
type Answer = { readonly wrong: string | undefined } | "not asked";

export interface ProberOptions {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly paths: ProbePaths;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Asks a release, through the API server's own way to Services, so that nothing but kubectl is needed. It counts what
 * it asks during the bake, as evidence that the live Services answer.
 */
export class Prober {
  readonly #options: ProberOptions;
  #traffic: { readonly release: string; readonly requests: number; readonly failures: number } | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /**
   * Measures what is waited for: `smoke` at the Services of the candidate's colour, `probe` and `bake` at the live ones.
   * Empty when the cluster could not be asked.
   *
   * @throws ClusterError when the account may not ask.
   */
  async measure(
    what: "smoke" | "probe" | "bake",
    placement: Placement,
    items: readonly KubeObject[],
  ): Promise<Evidence> {
    const { release } = placement;
    const targets = listServices(release).map((service) => ({
      service,
      name: what === "smoke" ? deploymentName(service, colourIn(placement, service)) : service,
    }));
    if (what === "bake") {
      const counted = this.#traffic?.release === release.id ? this.#traffic : undefined;
      const answers = await Promise.all(targets.map((target) => this.#ask(target, items)));
      const asked = answers.flatMap((answer) => (answer === "not asked" ? [] : [answer]));
      this.#traffic = {
        release: release.id,
        requests: (counted?.requests ?? 0) + asked.length,
        failures: (counted?.failures ?? 0) + asked.filter(({ wrong }) => wrong !== undefined).length,
      };
      return this.#traffic.requests === 0 ? {} : { traffic: this.#traffic };
    }
    const failures = await this.#askUntilWell(targets, items);
    if (failures === "not asked") return {};
    const detail = failures.length === 0 ? "every service answered" : failures.join("; ");
    const check: Check = { release: release.id, atMs: this.#options.now(), ok: failures.length === 0, detail };
    return what === "smoke" ? { smoke: check } : { probe: check };
  }

  async #askUntilWell(targets: readonly Target[], items: readonly KubeObject[]): Promise<string[] | "not asked"> {
    for (let tries = 1; ; tries += 1) {
      const failures: string[] = [];
      for (const answer of await Promise.all(targets.map((target) => this.#ask(target, items)))) {
        if (answer === "not asked") return answer;
        if (answer.wrong !== undefined) failures.push(answer.wrong);
      }
      if (failures.length === 0 || tries === TRIES) return failures;
      await this.#options.sleep(PAUSE_MS);
    }
  }

  async #ask({ service, name }: Target, items: readonly KubeObject[]): Promise<Answer> {
    const { kubectl, namespace, paths } = this.#options;
    const object = items.find(({ kind, metadata }) => kind === "Service" && metadata.name === name);
    const port = portSchema.safeParse(object).data?.spec.ports[0];
    if (port === undefined) return { wrong: `Service ${name} has no port` };
    const path = paths[service] ?? "/";
    const where = `/api/v1/namespaces/${namespace}/services/http:${name}:${port.name ?? port.port}/proxy${path}`;
    const answer = await kubectl.run(["get", `--raw=${where}`, REQUEST_TIMEOUT]);
    const outcome = judgeAnswer(answer);
    if (outcome === "done") return { wrong: undefined };
    if (outcome === "unreachable") return "not asked";
    // The service's own 401 and 403 come the same way, but then the account may do it.
    if (outcome === "unauthorised" && answer.stderr.includes("services/proxy"))
      throw refuseAnswer(answer, `let Slipway ask Service ${name}`, namespace);
    return { wrong: `Service ${name}, GET ${path}: ${tellComplaint(answer)}` };
  }
}

interface Target {
  readonly service: string;
  /** Of the Service that is asked. */
  readonly name: string;
}

import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Cluster } from "../cluster/cluster.ts";
import type { Sample } from "../pictures/release-record.ts";

const EVERY_MS = 250;
const SERVICE = "greeter";

const listSchema = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string() }),
      data: z.record(z.string(), z.string()).optional(),
      spec: z.object({ selector: z.record(z.string(), z.unknown()).optional() }).optional(),
      status: z.object({ readyReplicas: z.number().optional() }).optional(),
    }),
  ),
});

/** Looks at a ring again and again, and sends a request through its live Service each time, until it is stopped. */
export class RingRecord {
  readonly #begun = Date.now();
  readonly #samples: Sample[] = [];
  readonly #ended: Promise<void>;
  #isOver = false;

  constructor(
    readonly cluster: Cluster,
    readonly ring: string,
  ) {
    this.#ended = this.#look();
  }

  /** Writes what was seen, as a record for tests/pictures. */
  async write(path: string): Promise<void> {
    this.#isOver = true;
    await this.#ended;
    const record = { startedAt: new Date(this.#begun).toISOString(), samples: this.#samples };
    writeFileSync(path, `${JSON.stringify(record)}\n`);
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const atMs = Date.now() - this.#begun;
      const [ring, answered] = await Promise.all([this.#readRing(), this.#ask()]);
      this.#samples.push({ atMs, ...ring, answered: ring.live === "" ? null : answered });
      await delay(EVERY_MS);
    }
  }

  async #ask(): Promise<boolean> {
    const path = `/api/v1/namespaces/${this.ring}/services/${SERVICE}:3000/proxy/?name=Ada`;
    const { exitCode, stdout } = await this.cluster.kubectl(["get", "--raw", path]);
    return exitCode === 0 && stdout.includes("Ada");
  }

  async #readRing(): Promise<Omit<Sample, "atMs" | "answered">> {
    const inRing = [`--namespace=${this.ring}`, "get", "configmap,service,deployment", "-o", "json"];
    const { stdout } = await this.cluster.kubectl(inRing);
    const { items } = stdout === "" ? { items: [] } : listSchema.parse(JSON.parse(stdout));
    const named = (kind: string, name: string) =>
      items.find((item) => item.kind === kind && item.metadata.name === name);
    const ready = (colour: string) => named("Deployment", `${SERVICE}-${colour}`)?.status?.readyReplicas ?? 0;
    const head = named("ConfigMap", "slipway-head")?.data?.["head"];
    const { phase = "" } = head === undefined ? {} : (JSON.parse(head) as { readonly phase?: string });
    const live = named("Service", SERVICE)?.spec?.selector?.["slipway.dev/colour"];
    return { phase, live: typeof live === "string" ? live : "", blue: ready("blue"), green: ready("green") };
  }
}

/** Two rings in clusters of their own, and who speaks to them. */
import * as assert from "uvu/assert";
import { SlipwayError } from "../../../../ci/src/account.ts";
import type { Kubectl, KubectlAnswer } from "../../../../ci/src/cluster/kubectl.ts";
import type { Delivery } from "../../../../ci/src/delivery/delivery.ts";
import { deploy } from "../../../../ci/src/delivery/verbs.ts";
import type { Release } from "../../../../ci/src/rollout/release.ts";
import { settingsOf } from "../config/found.ts";
import { manifestObjects, releaseOf } from "../rollout/fixtures.ts";
import { ModelCluster } from "../rollout/model-cluster.ts";
import { ModelKubectl } from "./model-kubectl.ts";

export const RULES = "deadlineSeconds: 60, bakeSeconds: 20, crashLimit: 3";

/** Two services, and these rings. */
export function settingsWith(...rings: readonly string[]): Delivery["settings"] {
  return settingsOf(
    {},
    `
product: flights
services:
  ingest: { port: 8080, build: { image: registry.example.org/ingest:1 } }
  processor: { port: 8081, build: { image: registry.example.org/processor:1 } }
rings:
  ${rings.join("\n  ")}
`,
  );
}

const SETTINGS = settingsWith(`canary: { ${RULES} }`, `production: { ${RULES}, after: canary }`);

export const NOTHING = { approvals: undefined, reason: undefined };
const WHO = JSON.stringify({ status: { userInfo: { username: "ada" } } });
const FORBIDDEN: KubectlAnswer = {
  exitCode: 1,
  stdout: "",
  stderr: 'Error from server (Forbidden): services is forbidden: User "ada" cannot list resource "services"',
};

/** Two rings in clusters of their own, and who speaks to them. */
export class World {
  readonly calls: string[] = [];
  /** Rings that the account may not read. */
  readonly closed = new Set<string>();
  /** What the registry says of every image. */
  hanging: Awaited<ReturnType<Delivery["referrers"]["read"]>> = { found: [] };
  /** What the manifests in the repository are of. */
  release: Release = releaseOf(1);

  /** @param clusters by namespace */
  constructor(
    readonly clusters: Readonly<Record<string, ModelCluster>> = {
      canary: new ModelCluster(),
      production: new ModelCluster(),
    },
    readonly settings: Delivery["settings"] = SETTINGS,
  ) {}

  delivery(): Delivery {
    const spoken = new Map(Object.entries(this.clusters).map(([ring, cluster]) => [ring, new ModelKubectl(cluster)]));
    const kubectl: Kubectl = {
      run: async (args, stdin) => {
        this.calls.push(args.join(" "));
        if (args[0] === "auth") return { exitCode: 0, stdout: WHO, stderr: "" };
        const ring = /(?:--namespace=|namespaces\/)([^\s/]+)/.exec(args.join(" "))?.[1] ?? "canary";
        if (this.closed.has(ring)) return FORBIDDEN;
        return (await spoken.get(ring)?.run(args, stdin)) ?? FORBIDDEN;
      },
    };
    return {
      settings: this.settings,
      kubectl,
      commits: {
        findAncestors: async (commit, candidates) => candidates.filter((one) => one <= commit),
        readFile: async () => undefined,
      },
      referrers: { read: async () => this.hanging },
      render: async () =>
        manifestObjects(this.release)
          .map((object) => JSON.stringify(object))
          .join("\n---\n"),
      now: () => Object.values(this.clusters)[0]?.nowMs ?? 0,
      sleep: async (ms) => {
        for (const cluster of Object.values(this.clusters)) cluster.tick(ms);
      },
      say: () => undefined,
    };
  }

  /** Deploys a release with the manifests of its commit. */
  async deploy(release: Release, ring = "canary"): Promise<string> {
    this.release = release;
    return await deploy(this.delivery(), ring, JSON.stringify(release), NOTHING);
  }
}

export async function refusalOf(verb: Promise<string>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await verb;
  } catch (error) {
    assert.instance(error, SlipwayError);
    if (error instanceof SlipwayError) return error;
  }
  throw new Error("it was not refused");
}

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameRelease, type Release } from "../../ci/src/rollout/release.ts";
import { accessTo, callSlipway } from "./call-slipway.ts";
import type { Cluster } from "./cluster.ts";
import { type CommandResult, readCommand } from "./command.ts";
import { describeWorkload, pushWorkload } from "./workload-release.ts";

/** The rings of the repository are namespaces of the cluster. */
export interface Rings {
  readonly canary: string;
  readonly production: string;
}

const SERVICES = ["front", "back"];

export interface ReleaseOptions {
  /** The images are not in the registry. */
  readonly missing?: boolean;
  /** What the images do; `serve` by default (workload/main.go). */
  readonly cmd?: readonly string[];
}

/**
 * A user's repository of two small services, with Slipway's module in it, whose releases are images of the cluster's
 * registry. It lies in a folder of its own.
 */
export class DeliveredRepository {
  /** What is not in the repository: release files, the cluster's certificate authority. */
  readonly files = mkdtempSync(join(tmpdir(), "slipway-delivery-"));
  readonly folder = join(this.files, "repository");
  readonly #cluster: Cluster;
  readonly #rings: Rings;
  #releases = 0;

  private constructor(cluster: Cluster, rings: Rings) {
    this.#cluster = cluster;
    this.#rings = rings;
  }

  static async make(cluster: Cluster, rings: Rings): Promise<DeliveredRepository> {
    const repository = new DeliveredRepository(cluster, rings);
    repository.#write();
    await repository.#git("init", "--quiet", "--initial-branch=main");
    await repository.#addApprover();
    return repository;
  }

  /** Runs `./slipway call` in the repository, in the cluster's network. When `killed` is aborted, so is it. */
  call(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    killed?: AbortSignal,
  ): Promise<CommandResult> {
    const kill = killed === undefined ? {} : { killed };
    return callSlipway(this.#cluster, args, { folder: this.folder, env, ...kill });
  }

  get access(): readonly string[] {
    return accessTo(this.#cluster, join(this.files, "ca.crt"));
  }

  /** A commit and its release. @returns the file. */
  async release(options: ReleaseOptions = {}): Promise<{ readonly file: string; readonly release: Release }> {
    this.#releases += 1;
    const number = this.#releases;
    writeFileSync(join(this.folder, "number"), `${number}\n`);
    await this.#git("add", "--all");
    const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    await this.#git(...who, "commit", "--quiet", `--message=release ${number}`);
    const [commit = "", time = ""] = (await this.#git("log", "-1", "--format=%H %cI")).trim().split(" ");
    const image = options.missing
      ? { name: `${this.#cluster.registry}/workload`, digest: `sha256:${"0".repeat(63)}${number}` }
      : await pushWorkload(this.#cluster, number, options.cmd);
    const services = Object.fromEntries(SERVICES.map((name) => [name, image]));
    const commitTime = new Date(time).toISOString();
    const release = nameRelease({ commit, commitTime, author: "ada@example.org", services });
    const file = join(this.files, `release-${number}.json`);
    writeFileSync(file, `${JSON.stringify(release, null, 2)}\n`);
    return { file, release };
  }

  /** Signs as `approve` has told in its report. @returns the file with the approval. */
  async sign(report: string): Promise<string> {
    const command = report.trimEnd().split("\n").at(-1) ?? "";
    await readCommand(["sh", "-c", command.replace("~/.ssh/id_ed25519", join(this.files, "bob"))], { cwd: this.files });
    const file = />> (\S+)$/.exec(command)?.[1] ?? "";
    return join(this.files, file);
  }

  close(): void {
    rmSync(this.files, { recursive: true, force: true });
  }

  async #git(...args: string[]): Promise<string> {
    return await readCommand(["git", ...args], { cwd: this.folder });
  }

  /** Bob, whose key is beside the repository, may approve. */
  async #addApprover(): Promise<void> {
    const key = join(this.files, "bob");
    await readCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bob", "-f", key]);
    mkdirSync(join(this.folder, ".slipway"));
    const line = `bob@example.org namespaces="slipway-approval@v1" ${readFileSync(`${key}.pub`, "utf8")}`;
    writeFileSync(join(this.folder, ".slipway/allowed_signers"), line);
  }

  #write(): void {
    const { canary, production } = this.#rings;
    const at = (path: string) => join(this.folder, path);
    mkdirSync(this.folder);
    cpSync("ci", at("ci"), { recursive: true, filter: (path) => !/(node_modules|sdk)$/.test(path) });
    cpSync("dagger.json", at("dagger.json"));
    writeFileSync(join(this.files, "ca.crt"), this.#cluster.ca);
    const image = `${this.#cluster.registry}/workload`;
    const services = SERVICES.map((name) => `  ${name}: { port: 8080, build: { image: "${image}" } }`);
    const policy = "bakeSeconds: 2, deadlineSeconds: 60, leaseSeconds: 15, gate: { minRequests: 2 }";
    const lines = [
      ...["product: sample", "services:", ...services],
      "rings:",
      `  ${canary}: { ${policy} }`,
      `  ${production}: { after: ${canary}, ${policy}, approvals: { quorum: 1 } }`,
    ];
    writeFileSync(at("slipway.yaml"), `${lines.join("\n")}\n`);
    mkdirSync(at("manifests/base"), { recursive: true });
    const items = SERVICES.flatMap((name) => describeWorkload(name));
    writeFileSync(at("manifests/base/services.yaml"), items.map((item) => `${JSON.stringify(item)}\n`).join("---\n"));
    writeKustomization(at("manifests/base"), { resources: ["services.yaml"] });
    for (const ring of [canary, production]) {
      mkdirSync(at(`manifests/${ring}`));
      writeKustomization(at(`manifests/${ring}`), { namespace: ring, resources: ["../base"] });
    }
  }
}

function writeKustomization(folder: string, content: object): void {
  const kind = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };
  writeFileSync(join(folder, "kustomization.yaml"), JSON.stringify({ ...kind, ...content }));
}

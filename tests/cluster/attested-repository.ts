import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Release, readRelease } from "../../ci/src/rollout/release.ts";
import { writeFiles } from "../support/write-files.ts";
import { accessTo, callSlipway } from "./call-slipway.ts";
import type { Cluster } from "./cluster.ts";
import { type CommandResult, readCommand } from "./command.ts";
import { locateTools } from "./tools.ts";
import { describeWorkload, unpackWorkload } from "./workload-release.ts";

const CALL_LIMIT_MS = 600_000;

/** A user's repository of one service, whose rings take only what CI has signed. It lies in a folder of its own. */
export class AttestedRepository {
  /** What is not in the repository: keys, release files, the cluster's certificate authority. */
  readonly files = mkdtempSync(join(tmpdir(), "slipway-attested-"));
  readonly folder = join(this.files, "repository");
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param rings namespaces of the cluster */
  static async make(cluster: Cluster, rings: readonly string[]): Promise<AttestedRepository> {
    const repository = new AttestedRepository(cluster);
    const { files, folder } = repository;
    const key = (name: string) => ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(files, name)];
    for (const name of ["ci", "mallory"]) await readCommand(key(name));
    mkdirSync(folder);
    cpSync("ci", join(folder, "ci"), { recursive: true, filter: (path) => !/(node_modules|sdk)$/.test(path) });
    cpSync("dagger.json", join(folder, "dagger.json"));
    writeFileSync(join(files, "ca.crt"), cluster.ca);
    const service = join(folder, "front");
    mkdirSync(service);
    await unpackWorkload(locateTools().workloadImage, service);
    const demand = 'attestations: { provenance: signed, sbom: signed, signers: ["ci@acme.example"] }';
    const policy = `bakeSeconds: 2, deadlineSeconds: 60, leaseSeconds: 15, gate: { minRequests: 2 }, ${demand}`;
    writeFiles(folder, {
      "front/Dockerfile": 'FROM scratch\nCOPY workload /workload\nUSER 65532\nENTRYPOINT ["/workload", "serve"]\n',
      "slipway.yaml": [
        "product: sample",
        "services: { front: { path: front, port: 8080 } }",
        "images: { attestations: required }",
        "rings:",
        ...rings.map((ring) => `  ${ring}: { ${policy} }`),
        "",
      ].join("\n"),
      ".slipway/allowed_signers": `ci@acme.example namespaces="slipway-attestation@v1" ${readFileSync(join(files, "ci.pub"), "utf8")}`,
      "manifests/base/front.yaml": describeWorkload("front")
        .map((item) => `${JSON.stringify(item)}\n`)
        .join("---\n"),
      "manifests/base/kustomization.yaml": kustomization({ resources: ["front.yaml"] }),
      ...Object.fromEntries(
        rings.map((ring) => [
          `manifests/${ring}/kustomization.yaml`,
          kustomization({ namespace: ring, resources: ["../base"] }),
        ]),
      ),
    });
    const git = (...args: string[]) => readCommand(["git", ...args], { cwd: folder });
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", "--all");
    await git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--message=first");
    return repository;
  }

  /** Builds, publishes and attests what is committed. @returns the file for `deploy` */
  async release(
    registry: string,
    signer: "ci" | "mallory" | undefined,
  ): Promise<{ readonly file: string; readonly release: Release }> {
    const file = join(this.files, "release.json");
    const env = signer === undefined ? {} : { KEY: readFileSync(join(this.files, signer), "utf8") };
    const args = [
      ...before(registry),
      ...(signer === undefined ? [] : ["--signing-key=env:KEY"]),
      ...["release", "--registry", `${registry}/shop`, "export", "--path", file],
    ];
    const { exitCode, stderr } = await callSlipway(this.#cluster, args, {
      folder: this.folder,
      env,
      limitMs: CALL_LIMIT_MS,
    });
    if (exitCode !== 0) throw new Error(`it could not be published: ${stderr.slice(-2_000)}`);
    return { file, release: readRelease(readFileSync(file, "utf8")) };
  }

  /** Runs a verb of `./slipway call`. */
  async call(registry: string, ...args: readonly string[]): Promise<CommandResult> {
    const access = accessTo(this.#cluster, join(this.files, "ca.crt"));
    const all = [...before(registry), ...access, ...args];
    return await callSlipway(this.#cluster, all, { folder: this.folder, limitMs: CALL_LIMIT_MS });
  }

  close(): void {
    rmSync(this.files, { recursive: true, force: true });
  }
}

/** Containers do not see a registry on the loopback of the network that they are called in. */
function before(registry: string): readonly string[] {
  return [`--registry-service=tcp://${registry}`];
}

function kustomization(content: object): string {
  return JSON.stringify({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", ...content });
}

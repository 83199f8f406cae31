import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { type Release, readRelease } from "../../ci/src/rollout/release.ts";
import { accessTo, callSlipway } from "./call-slipway.ts";
import type { Cluster } from "./cluster.ts";
import { type CommandResult, readCommand } from "./command.ts";

/** Rules for the rings of a test, in place of those in slipway.yaml. */
export type RingRules = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A clone of this repository in a folder of its own, to change and to deliver. */
export class ProductRepository {
  /** What is not in the repository: release files, the cluster's certificate authority. */
  readonly files = mkdtempSync(join(tmpdir(), "slipway-product-"));
  readonly folder = join(this.files, "repository");
  readonly #cluster: Cluster;
  #releases = 0;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  static async clone(cluster: Cluster, rules: RingRules): Promise<ProductRepository> {
    const repository = new ProductRepository(cluster);
    await readCommand(["git", "clone", "--quiet", process.cwd(), repository.folder]);
    writeFileSync(join(repository.files, "ca.crt"), cluster.ca);
    await repository.commit("rules of the rings for a test", "slipway.yaml", (text) => {
      const document = parseDocument(text);
      for (const [ring, changed] of Object.entries(rules))
        for (const [name, value] of Object.entries(changed)) document.setIn(["rings", ring, name], value);
      return String(document);
    });
    return repository;
  }

  /** Changes a file. @throws Error when nothing changed: then the test would not test what it says. */
  async commit(message: string, path: string, edit: (text: string) => string): Promise<void> {
    const file = join(this.folder, path);
    const before = readFileSync(file, "utf8");
    const after = edit(before);
    if (after === before) throw new Error(`${path} was not changed: ${message}`);
    writeFileSync(file, after);
    const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    await readCommand(["git", ...who, "commit", "--quiet", "--all", `--message=${message}`], { cwd: this.folder });
  }

  /** Runs `./slipway call` in the repository with the token of an account. */
  async call(args: readonly string[], token: string): Promise<CommandResult> {
    return await callSlipway(this.#cluster, args, { folder: this.folder, token, limitMs: 600_000 });
  }

  get access(): readonly string[] {
    return accessTo(this.#cluster, join(this.files, "ca.crt"));
  }

  /** Builds and publishes what is committed. @returns the file for `deploy`. */
  async release(): Promise<{ readonly file: string; readonly release: Release }> {
    this.#releases += 1;
    const file = join(this.files, `release-${this.#releases}.json`);
    const args = ["release", "--registry", `${this.#cluster.registry}/slipway`, "export", "--path", file];
    const { exitCode, stderr } = await callSlipway(this.#cluster, args, { folder: this.folder, limitMs: 600_000 });
    if (exitCode !== 0) throw new Error(`the product could not be published: ${stderr.slice(-2_000)}`);
    return { file, release: readRelease(readFileSync(file, "utf8")) };
  }

  close(): void {
    rmSync(this.files, { recursive: true, force: true });
  }
}

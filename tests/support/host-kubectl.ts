import { type Kubectl, type KubectlAnswer, limitTime, tellLate } from "../../ci/src/cluster/kubectl.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** The port's adapter for tests: the cluster's kubectl as a process of the host. */
export class HostKubectl implements Kubectl {
  readonly #cluster: Cluster;
  readonly #access: Pick<Cluster, "kubeconfigPath" | "token">;

  /** As administrator, or with another kubeconfig and the token that is in it. */
  constructor(cluster: Cluster, access: Pick<Cluster, "kubeconfigPath" | "token"> = cluster) {
    this.#cluster = cluster;
    this.#access = access;
  }

  async run(args: readonly string[], stdin?: string, limitS?: number): Promise<KubectlAnswer> {
    const program = [this.#cluster.kubectlProgram, `--kubeconfig=${this.#access.kubeconfigPath}`];
    const kubectl = limitTime([...program, ...args], limitS);
    // Node gives a child a socket for its input, and Linux opens no socket by the name /dev/stdin.
    const argv = stdin === undefined ? kubectl : ["sh", "-c", 'cat | "$@"', "sh", ...kubectl];
    const { exitCode, stdout, stderr } = await this.#cluster.exec(argv, stdin === undefined ? {} : { input: stdin });
    return tellLate({ exitCode, stdout: this.#hideToken(stdout), stderr: this.#hideToken(stderr) }, limitS);
  }

  /** As engines do. */
  #hideToken(text: string): string {
    const { token } = this.#access;
    return token === "" ? text : text.replaceAll(token, "***");
  }
}

/** What a process that was killed does not live to see. */
export class KilledError extends Error {
  override readonly name = "KilledError";
}

const WRITES = new Set(["create", "apply", "patch", "delete"]);

/** Whether kubectl changes something when called so. */
export const isWrite = ([verb]: readonly string[]) => verb !== undefined && WRITES.has(verb);

/**
 * Behaves as if the process died at one of its writes: before kubectl is started, or after the cluster has taken the
 * write and before anybody hears of it. Nothing is run afterwards.
 */
export class DyingKubectl implements Kubectl {
  readonly #inner: Kubectl;
  readonly #write: number;
  readonly #when: "before" | "after";
  #writes = 0;
  #dead = false;
  /** The write at which it died. */
  diedAt: string | undefined;

  constructor(inner: Kubectl, write: number, when: "before" | "after") {
    this.#inner = inner;
    this.#write = write;
    this.#when = when;
  }

  async run(args: readonly string[], stdin?: string, limitS?: number): Promise<KubectlAnswer> {
    if (this.#dead) throw new KilledError("killed");
    if (!isWrite(args)) return await this.#inner.run(args, stdin, limitS);
    this.#writes += 1;
    const dies = this.#writes === this.#write;
    if (dies && this.#when === "before") this.#die(args);
    const answer = await this.#inner.run(args, stdin, limitS);
    if (dies) this.#die(args);
    return answer;
  }

  #die(args: readonly string[]): never {
    this.#dead = true;
    this.diedAt = args.slice(0, 2).join(" ");
    throw new KilledError("killed");
  }
}

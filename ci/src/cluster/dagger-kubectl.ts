import { randomUUID } from "node:crypto";
import { type Container, dag, type File, ReturnType, type Secret, type Service } from "@dagger.io/dagger";
import { SlipwayError } from "../account.ts";
import { requireSecret } from "../input/given-secret.ts";
import { images } from "../tool-images.ts";
import { type Kubectl, type KubectlAnswer, limitTime, tellLate } from "./kubectl.ts";

/** How to reach a cluster, as the person gives it: a kubeconfig, or the parts of one. */
export interface Access {
  readonly kubeconfig: Secret | undefined;
  /** `https://HOST:PORT` */
  readonly server: string | undefined;
  readonly token: Secret | undefined;
  readonly certificateAuthority: File | undefined;
  /** The API server on the caller's own machine. */
  readonly cluster: Service | undefined;
}

const FOLDER = "/run/slipway";
/** The official image of kubectl, as a folder: it holds the program and certificate authorities, and no shell. */
const IMAGE = "/opt/kubectl";
const KUBECTL = "/usr/local/bin/kubectl";
/** kubectl with the options that say which cluster, its output in files: it would fill the progress with thousands of lines. */
const QUIET_KUBECTL = `${FOLDER}/kubectl`;
const ANSWER = "/tmp/answer";
const COMPLAINT = "/tmp/complaint";
/** The name of a bound cluster in kubectl's container. */
const ALIAS = "cluster";
/** A name that the certificate of every API server holds, whatever address it is reached by. */
const NAME_IN_CERTIFICATE = "kubernetes.default.svc";

/** kubectl out of its official image, in a container that has a shell. */
export class DaggerKubectl implements Kubectl {
  readonly #container: Container;
  /** Empty: none that is known apart from a kubeconfig. */
  readonly #token: string;
  readonly #run = randomUUID();
  #calls = 0;

  private constructor(container: Container, options: readonly string[], token = "") {
    const script = `#!/bin/sh\nexec ${KUBECTL} ${options.join(" ")} "$@" >${ANSWER} 2>${COMPLAINT}\n`;
    this.#container = container.withNewFile(QUIET_KUBECTL, script, { permissions: 0o755 });
    this.#token = token;
  }

  /** @throws SlipwayError `bad-arguments` when the access is not complete, says two things, or cannot be read. */
  static async connect(access: Access): Promise<DaggerKubectl> {
    const problem = findProblem(access);
    if (problem !== undefined) throw problem;
    const { kubeconfig, server, token, certificateAuthority, cluster } = access;
    await Promise.all([requireSecret("--kubeconfig", kubeconfig), requireSecret("--token", token)]);
    let container = openKubectl();
    const options = [`--kubeconfig=${FOLDER}/kubeconfig`];
    let address = server;
    if (cluster !== undefined) {
      container = container.withServiceBinding(ALIAS, cluster);
      // The port is all that is wanted of it: the real engine tells the ports of such a service only while it runs.
      const port = (await cluster.endpoint()).split(":").at(-1);
      address = `https://${ALIAS}:${port}`;
      options.push(`--server=${address}`, `--tls-server-name=${NAME_IN_CERTIFICATE}`);
    }
    if (kubeconfig !== undefined) {
      return new DaggerKubectl(container.withMountedSecret(`${FOLDER}/kubeconfig`, kubeconfig), options);
    }
    // The token stays in a file of its own: engines hide a secret in output only as a whole.
    if (token !== undefined) container = container.withMountedSecret(`${FOLDER}/token`, token);
    if (certificateAuthority !== undefined)
      container = container.withMountedFile(`${FOLDER}/ca.crt`, certificateAuthority);
    const config = writeKubeconfig(address ?? "", certificateAuthority !== undefined);
    const written = container.withNewFile(`${FOLDER}/kubeconfig`, config);
    return new DaggerKubectl(written, options, (await token?.plaintext())?.trim());
  }

  async run(args: readonly string[], stdin?: string, limitS?: number): Promise<KubectlAnswer> {
    this.#calls += 1;
    const exec = this.#container
      // An engine runs what it has run before only when something differs, and a cluster differs all the time.
      .withEnvVariable("SLIPWAY_CALL", `${this.#run} ${this.#calls}`)
      .withExec(limitTime([QUIET_KUBECTL, ...args], limitS), {
        expect: ReturnType.Any,
        ...(stdin === undefined ? {} : { stdin }),
      });
    const exitCode = await exec.exitCode();
    const [stdout, stderr] = await Promise.all([exec.file(ANSWER).contents(), exec.file(COMPLAINT).contents()]);
    return tellLate({ exitCode, stdout: this.#hideToken(stdout), stderr: this.#hideToken(stderr) }, limitS);
  }

  /** An engine hides a secret in output, but not in a file. */
  #hideToken(text: string): string {
    return this.#token === "" ? text : text.replaceAll(this.#token, "***");
  }
}

function openKubectl(): Container {
  const image = dag.container().from(images.kubectl);
  const certificates = "/etc/ssl/certs";
  return (
    dag
      .container()
      .from(images.debian)
      .withMountedFile(KUBECTL, image.file("/bin/kubectl"))
      .withMountedDirectory(IMAGE, image.rootfs(), { readOnly: true })
      // Where a kubeconfig names no certificate authority; this Debian has none.
      .withEnvVariable("SSL_CERT_DIR", `${certificates}:${IMAGE}${certificates}`)
  );
}

function findProblem({ kubeconfig, server, token, certificateAuthority, cluster }: Access): Error | undefined {
  const refuse = (what: string, todo: string) =>
    new SlipwayError("bad-arguments", { what, where: "the arguments that name the cluster", todo });
  const parts = [
    ...(token === undefined ? [] : ["--token"]),
    ...(certificateAuthority === undefined ? [] : ["--certificate-authority"]),
  ];
  if (kubeconfig !== undefined) {
    const extra = [...(server === undefined ? [] : ["--server"]), ...parts];
    if (extra.length === 0) return undefined;
    return refuse(`--kubeconfig is given together with ${extra.join(", ")}`, "give either the kubeconfig or its parts");
  }
  if (token === undefined)
    return refuse(
      "no cluster is given, and no account for it",
      "give before the verb --kubeconfig file:PATH, or --server https://HOST:PORT --token env:VARIABLE --certificate-authority PATH; or write it once into .env: SLIPWAY_KUBECONFIG=file:PATH",
    );
  if (server === undefined && cluster === undefined)
    return refuse("--token is given without the cluster's address", "give --server https://HOST:PORT as well");
  if (server !== undefined && cluster !== undefined)
    return refuse("--server and --cluster both say where the cluster is", "give one of them");
  if (server !== undefined && !/^https:\/\/[^/\s]+\/?$/.test(server))
    return refuse(`--server is ${JSON.stringify(server)}`, "write it as https://HOST:PORT");
  return undefined;
}

/** A kubeconfig without anything secret in it. */
function writeKubeconfig(server: string, hasAuthority: boolean): string {
  const cluster = { server, ...(hasAuthority ? { "certificate-authority": `${FOLDER}/ca.crt` } : {}) };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "ring", cluster }],
    users: [{ name: "deployer", user: { tokenFile: `${FOLDER}/token` } }],
    contexts: [{ name: "ring", context: { cluster: "ring", user: "deployer" } }],
    "current-context": "ring",
  });
}

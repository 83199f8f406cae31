import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCommand, runCommand } from "./command.ts";
import { tellKubeconfig } from "./kubeconfig.ts";
import { type Namespaces, NODE_ADDRESS } from "./namespaces.ts";
import { Part } from "./part.ts";
import type { Tools } from "./tools.ts";

/**
 * The API server's own Service. Containers of the embedded engine reach the API server here: it belongs to no interface,
 * and to the addresses of their host's interfaces the engine lets nobody.
 */
export const SERVICE_ADDRESS = "10.96.0.1";

const port = 6443;

export interface ControlPlane {
  readonly server: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
  readonly caFile: string;
  readonly kubeconfigPath: string;
  /** Arguments in front of what to ask of the cluster. */
  readonly kubectl: readonly string[];
  readonly parts: readonly Part[];
}

/** Starts etcd, API server, controller manager and scheduler, and waits until the API answers and namespaces are filled. */
export async function startControlPlane(
  namespaces: Namespaces,
  tools: Tools,
  authenticationConfig?: string,
): Promise<ControlPlane> {
  const at = (name: string) => join(namespaces.folder, name);
  const token = randomBytes(16).toString("hex");
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(at("accounts.key"), privateKey);
  writeFileSync(at("accounts.pub"), publicKey);
  writeFileSync(at("tokens.csv"), `${token},admin,admin,system:masters\n`);
  const ca = await makeCertificates(at);
  const server = `https://127.0.0.1:${port}`;
  writeFileSync(at("kubeconfig"), tellKubeconfig({ server, token, ca }), { mode: 0o600 });

  const start = (name: string, argv: readonly string[]) => Part.start(namespaces, name, argv);
  const etcd = start("etcd", [
    "etcd",
    `--data-dir=${at("etcd")}`,
    "--listen-client-urls=http://127.0.0.1:2379",
    "--advertise-client-urls=http://127.0.0.1:2379",
    "--listen-peer-urls=http://127.0.0.1:2380",
    // A test's data need not outlive the machine.
    "--unsafe-no-fsync",
  ]);
  const apiserver = start("kube-apiserver", [
    ...[tools.kubernetes, "kube-apiserver"],
    "--etcd-servers=http://127.0.0.1:2379",
    "--bind-address=0.0.0.0",
    `--secure-port=${port}`,
    `--advertise-address=${NODE_ADDRESS}`,
    `--tls-cert-file=${at("server.crt")}`,
    `--tls-private-key-file=${at("server.key")}`,
    `--token-auth-file=${at("tokens.csv")}`,
    ...(authenticationConfig === undefined ? [] : [`--authentication-config=${authenticationConfig}`]),
    "--authorization-mode=Node,RBAC",
    "--allow-privileged",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-signing-key-file=${at("accounts.key")}`,
    `--service-account-key-file=${at("accounts.pub")}`,
    // `kubectl logs` and `exec` go from here to the kubelet, whose certificate it signs itself.
    "--kubelet-preferred-address-types=InternalIP",
  ]);
  const kubectl = [...namespaces.inNetwork, tools.kubectl, `--kubeconfig=${at("kubeconfig")}`];
  await apiserver.awaitReady(180_000, async () => {
    const { exitCode, stderr } = await runCommand([...kubectl, "get", "--raw=/readyz"]);
    return exitCode === 0 ? undefined : `/readyz: ${stderr.trim().split("\n").at(-1)}`;
  });
  // The controller manager ends when the API server is not healthy within 20 seconds of its own start.
  const withKubeconfig = [`--kubeconfig=${at("kubeconfig")}`, "--leader-elect=false"];
  const others = [
    start("kube-controller-manager", [
      ...[tools.kubernetes, "kube-controller-manager", ...withKubeconfig],
      `--cert-dir=${at("controller-manager")}`,
      "--use-service-account-credentials=false",
      `--service-account-private-key-file=${at("accounts.key")}`,
      `--root-ca-file=${at("ca.crt")}`,
      // Waiting for a pod to be declared gone, or for a volume, is time of the tests.
      "--pvclaimbinder-sync-period=1s",
    ]),
    start("kube-scheduler", [
      ...[tools.kubernetes, "kube-scheduler", ...withKubeconfig],
      `--cert-dir=${at("scheduler")}`,
      "--authentication-skip-lookup",
    ]),
  ];
  // Without its account no pod can be made in a namespace; the controller manager makes it.
  await others[0]?.awaitReady(180_000, async () => {
    const { exitCode, stderr } = await runCommand([...kubectl, "get", "serviceaccount", "default"]);
    return exitCode === 0 ? undefined : stderr.trim();
  });
  const parts = [etcd, apiserver, ...others];
  return { server, token, ca, caFile: at("ca.crt"), kubeconfigPath: at("kubeconfig"), kubectl, parts };
}

/** A certificate authority and the API server's certificate, as files. Returns the authority's certificate. */
async function makeCertificates(at: (name: string) => string): Promise<string> {
  const names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "cluster", "api"];
  const addresses = ["127.0.0.1", NODE_ADDRESS, SERVICE_ADDRESS];
  const alternatives = [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)];
  const request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const output = (name: string) => ["-days", "30", "-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)];
  await readCommand([...request, ...output("ca"), "-subj", "/CN=cluster-tests"]);
  const server = ["-subj", "/CN=kube-apiserver", "-CA", at("ca.crt"), "-CAkey", at("ca.key")];
  const extensions = [`subjectAltName=${alternatives.join(",")}`, "basicConstraints=CA:FALSE"];
  await readCommand([...request, ...output("server"), ...server, ...extensions.flatMap((line) => ["-addext", line])]);
  return await readCommand(["cat", at("ca.crt")]);
}

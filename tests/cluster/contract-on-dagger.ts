/**
 * Observes the cases of the contract on `DaggerKubectl`, and prints a line of JSON for each. For `slipway run`, in the
 * network of the cluster.
 *
 *     contract-on-dagger.ts parts | kubeconfig | cluster  SERVER  NAMESPACE
 *
 * The environment holds TOKEN, CA, STRANGER_TOKEN, STRANGER_CA and, where a rude server runs, RUDE_CA.
 */
import { connection, dag } from "@dagger.io/dagger";
import { DaggerKubectl } from "../../ci/src/cluster/dagger-kubectl.ts";
import type { AccessParts, Place } from "./contract-caller.ts";
import { tellKubeconfig } from "./kubeconfig.ts";
import { contractCases, firstCases } from "./kubectl-contract.ts";
import { refusalCases } from "./refusals-contract.ts";

const [way, server = "", namespace = ""] = process.argv.slice(2);
const env = (name: string) => process.env[name] ?? "";
const administrator = { server, token: env("TOKEN"), ca: env("CA") };
let secrets = 0;

function keepSecret(text: string) {
  secrets += 1;
  return dag.setSecret(`contract-${secrets}`, text);
}

const nothing = {
  kubeconfig: undefined,
  server: undefined,
  token: undefined,
  certificateAuthority: undefined,
  cluster: undefined,
};

async function connect(other: AccessParts = {}): Promise<DaggerKubectl> {
  const parts = { ...administrator, ...other };
  if (way === "kubeconfig")
    return await DaggerKubectl.connect({ ...nothing, kubeconfig: keepSecret(tellKubeconfig(parts)) });
  const token = keepSecret(parts.token);
  const certificateAuthority = dag.directory().withNewFile("ca.crt", parts.ca).file("ca.crt");
  if (way === "parts")
    return await DaggerKubectl.connect({ ...nothing, server: parts.server, token, certificateAuthority });
  const { hostname, port } = new URL(parts.server);
  const cluster = dag.host().service([{ backend: Number(port), frontend: Number(port) }], { host: hostname });
  return await DaggerKubectl.connect({ ...nothing, token, certificateAuthority, cluster });
}

const place: Place = {
  connect,
  namespace,
  token: administrator.token,
  strangerToken: env("STRANGER_TOKEN"),
  strangerCa: env("STRANGER_CA"),
  ...(env("RUDE_CA") === "" ? {} : { rude: { ca: env("RUDE_CA") } }),
};

await connection(async () => {
  const all = place.rude === undefined ? contractCases : [...contractCases, ...refusalCases];
  for (const { name, observe } of way === "parts" ? all : firstCases) {
    const seen = await observe(place).then(
      (facts) => ({ facts }),
      (error: Error) => ({ error: error.message }),
    );
    console.log(JSON.stringify({ name, ...seen }));
  }
});

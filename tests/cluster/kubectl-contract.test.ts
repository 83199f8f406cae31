import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import type { Outcome } from "../../ci/src/cluster/verdict.ts";
import { HostKubectl } from "../support/host-kubectl.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { readCommand } from "./command.ts";
import type { Facts, Place } from "./contract-caller.ts";
import { tellKubeconfig } from "./kubeconfig.ts";
import { contractCases, firstCases } from "./kubectl-contract.ts";
import { pageCases, refusalCases } from "./refusals-contract.ts";

// Both adapters of the port, each with the same cases on a real API server, and each in namespaces of its own.
const contract = suite("the port to a cluster");

let cluster: Cluster;
let folder: string;
let strangerCa: string;
let rude: { readonly ca: string; readonly server: ChildProcess } | undefined;
/** These need a server beside the API server, and objects of the whole cluster. */
const own = (process.env["SLIPWAY_TEST_KUBECONFIG"] ?? "") === "";
const namespaces: string[] = [];

contract.before(async () => {
  cluster = await startCluster({ half: "control-plane" });
  folder = mkdtempSync(join(tmpdir(), "contract-"));
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(folder, "ca.key")];
  strangerCa = await readCommand(["openssl", "req", "-x509", ...key, "-subj", "/CN=stranger"]);
  if (own) rude = await startRudeServer();
});

async function startRudeServer() {
  const [certificate, key] = [join(folder, "rude.crt"), join(folder, "rude.key")];
  const request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const names = ["-subj", "/CN=rude", "-addext", "subjectAltName=IP:127.0.0.1"];
  await readCommand([...request, ...names, "-keyout", key, "-out", certificate]);
  const script = [import.meta.resolve("tsx"), resolve(import.meta.dirname, "rude-server.ts")];
  const node = [process.execPath, "--import", ...script, certificate, key];
  const [program = "", ...args] = [...cluster.inNetwork, ...node];
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  return { ca: readFileSync(certificate, "utf8"), server };
}

contract.after(async () => {
  rude?.server.kill();
  rmSync(folder, { recursive: true, force: true });
  if (namespaces.length > 0) await cluster?.kubectl(["delete", "namespace", ...namespaces, "--wait=false"]);
  await cluster?.close();
});

/** A namespace with an account that may do nothing, whose token it returns. */
async function makeNamespace(way: string): Promise<{ readonly namespace: string; readonly strangerToken: string }> {
  const namespace = `contract-${process.pid}-${way}`;
  namespaces.push(namespace);
  await cluster.readKubectl(["create", "namespace", namespace]);
  await cluster.readKubectl(["label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted"]);
  await cluster.readKubectl(["create", "serviceaccount", "stranger", "--namespace", namespace]);
  const strangerToken = await cluster.readKubectl(["create", "token", "stranger", "--namespace", namespace]);
  return { namespace, strangerToken: strangerToken.trim() };
}

let host: Place | undefined;

/** In this process. */
async function openHost(): Promise<Place> {
  const { server, token, ca } = cluster;
  let files = 0;
  return {
    ...(await makeNamespace("host")),
    token,
    strangerCa,
    ...(rude === undefined ? {} : { rude: { ca: rude.ca } }),
    connect: async (other = {}) => {
      const parts = { server, token, ca, ...other };
      files += 1;
      const kubeconfigPath = join(folder, `kubeconfig-${files}`);
      writeFileSync(kubeconfigPath, tellKubeconfig(parts), { mode: 0o600 });
      return new HostKubectl(cluster, { kubeconfigPath, token: parts.token });
    },
  };
}

for (const { name, expected, observe } of own ? [...contractCases, ...refusalCases, ...pageCases] : contractCases) {
  contract(`on the host: ${name}`, async () => {
    host ??= await openHost();
    assert.equal(await observe(host), expected);
  });
}

const lineSchema = z.object({
  name: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  error: z.string().optional(),
});

/** In an engine's session: one process that observes all cases of a way to name the cluster. */
async function observeOnDagger(way: string, server: string): Promise<ReadonlyMap<string, Facts | string>> {
  const { namespace, strangerToken } = await makeNamespace(way);
  const script = resolve(import.meta.dirname, "contract-on-dagger.ts");
  const node = ["node", "--import", import.meta.resolve("tsx"), script, way, server, namespace];
  const env = {
    TOKEN: cluster.token,
    CA: cluster.ca,
    STRANGER_TOKEN: strangerToken,
    STRANGER_CA: strangerCa,
    RUDE_CA: rude?.ca ?? "",
  };
  const { exitCode, stdout, stderr } = await cluster.exec([resolve("slipway"), "run", ...node], {
    env: { ...env, NO_COLOR: "1" },
    limitMs: 300_000,
  });
  if (exitCode !== 0) throw new Error(`slipway run ended with ${exitCode}:\n${stderr.slice(-3000)}`);
  assert.not.match(`${stdout}${stderr}`, cluster.token);
  const lines = stdout.trim().split("\n");
  return new Map(
    lines.map((line) => {
      const { name, facts, error } = lineSchema.parse(JSON.parse(line));
      return [name, facts ?? `threw: ${error}`];
    }),
  );
}

const ways = [
  {
    way: "parts",
    cases: own ? [...contractCases, ...refusalCases] : contractCases,
    serverOf: ({ serverForContainers }: Cluster) => serverForContainers,
  },
  { way: "kubeconfig", cases: firstCases, serverOf: ({ serverForContainers }: Cluster) => serverForContainers },
  { way: "cluster", cases: firstCases, serverOf: ({ server }: Cluster) => server },
];

for (const { way, cases, serverOf } of ways) {
  let observed: Promise<ReadonlyMap<string, Facts | string>> | undefined;
  for (const { name, expected } of cases) {
    contract(`in a container, cluster named by ${way}: ${name}`, async () => {
      observed ??= observeOnDagger(way, serverOf(cluster));
      assert.equal((await observed).get(name), expected);
    });
  }
}

contract("provokes every outcome that an answer can have", () => {
  const outcomes: Readonly<Record<Outcome, true>> = {
    done: true,
    conflict: true,
    exists: true,
    "test-failed": true,
    "not-found": true,
    owned: true,
    unreachable: true,
    unavailable: true,
    unauthorised: true,
    refused: true,
  };
  const told = contractCases.flatMap(({ expected }) => Object.values(expected).join(" ").split(/[ ,]+/));
  assert.equal(
    Object.keys(outcomes).filter((outcome) => !told.includes(outcome)),
    [],
  );
});

contract.run();

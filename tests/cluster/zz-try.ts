import { startCluster } from "/work/main/tests/cluster/cluster.ts";
import { PretendedKubelet } from "/work/main/tests/cluster/pretended-kubelet.ts";
import { HostKubectl } from "/work/main/tests/support/host-kubectl.ts";
import { runVerb } from "/work/main/ci/src/cluster/deployer.ts";
import { judgeAnswer } from "/work/main/ci/src/cluster/kubectl.ts";
import { sortManifests } from "/work/main/ci/src/rollout/manifests.ts";
import { ringPolicySchema } from "/work/main/ci/src/rollout/policy.ts";
import { releaseOf, commitOf } from "/work/main/tests/unit/rollout/fixtures.ts";
import { randomUUID } from "node:crypto";

const t0 = Date.now();
const cluster = await startCluster({ half: "control-plane" });
console.log("up", Date.now() - t0);
try {
  const ns = "canary";
  await cluster.readKubectl(["create", "namespace", ns]);
  const kubelet = new PretendedKubelet(cluster, ns);
  const server = cluster.exec(["node", "-e", `require("http").createServer((q,r)=>r.end("ok")).listen(8080,"0.0.0.0")`], { limitMs: 300_000 });
  const kubectl = new HostKubectl(cluster);
  const objects = (names: string[]) => names.flatMap((name) => [
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name, ports: [{ name: "http", containerPort: 8080 }] }] } } } },
    { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { ports: [{ name: "http", port: 80, targetPort: "http" }] } },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: `${name}-blue` }, spec: { minAvailable: 1, selector: { matchLabels: { a: "b" } } } },
  ]);
  const policy = ringPolicySchema.parse({ deadlineSeconds: 30, bakeSeconds: 1, leaseSeconds: 10, gate: { minRequests: 1 } });
  const deploy = async (n: number) => {
    const release = releaseOf(n);
    const t = Date.now();
    const end = await runVerb({ kubectl, ring: ns, policy, runId: randomUUID(), actor: "me", paths: {}, now: Date.now, sleep: (ms) => new Promise((r) => setTimeout(r, ms)), say: (l) => console.log("   ", l), pollMs: 200,
      request: { verb: "deploy", release, manifests: sortManifests(objects(Object.keys(release.services)) as never, release, ns), ancestors: Array.from({ length: n }, (_, i) => commitOf(i + 1)), approvals: [], reason: "x", planned: true } });
    console.log(end, Date.now() - t);
  };
  await deploy(1);
  await deploy(1);
  await deploy(2);
  for (const image of Object.values(releaseOf(3).services).map((s) => `${s.name}@${s.digest}`)) kubelet.missingImages.add(image);
  await deploy(3);
  for (const probe of [
    ["get", "pods", "-n", "none", "-o", "json"], ["get", "nothings"], ["patch", "service", "ingest", "-n", ns, "--type=json", "-p", '[{"op":"test","path":"/spec/selector","value":{}}]'],
    ["patch", "service", "ingest", "-n", ns, "--type=json", "-p", '[{"op":"test","path":"/metadata/annotations/nope","value":"x"}]'],
    ["get", "pods", "--token=bad", "--kubeconfig=/dev/null", "--server=https://127.0.0.1:6443", "--insecure-skip-tls-verify"], ["get", "pods", "--kubeconfig=/dev/null", "--server=https://127.0.0.1:6443"], ["get", "pods", "--server=https://127.0.0.1:1"], ["get", "pods", "--server=https://nohost.invalid:1"],
    ["get", "pods", "--as=nobody"], ["get", "--raw", `/api/v1/namespaces/${ns}/services/http:nothing:80/proxy/`], ["get", "--raw", `/api/v1/namespaces/${ns}/services/http:ingest:http/proxy/x`, "--as=nobody"],
    ["get","--raw",`/api/v1/namespaces/${ns}/services/http:ingest-blue:http/proxy/`], ["patch", "service", "gone", "-n", ns, "--type=json", "-p", '[]'], ["patch", "deployment", "ingest-blue", "-n", ns, "--type=json", "-p", '[{"op":"replace","path":"/spec/replicas","value":-1}]'],
    ["get", "pods", "--request-timeout=1ms"], ["get","sa,networkpolicy.networking.k8s.io,PodDisruptionBudget.policy,StatefulSet.apps,ServiceAccount","-n",ns,"-o","name"], ["auth","whoami","-o","json"],
  ]) { const a = await cluster.kubectl(probe); console.log(probe.join(" "), "->", judgeAnswer(a), a.exitCode, a.stderr.trim().slice(0, 400), a.stdout.slice(0, 300)); }
  const create = await cluster.kubectl(["create","-f","-"],{input:JSON.stringify({apiVersion:"v1",kind:"ConfigMap",metadata:{name:"x",namespace:"nowhere"}})});
  console.log(judgeAnswer(create), create.stderr);
  await kubelet.close();
} finally { await cluster.close(); }
process.exit(0);

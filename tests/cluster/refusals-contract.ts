/**
 * Cases of the contract in which others than the API server speak, or the API server forbids something whoever asks. For
 * a cluster of our own: they need a server that behaves badly, and objects that hold for the whole cluster.
 */

import { askBehind } from "../../ci/src/cluster/ask-behind.ts";
import { tellComplaint } from "../../ci/src/cluster/complaints.ts";
import { readVerdict } from "../../ci/src/cluster/judge-answer.ts";
import type { KubectlAnswer } from "../../ci/src/cluster/kubectl.ts";
import { Caller, type ContractCase, configMap, connectIn, type Place } from "./contract-caller.ts";
import { RUDE_PORTS } from "./rude-ports.ts";
import { waitUntil } from "./wait.ts";

/** Where the API server finds pods of the node: proxies lead to no loopback. */
const NODE_ADDRESS = "10.98.0.1";

const tell = (answer: KubectlAnswer) => {
  const { speaker, outcome } = readVerdict(answer);
  return `${speaker}: ${outcome}`;
};

/** Policies and quotas hold only a moment after they were made: tries until the answer is another one than `done`. */
async function untilRefused(attempt: () => Promise<KubectlAnswer>, words: RegExp): Promise<KubectlAnswer> {
  let last: KubectlAnswer = { exitCode: 0, stdout: "", stderr: "" };
  await waitUntil(`an answer like ${words}`, 30_000, async () => {
    last = await attempt();
    return words.test(last.stderr) ? undefined : `${last.exitCode} ${last.stderr}`;
  });
  return last;
}

const pod = (name: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { automountServiceAccountToken: false, containers: [{ name: "main", image: "nowhere.test/x:1", ...more }] },
});

/** A pod of the rude server. Nobody runs it, so that its address is ours to say. */
async function makeRudePod(kubectl: Caller, name: string): Promise<void> {
  const bound = pod(name);
  await kubectl.create({ ...bound, spec: { ...bound.spec, nodeName: "nowhere" } });
  const status = { podIP: NODE_ADDRESS, podIPs: [{ ip: NODE_ADDRESS }] };
  const patch = ["patch", "pod", name, "--subresource=status", "--type=merge", "--patch-file=/dev/stdin"];
  await kubectl.run(patch, JSON.stringify({ status }));
}

/** Each is what `pathSchema` takes. */
const PATHS = [
  "/",
  "/healthz/",
  "/a:b,c;d@e",
  "/%C3%BC%25",
  "/?full=1",
  "/up?a=2&a=1&flag=",
  "/up?timeout=3s",
  "/up?to=%2Fa+b",
] as const;

const secret = (name: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { name } });

/** Creates objects of the whole cluster, and removes them at the end. */
async function withObjects<Result>(
  kubectl: Caller,
  objects: readonly object[],
  use: () => Promise<Result>,
): Promise<Result> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const made = await kubectl.run(["create", "--filename=-"], list);
  if (made.exitCode !== 0) throw new Error(tellComplaint(made));
  try {
    return await use();
  } finally {
    await kubectl.run(["delete", "--filename=-", "--wait=false"], list);
  }
}

function webhook(place: Place, name: string, clientConfig: object): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: `${place.namespace}-${name}` },
    webhooks: [
      {
        name: `${name}.hooks.test`,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        timeoutSeconds: 1,
        clientConfig,
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": place.namespace } },
        matchConditions: [{ name: "named", expression: `object.metadata.name == '${name}'` }],
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
      },
    ],
  };
}

function policy(place: Place, name: string, reason: string): readonly object[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: `${place.namespace}-${name}` };
  const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        matchConstraints: { resourceRules: rules },
        matchConditions: [{ name: "named", expression: `object.metadata.name == '${name}'` }],
        validations: [{ expression: "false", message: "no such thing here", reason }],
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: metadata.name, validationActions: ["Deny"] },
    },
  ];
}

export const refusalCases: readonly ContractCase[] = [
  {
    name: "tells a quota that is used up, for each object in full",
    expected: { created: "server: refused", applied: "server: refused", names: "first second" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const hard = { "count/secrets": "0" };
      await kubectl.create({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "few" }, spec: { hard } });
      const created = await untilRefused(() => kubectl.create(secret("zeroth")), /exceeded quota: few, /);
      const applied = await kubectl.apply([secret("first"), secret("second")]);
      const names = tellComplaint(applied).match(/(?<=secrets ")\w+(?=" is forbidden: exceeded quota: few)/g) ?? [];
      return { created: tell(created), applied: tell(applied), names: names.join(" ") };
    },
  },
  {
    name: "tells a namespace that is being deleted",
    expected: { created: "server: refused", applied: "server: refused" },
    observe: async (place) => {
      const namespace = `${place.namespace}-ends`;
      const administrator = await connectIn(place);
      const kubectl = new Caller(await place.connect(), namespace);
      await administrator.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      await kubectl.create(configMap("kept", {}, { finalizers: ["tests.slipway.dev/kept"] }));
      await administrator.run(["delete", "namespace", namespace, "--wait=false"]);
      const created = await untilRefused(() => kubectl.create(configMap("late", {})), /because it is being terminated/);
      const applied = await kubectl.apply([configMap("late", {})]);
      await kubectl.patch("configmap/kept", [{ op: "remove", path: "/metadata/finalizers" }]);
      return { created: tell(created), applied: tell(applied) };
    },
  },
  {
    name: "tells limits of the namespace, and pods that are not as safe as it demands",
    expected: { limits: "server: refused", security: "server: refused" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const limits = [{ type: "Container", max: { cpu: "100m" } }];
      await kubectl.create({ apiVersion: "v1", kind: "LimitRange", metadata: { name: "small" }, spec: { limits } });
      const large = pod("large", { resources: { limits: { cpu: "2" } } });
      const limited = await untilRefused(() => kubectl.create(large), /maximum cpu usage per Container is 100m/);
      const namespace = `${place.namespace}-strict`;
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      await kubectl.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
      const strict = new Caller(await place.connect(), namespace);
      const unsafe = await untilRefused(() => strict.create(pod("unsafe")), /violates PodSecurity "restricted:latest"/);
      await kubectl.run(["delete", "namespace", namespace, "--wait=false"]);
      return { limits: tell(limited), security: tell(unsafe) };
    },
  },
  {
    name: "tells a policy that denies, whatever reason it gives",
    expected: { forbidden: "admission: refused", invalid: "admission: refused", large: "admission: refused" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const reasons = { forbidden: "Forbidden", invalid: "Invalid", large: "RequestEntityTooLarge" };
      const policies = Object.entries(reasons).flatMap(([name, reason]) => policy(place, name, reason));
      return await withObjects(kubectl, policies, async () => {
        const deny = async (name: string) => {
          await kubectl.run(["delete", "configmap", name, "--ignore-not-found"]);
          return await kubectl.create(configMap(name, {}));
        };
        const words = /denied request: no such thing here/;
        const answers = [];
        for (const name of Object.keys(reasons))
          answers.push([name, tell(await untilRefused(() => deny(name), words))]);
        return Object.fromEntries(answers);
      });
    },
  },
  {
    name: "tells a webhook that does not answer by its name, and one that denies in words of an authoriser",
    expected: {
      closed: "admission: unavailable",
      silent: "admission: unavailable",
      resetting: "admission: unavailable",
      denying: "admission: refused",
    },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const caBundle = Buffer.from(place.rude?.ca ?? "").toString("base64");
      const ports = { closed: 1, ...RUDE_PORTS };
      const names = ["closed", "silent", "resetting", "denying"] as const;
      const hooks = names.map((name) => webhook(place, name, { url: `https://127.0.0.1:${ports[name]}/x`, caBundle }));
      return await withObjects(kubectl, hooks, async () => {
        const attempt = async (name: string) => {
          await kubectl.run(["delete", "configmap", name, "--ignore-not-found"]);
          return await kubectl.apply([configMap(name, {})]);
        };
        const answers = [];
        for (const name of names)
          answers.push([
            name,
            tell(await untilRefused(() => attempt(name), new RegExp(`webhook "${name}.hooks.test"`))),
          ]);
        return Object.fromEntries(answers);
      });
    },
  },
  {
    name: "tells a pod that hangs or resets from an API server that does",
    expected: { hangs: "wrong", resets: "wrong", closed: "wrong", gone: "wrong", server: "unasked" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const { namespace } = place;
      await makeRudePod(kubectl, "rude");
      const ask = async (target: string, server?: string) => {
        const asked = { kubectl: await place.connect(server === undefined ? {} : { server }), namespace, target };
        return Object.keys(await askBehind({ ...asked, path: "/" })).join();
      };
      const [hangs, resets, closed, gone, server] = await Promise.all([
        ask(`pods/rude:${RUDE_PORTS.silent}`),
        ask(`pods/rude:${RUDE_PORTS.resetting}`),
        ask("pods/rude:1"),
        ask("pods/never:80"),
        ask("pods/rude:1", "https://127.0.0.1:1"),
      ]);
      return { hangs, resets, closed, gone, server };
    },
  },
  {
    name: "asks a pod for the path as it is written, and for no more",
    expected: Object.fromEntries(PATHS.map((path) => [path, `GET ${path}`])),
    observe: async (place) => {
      const { namespace } = place;
      await makeRudePod(await connectIn(place), "echoing");
      const kubectl = await place.connect();
      const target = `pods/echoing:${RUDE_PORTS.echoing}`;
      const answers = PATHS.map(async (path) => {
        const answer = await askBehind({ kubectl, namespace, target, path });
        return [path, "body" in answer ? answer.body : JSON.stringify(answer)] as const;
      });
      return Object.fromEntries(await Promise.all(answers));
    },
  },
  {
    name: "tells a field that never changes, and what kubectl does not take itself",
    expected: { immutable: "server: refused", option: "kubectl: refused", text: "kubectl: refused" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const fixed = { ...configMap("fixed", { a: "1" }), immutable: true };
      await kubectl.create(fixed);
      const immutable = await kubectl.apply([{ ...fixed, data: { a: "2" } }], "--force-conflicts");
      return {
        immutable: tell(immutable),
        option: tell(await kubectl.run(["get", "configmaps", "--no-such-option"])),
        text: tell(await kubectl.run(["create", "--filename=-"], "{ no json")),
      };
    },
  },
];

/** For adapters that reach the rude server as if it were the API server. */
export const pageCases: readonly ContractCase[] = [
  {
    name: "tells a load balancer before the API server that has nobody behind it",
    expected: { read: "proxy: unavailable", written: "proxy: unavailable", silent: "network: unreachable" },
    observe: async (place) => {
      const at = async (port: number) =>
        await connectIn(place, { server: `https://127.0.0.1:${port}`, ca: place.rude?.ca ?? "" });
      const pages = await at(RUDE_PORTS.pages);
      const silent = new Caller(await place.connect({ server: `https://127.0.0.1:${RUDE_PORTS.silent}` }), "any", "2s");
      return {
        read: tell(await pages.run(["get", "configmaps"])),
        written: tell(await pages.apply([configMap("unsent", {})])),
        silent: tell(await silent.run(["get", "configmaps"])),
      };
    },
  },
];

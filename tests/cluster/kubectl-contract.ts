/**
 * What every adapter of the port `Kubectl` has to do, each asked of a real API server. The same cases for each adapter,
 * with the same facts expected of it.
 */

import { tellComplaint } from "../../ci/src/cluster/complaints.ts";
import { judgeAnswer } from "../../ci/src/cluster/judge-answer.ts";
import type { Kubectl, KubectlAnswer } from "../../ci/src/cluster/kubectl.ts";
import { kubectlCall } from "../../ci/src/rollout/action.ts";

/** The parts of an access; what is left out is the administrator's. */
export interface AccessParts {
  readonly server?: string;
  readonly token?: string;
  /** PEM */
  readonly ca?: string;
}

/** An adapter, and a namespace that nobody else uses; pods there bring warnings unless they are `restricted`. */
export interface Place {
  /** Another connection at each call, also with the same parts. */
  connect(parts?: AccessParts): Promise<Kubectl>;
  readonly namespace: string;
  /** Of the administrator. */
  readonly token: string;
  /** Of an account that may do nothing. */
  readonly strangerToken: string;
  /** A certificate authority, PEM, that did not sign the API server's certificate. */
  readonly strangerCa: string;
  /** The certificate of `rude-server.ts`, PEM, where one runs beside the API server. */
  readonly rude?: { readonly ca: string };
}

/** Names what was looked at. An answer is told as `OUTCOME EXITCODE`. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface ContractCase {
  readonly name: string;
  readonly expected: Facts;
  observe(place: Place): Promise<Facts>;
}

/** The kubectl of a case: an administrator's, in the namespace. */
export class Caller {
  readonly #kubectl: Kubectl;
  readonly #namespace: string;
  readonly #patience: string;

  constructor(kubectl: Kubectl, namespace: string, patience = "20s") {
    this.#kubectl = kubectl;
    this.#namespace = namespace;
    this.#patience = patience;
  }

  run(args: readonly string[], stdin?: string): Promise<KubectlAnswer> {
    return this.#kubectl.run([...args, `--namespace=${this.#namespace}`, `--request-timeout=${this.#patience}`], stdin);
  }

  create(object: object): Promise<KubectlAnswer> {
    return this.run(["create", "--field-manager=contract", "--filename=-"], JSON.stringify(object));
  }

  apply(objects: readonly object[], ...more: string[]): Promise<KubectlAnswer> {
    const list = { apiVersion: "v1", kind: "List", items: objects };
    const managed = more.some((option) => option.startsWith("--field-manager=")) ? [] : ["--field-manager=contract"];
    return this.run(["apply", "--server-side", ...managed, ...more, "--filename=-"], JSON.stringify(list));
  }

  patch(target: string, operations: readonly object[]): Promise<KubectlAnswer> {
    return this.run(["patch", target, "--type=json", "--patch-file=/dev/stdin"], JSON.stringify(operations));
  }

  /** One field as text. @throws Error with what kubectl said instead. */
  async readField(target: string, jsonPath: string): Promise<string> {
    const answer = await this.run(["get", target, `--output=jsonpath={${jsonPath}}`]);
    if (answer.exitCode !== 0) throw new Error(tellComplaint(answer));
    return answer.stdout;
  }
}

export const connectIn = async (place: Place, parts: AccessParts = {}) =>
  new Caller(await place.connect(parts), place.namespace);

const tell = (answer: KubectlAnswer) => `${judgeAnswer(answer)} ${answer.exitCode}`;

export const configMap = (name: string, data: Readonly<Record<string, string>>, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
});

const deployment = (name: string, replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { name } },
    template: { metadata: { labels: { name } }, spec: { containers: [{ name: "main", image: "nowhere.test/x:1" }] } },
  },
});

/** Text of at least so many bytes that a shell, a template, a line reader or a decoder of chunks would change. */
function makeHardText(bytes: number): string {
  const lines = [
    "",
    `'single' "double" \`back\` \\ \\n $(id) $HOME {{ .x }} %s * ~ # !`,
    "\ttab, carriage return\r",
    "Grüße, 世界, 🜨, e\u0301, \u2028 and \u2029, trailing spaces   ",
    "---",
    "*** EOF",
  ];
  const piece = lines.join("\n");
  return piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece)));
}

/** No adapter may say anything of it. */
const showsAny = (answers: readonly KubectlAnswer[], secret: string) =>
  answers.some(({ stdout, stderr }) => `${stdout}${stderr}`.includes(secret));

export const contractCases: readonly ContractCase[] = [
  {
    name: "deletes an object in the version that was read, and in no other",
    expected: { stale: "conflict 1", kept: "1", done: "done 0", gone: "not-found 1", again: "not-found 1" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      await kubectl.create({ ...configMap("deleted", { a: "1" }), immutable: true });
      const before = await kubectl.readField("configmap/deleted", ".metadata.resourceVersion");
      await kubectl.patch("configmap/deleted", [{ op: "add", path: "/metadata/labels", value: { claimed: "yes" } }]);
      const now = await kubectl.readField("configmap/deleted", ".metadata.resourceVersion");
      const remove = async (resourceVersion: string) => {
        const { args, stdin } = kubectlCall(
          {
            purpose: "delete-copy",
            summary: "",
            call: "delete",
            manager: "slipway",
            target: { kind: "ConfigMap", name: "deleted" },
            resourceVersion,
          },
          place.namespace,
        );
        return tell(await kubectl.run(args, stdin));
      };
      return {
        stale: await remove(before),
        kept: await kubectl.readField("configmap/deleted", ".data.a"),
        done: await remove(now),
        gone: tell(await kubectl.run(["get", "configmap/deleted"])),
        again: await remove(now),
      };
    },
  },
  {
    name: "creates from standard input, and the second time finds it there",
    expected: { first: "done 0", second: "exists 1", kept: "1" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const first = await kubectl.create(configMap("created", { a: "1" }));
      // The very same call: an engine that remembers it would say that it is done.
      const second = await kubectl.create(configMap("created", { a: "1" }));
      return {
        first: tell(first),
        second: tell(second),
        kept: await kubectl.readField("configmap/created", ".data.a"),
      };
    },
  },
  {
    name: "lets one of two create the same object",
    expected: { both: "done 0, exists 1" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const answers = await Promise.all(["1", "2"].map((a) => kubectl.create(configMap("contested", { a }))));
      return { both: answers.map(tell).sort().join(", ") };
    },
  },
  {
    name: "applies a List from standard input",
    expected: { applied: "done 0", said: "configmap/one configmap/two", two: "2" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const applied = await kubectl.apply(
        [configMap("one", { a: "1" }), configMap("two", { a: "2" })],
        "--output=name",
      );
      return {
        applied: tell(applied),
        said: applied.stdout.trim().split("\n").join(" "),
        two: await kubectl.readField("configmap/two", ".data.a"),
      };
    },
  },
  {
    name: "patches from /dev/stdin, and tells a test that failed",
    expected: { holds: "done 0", fails: "test-failed 1", kept: "2" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      await kubectl.create(configMap("patched", { a: "1" }));
      const change = (from: string, to: string) => [
        { op: "test", path: "/data/a", value: from },
        { op: "replace", path: "/data/a", value: to },
      ];
      const holds = await kubectl.patch("configmap/patched", change("1", "2"));
      const fails = await kubectl.patch("configmap/patched", change("1", "3"));
      return { holds: tell(holds), fails: tell(fails), kept: await kubectl.readField("configmap/patched", ".data.a") };
    },
  },
  {
    name: "tells an apply of an older version, also of a forced one",
    expected: { current: "done 0", stale: "conflict 1", forced: "conflict 1", ofSeveral: "conflict 1", kept: "2" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      await kubectl.apply([configMap("versioned", { a: "1" })]);
      const resourceVersion = await kubectl.readField("configmap/versioned", ".metadata.resourceVersion");
      const at = (a: string) => [configMap("versioned", { a }, { resourceVersion })];
      return {
        current: tell(await kubectl.apply(at("2"))),
        stale: tell(await kubectl.apply(at("3"))),
        forced: tell(await kubectl.apply(at("3"), "--force-conflicts")),
        ofSeveral: tell(await kubectl.apply([...at("3"), ...at("4")])),
        kept: await kubectl.readField("configmap/versioned", ".data.a"),
      };
    },
  },
  {
    name: "tells a field of another manager, and takes it by force",
    expected: { asked: "owned 1", ofSeveral: "owned 1", kept: "1", forced: "done 0", taken: "2" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      await kubectl.apply([configMap("managed", { a: "1" })], "--field-manager=other");
      const asked = await kubectl.apply([configMap("managed", { a: "2" })]);
      const ofSeveral = await kubectl.apply(["2", "3"].map((a) => configMap("managed", { a })));
      const kept = await kubectl.readField("configmap/managed", ".data.a");
      const forced = await kubectl.apply([configMap("managed", { a: "2" })], "--force-conflicts");
      const taken = await kubectl.readField("configmap/managed", ".data.a");
      return { asked: tell(asked), ofSeveral: tell(ofSeveral), kept, forced: tell(forced), taken };
    },
  },
  {
    name: "tells an object, a namespace and a kind that are not there",
    expected: {
      object: "not-found 1",
      patched: "not-found 1",
      namespace: "not-found 1",
      kind: "not-found 1",
      applied: "not-found 1",
    },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const elsewhere = new Caller(await place.connect(), `${place.namespace}-never-made`);
      return {
        object: tell(await kubectl.run(["get", "configmap", "gone"])),
        patched: tell(await kubectl.patch("configmap/gone", [{ op: "test", path: "/data/a", value: "1" }])),
        namespace: tell(await elsewhere.create(configMap("a", {}))),
        kind: tell(await kubectl.run(["get", "nothings"])),
        applied: tell(await kubectl.apply([{ ...configMap("a", {}), kind: "Nothing" }])),
      };
    },
  },
  {
    name: "tells what the API server does not take",
    expected: { name: "refused 1", value: "refused 1", field: "refused 1", text: "refused 1", nothing: "refused 1" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      return {
        name: tell(await kubectl.create(configMap("No_Name", {}))),
        value: tell(await kubectl.create(deployment("negative", -1))),
        field: tell(await kubectl.apply([{ ...configMap("unknown", {}), nonsense: 1 }])),
        text: tell(await kubectl.run(["create", "--filename=-"], "{ no json")),
        nothing: tell(await kubectl.run(["create", "--filename=-"], "")),
      };
    },
  },
  {
    name: "tells credentials that are not known, or not enough, or of another cluster",
    expected: {
      wrong: "unauthorised 1, unauthorised 1",
      stranger: "unauthorised 1, unauthorised 1",
      otherCluster: "unauthorised 1, unauthorised 1",
    },
    observe: async (place) => {
      const readAndWrite = async (parts: AccessParts) => {
        const kubectl = await connectIn(place, parts);
        const answers = [await kubectl.run(["get", "configmaps"]), await kubectl.apply([configMap("unwritten", {})])];
        return answers.map(tell).join(", ");
      };
      return {
        wrong: await readAndWrite({ token: "not-a-token-of-anybody" }),
        stranger: await readAndWrite({ token: place.strangerToken }),
        otherCluster: await readAndWrite({ ca: place.strangerCa }),
      };
    },
  },
  {
    name: "tells a server that does not answer, or not in time",
    expected: { read: "unreachable 1", created: "unreachable 1", applied: "unreachable 1", late: "unreachable 1" },
    observe: async (place) => {
      const kubectl = await connectIn(place, { server: "https://127.0.0.1:1" });
      const late = ["get", "configmaps", `--namespace=${place.namespace}`, "--request-timeout=1ns"];
      return {
        read: tell(await kubectl.run(["get", "configmaps"])),
        created: tell(await kubectl.create(configMap("unsent", {}))),
        applied: tell(await kubectl.apply([configMap("unsent", {})])),
        late: tell(await (await place.connect()).run(late)),
      };
    },
  },
  {
    name: "ends a call that takes longer than it may",
    expected: { late: "unreachable 124", said: "error: no answer within 1 s", inTime: "done 0" },
    observe: async (place) => {
      const kubectl = await place.connect();
      const watch = ["get", "configmaps", `--namespace=${place.namespace}`, "--watch"];
      const late = await kubectl.run(watch, undefined, 1);
      const inTime = await kubectl.run(["version"], undefined, 20);
      return { late: tell(late), said: tellComplaint(late), inTime: tell(inTime) };
    },
  },
  {
    name: "tells that something behind the server does not work now",
    expected: { proxied: "unavailable 1" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const spec = { selector: { name: "nobody" }, ports: [{ name: "http", port: 80 }] };
      await kubectl.create({ apiVersion: "v1", kind: "Service", metadata: { name: "empty" }, spec });
      const path = `/api/v1/namespaces/${place.namespace}/services/empty:http/proxy/`;
      return { proxied: tell(await kubectl.run(["get", `--raw=${path}`])) };
    },
  },
  {
    name: "carries 200 KB of any text to standard input unchanged",
    expected: { created: "done 0", large: true, same: true },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const text = makeHardText(200_000);
      const object = JSON.stringify(configMap("large-input", { text }), null, 2);
      const created = await kubectl.run(["create", "--filename=-"], object);
      const got = await kubectl.readField("configmap/large-input", ".data.text");
      return { created: tell(created), large: Buffer.byteLength(object) > 200_000, same: got === text };
    },
  },
  {
    name: "brings 500 KB of standard output complete",
    expected: { created: "done 0", read: "done 0", large: true, same: true, silent: true },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const text = makeHardText(500_000);
      const created = await kubectl.create(configMap("large-output", { text }));
      const read = await kubectl.run(["get", "configmap", "large-output", "--output=json"]);
      const same = (JSON.parse(read.stdout) as { data: { text: string } }).data.text === text;
      const large = Buffer.byteLength(read.stdout) > 500_000;
      return { created: tell(created), read: tell(read), large, same, silent: read.stderr === "" };
    },
  },
  {
    name: "keeps standard output and standard error apart, as they are",
    expected: {
      partly: "not-found 1",
      found: "configmap/there\n",
      complaint: 'Error from server (NotFound): configmaps "absent" not found\n',
      warned: "done 0",
      said: "deployment.apps/unrestricted\n",
      warning: true,
    },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      await kubectl.create(configMap("there", {}));
      const partly = await kubectl.run(["get", "configmaps", "there", "absent", "--output=name"]);
      const warned = await kubectl.apply([deployment("unrestricted", 0)], "--output=name");
      return {
        partly: tell(partly),
        found: partly.stdout,
        complaint: partly.stderr,
        warned: tell(warned),
        said: warned.stdout,
        warning: /^Warning: would violate PodSecurity/.test(warned.stderr),
      };
    },
  },
  {
    name: "tells other exit codes than 0 and 1",
    // `kubectl diff` keeps 1 for differences.
    expected: { exitCode: 2 },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const { exitCode } = await kubectl.run(["diff", "--server-side", "--filename=-"], "{ no json");
      return { exitCode };
    },
  },
  {
    name: "sees what changed between two reads, whoever changed it",
    expected: { first: "1", own: "2", others: "3", deleted: "not-found 1" },
    observe: async (place) => {
      const [kubectl, other] = [await connectIn(place), await connectIn(place)];
      const read = () => kubectl.readField("configmap/changing", ".data.a");
      const set = (by: Caller, value: string) =>
        by.patch("configmap/changing", [{ op: "replace", path: "/data/a", value }]);
      await kubectl.create(configMap("changing", { a: "1" }));
      const first = await read();
      await set(kubectl, "2");
      const own = await read();
      await set(other, "3");
      const others = await read();
      await other.run(["delete", "configmap", "changing"]);
      return { first, own, others, deleted: tell(await kubectl.run(["get", "configmap", "changing"])) };
    },
  },
  {
    name: "gives each of several calls at once its own answer",
    expected: { answers: "0 1 2 3" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const numbers = ["0", "1", "2", "3"];
      await kubectl.apply(numbers.map((a) => configMap(`numbered-${a}`, { a })));
      const answers = await Promise.all(numbers.map((a) => kubectl.readField(`configmap/numbered-${a}`, ".data.a")));
      return { answers: answers.join(" ") };
    },
  },
  {
    name: "never shows the token, however much it is asked to say",
    expected: { asked: "done 0", loud: true, wrong: "unauthorised 1", shown: false, held: "*** and more" },
    observe: async (place) => {
      const kubectl = await connectIn(place);
      const asked = await kubectl.run(["get", "configmaps", "--v=9"]);
      const config = await kubectl.run(["config", "view", "--raw"]);
      const wrongToken = "not-a-token-either";
      const wrong = await (await connectIn(place, { token: wrongToken })).run(["get", "configmaps", "--v=9"]);
      await kubectl.create(configMap("telling", { text: `${place.token} and more` }));
      return {
        asked: tell(asked),
        loud: asked.stderr.includes("Authorization"),
        wrong: tell(wrong),
        shown: showsAny([asked, config], place.token) || showsAny([wrong], wrongToken),
        held: await kubectl.readField("configmap/telling", ".data.text"),
      };
    },
  },
];

/** Cases that say whether an access works at all: for the other ways to name a cluster. */
export const firstCases: readonly ContractCase[] = contractCases.filter(({ name }) =>
  /^(creates from|patches from|sees what changed)/.test(name),
);

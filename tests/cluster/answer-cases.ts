import { tellComplaint } from "../../ci/src/cluster/complaints.ts";
import {
  type AccessParts,
  type Caller,
  type ContractCase,
  configMap,
  connectIn,
  deployment,
  makeHardText,
  showsAny,
  tell,
} from "./contract-caller.ts";

/** What answers, refused ones and long ones, look like. */
export const answerCases: readonly ContractCase[] = [
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

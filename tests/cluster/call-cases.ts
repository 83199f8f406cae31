import { kubectlCall } from "../../ci/src/rollout/action.ts";
import { Caller, type ContractCase, configMap, connectIn, tell } from "./contract-caller.ts";

/** What calls do to objects. */
export const callCases: readonly ContractCase[] = [
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
];

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readManifests } from "../../../../ci/src/manifests/read.ts";

const good = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, labels: { x: y } }\n";

const CANARY = { namespace: "acme-canary", manifests: { path: "k8s/canary", kind: "kustomize" } } as const;

const rendered = suite("the manifests of a ring");

rendered("are the objects, whatever empty documents are between them", () => {
  assert.equal(
    readManifests(`---\n${good}---\n# nothing\n---\n${good}`, "canary", CANARY).map(({ kind }) => kind),
    ["ConfigMap", "ConfigMap"],
  );
});

rendered("are refused with every object that is none, what was expected there and what was found", () => {
  const texts = [
    good.replace("y }", "1.10 }"),
    "kind: 7\n",
    "- a\n",
    good.replace("name: a", "name: a, namespace: other"),
    "a: !env X\n",
    "a: [\n",
  ];
  assert.throws(
    () => readManifests(texts.join("---\n"), "canary", CANARY),
    (error: Error) => {
      assert.is(
        error.message,
        [
          "the manifests of ring canary cannot be used [bad-manifest]:",
          "  object 1: metadata.labels.x: expected text; found 1.1 (put it between quotes)",
          "  object 2: apiVersion: is missing; expected text; kind: expected text; found 7 (put it between quotes); metadata: is missing; expected a mapping of names to values",
          "  object 3: (top): expected a mapping of names to values; found a list",
          "  ConfigMap a is in namespace other, and ring canary is namespace acme-canary",
          "  object 5: Unresolved tag: !env at line 13, column 4:",
          "  object 6: Flow sequence in block collection must be sufficiently indented and end with a ] at line 16, column 1:",
          "  where: k8s/canary",
          "  to do: print them with kubectl kustomize k8s/canary, and correct the files",
        ].join("\n"),
      );
      return true;
    },
  );
});

rendered.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditTekton } from "../../../support/audit-tekton.ts";
import { filesOf, SHOP, SIGNED_SHOP } from "../../../support/pipeline-settings.ts";

interface Step {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly valueFrom?: object }[];
  readonly script: string;
  readonly securityContext?: { readonly privileged: boolean };
}

interface Task {
  readonly name: string;
  readonly runAfter?: readonly string[];
  readonly taskRef?: object;
  readonly params?: readonly object[];
  readonly taskSpec?: { readonly steps: readonly Step[]; readonly sidecars?: readonly { readonly args: string[] }[] };
}

const [pullRequest, push] = [
  (...asked: Parameters<typeof filesOf>) => filesOf(...asked)[0]?.text ?? "",
  (...asked: Parameters<typeof filesOf>) => filesOf(...asked)[1]?.text ?? "",
];
const tasksOf = (text: string): Task[] => parse(text).spec.pipelineSpec.tasks;
const scriptsOf = (text: string) =>
  tasksOf(text).flatMap(({ taskSpec }) => (taskSpec?.steps ?? []).map(({ script }) => script));

const tekton = suite("the files of Tekton");

tekton("are one for pull requests, and one for the protected branch", () => {
  assert.equal(
    filesOf("tekton").map(({ path, text }) => [path, parse(text).metadata.annotations]),
    [
      [
        ".tekton/slipway-pull-request.yaml",
        {
          "pipelinesascode.tekton.dev/on-cel-expression": 'event == "pull_request"',
          "pipelinesascode.tekton.dev/cancel-in-progress": "true",
        },
      ],
      [
        ".tekton/slipway-push.yaml",
        {
          "pipelinesascode.tekton.dev/on-event": "[push]",
          "pipelinesascode.tekton.dev/on-target-branch": "[refs/heads/main]",
          "pipelinesascode.tekton.dev/cancel-in-progress": "false",
        },
      ],
    ],
  );
});

tekton("check a pull request, and name no secret there but the one that clones", () => {
  const text = pullRequest("tekton", "{}", { yaml: SIGNED_SHOP });
  assert.equal(
    tasksOf(text).map(({ name }) => name),
    ["test"],
  );
  assert.not.match(text, "secretKeyRef");
  assert.equal(text.match(/secretName: .*/g), ['secretName: "{{ git_auth_secret }}"']);
});

tekton("check, publish, deploy the first ring, and ask a group before the next one", () => {
  assert.equal(
    tasksOf(push("tekton")).map(({ name, runAfter, taskRef }) => [name, runAfter, taskRef]),
    [
      ["test", undefined, undefined],
      ["publish", ["test"], undefined],
      ["deploy-canary", ["publish"], undefined],
      ["allow-production", ["deploy-canary"], { apiVersion: "openshift-pipelines.org/v1alpha1", kind: "ApprovalTask" }],
      ["deploy-production", ["allow-production"], undefined],
    ],
  );
});

tekton("hand the release on in a volume of the run", () => {
  const scripts = scriptsOf(push("tekton", "{ engine: embedded, command: ./slipway }"));
  assert.equal(
    scripts.filter((script) => script.includes("./slipway")),
    [
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
./slipway call --progress=logs reports --again -o reports
sh reports/verdict.sh
`,
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
./slipway call --progress=logs release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json
cp release.json ../release/
`,
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
cp ../release/release.json .
./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json
`,
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
cp ../release/release.json .
printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals
./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring production --release release.json --approvals .slipway-approvals
`,
    ],
  );
});

tekton("clone one commit for the checks, and all of the history for what is deployed", () => {
  assert.equal(
    scriptsOf(push("tekton"))
      .filter((script) => script.includes("git init"))
      .map((script) => script.includes("--depth 1")),
    [true, false, false, false],
  );
});

tekton("ask for the rights of root for the embedded engine, or for Docker beside the steps", () => {
  const rights = (provider: string) =>
    tasksOf(pullRequest("tekton", provider)).flatMap(({ taskSpec }) =>
      (taskSpec?.steps ?? []).map(({ securityContext }) => securityContext?.privileged ?? false),
    );
  assert.equal(rights("{ engine: embedded }"), [false, true]);
  assert.equal(rights("{}"), [false, false]);
  assert.equal(tasksOf(pullRequest("tekton"))[0]?.taskSpec?.sidecars?.[0]?.args, [
    "dockerd",
    "--host=unix:///docker/docker.sock",
  ]);
});

tekton("run on nodes that have these labels", () => {
  const selector = (provider: string) =>
    parse(pullRequest("tekton", provider)).spec.taskRunTemplate.podTemplate.nodeSelector;
  assert.is(selector("{}"), undefined);
  assert.equal(selector("{ runner: [big, example.com/ci] }"), { big: "true", "example.com/ci": "true" });
});

tekton("ask a group at a first ring that asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  assert.equal(
    tasksOf(push("tekton", "{}", { yaml })).map(({ name }) => name),
    ["test", "publish", "allow-canary", "deploy-canary", "allow-production", "deploy-production"],
  );
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  tekton(`have nothing wrong with ${variant}`, () => {
    for (const yaml of [SHOP, SIGNED_SHOP])
      for (const { text } of filesOf("tekton", variant, { yaml })) assert.equal(auditTekton(text), []);
  });
}

/** Faults that somebody could make in the file of the branch, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("name: slipway-canary", "name: slipway-canry"),
    ["deploy-canary: RING_KUBECONFIG is of slipway-canry"],
  ],
  "the secret of another ring": [
    (text) => text.replace("name: slipway-canary", "name: slipway-production"),
    ["deploy-canary: RING_KUBECONFIG is of slipway-production"],
  ],
  "another key of a secret": [
    (text) => text.replace("key: REGISTRY_PASSWORD", "key: REGISTRY_PASWORD"),
    ["publish: REGISTRY_PASSWORD is REGISTRY_PASWORD"],
  ],
  "a task that runs after one that there is not": [
    (text) => text.replace("runAfter: [publish]", "runAfter: [publsh]"),
    ["deploy-canary: runs after publsh"],
  ],
  "a task that waits for nothing": [
    (text) => text.replace("        runAfter: [test]\n", ""),
    ["publish: waits for nothing"],
  ],
  "a delivery of pull requests": [
    (text) => text.replace('on-event: "[push]"', 'on-event: "[pull_request, push]"'),
    ["delivers for other events than a push"],
  ],
  "a delivery of a tag that is called like the branch": [
    (text) => text.replace("[refs/heads/main]", "[main]"),
    ["starts for other branches or tags"],
  ],
  "a deploy that a newer commit stops": [
    (text) => text.replace('cancel-in-progress: "false"', 'cancel-in-progress: "true"'),
    ["stops a running deploy"],
  ],
  "a token of the cluster in its steps": [
    (text) => text.replace("automountServiceAccountToken: false", "automountServiceAccountToken: true"),
    ["steps have a token of the cluster"],
  ],
  "the account of everybody": [
    (text) => text.replace("    serviceAccountName: slipway\n", ""),
    ["runs as an account that others give rights to"],
  ],
  "the token of the source where code of a stranger runs": [
    (text) =>
      text.replace(
        "            - name: call\n",
        "            - name: call\n              volumeMounts:\n                - name: git\n                  mountPath: /git\n",
      ),
    ["test: has the token of the source"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", () => "=logs reports {{ git_tag }}"),
    ["test: pasted into a script"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", () => "=logs reports {{ event_title }}"),
    ["test: pasted into a script"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", () => "=logs reports {{ source_branch }}"),
    ["test: pasted into a script"],
  ],
  "a parameter in a script": [
    (text) => text.replace('origin "$REVISION"', () => 'origin "$(params.revision)"'),
    ["test: pasted into a script"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("runAfter: [allow-production]", "runAfter: [deploy-canary]"),
    ["deploy-production: asks nobody"],
  ],
  "a ring that asks the wrong ones": [
    (text) => text.replace("group:slipway-production", "group:slipway-canary"),
    ["allow-production: is answered by others"],
  ],
  "no time limit": [(text) => text.replace("        timeout: 60m\n", ""), ["publish: no time limit"]],
  "an image of no version": [
    (text) => text.replace("image: node:24-bookworm", "image: node:latest"),
    ["test: an image of no version"],
  ],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  tekton(`are found to have ${fault}`, () => {
    const good = push("tekton", "{ engine: embedded }");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditTekton(plant(good)), told);
  });
}

tekton("are found to open Docker to all pods", () => {
  const good = pullRequest("tekton");
  const bad = good.replace(
    "args: [dockerd, --host=unix:///docker/docker.sock]",
    "args: [dockerd, --host=tcp://0.0.0.0:2375]",
  );
  assert.is.not(bad, good);
  assert.equal(auditTekton(bad), ["test: Docker is open to all pods"]);
});

tekton.run();

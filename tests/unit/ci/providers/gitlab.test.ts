import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditGitlab } from "../../../support/audit-gitlab.ts";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

interface GitlabJob {
  readonly needs?: readonly string[];
  readonly script: readonly string[];
  readonly rules?: readonly { readonly if: string; readonly when?: string }[];
}

const read = (text: string): Record<string, GitlabJob> => parse(text);

const gitlab = suite("the file of GitLab CI");

gitlab("is one file", () => {
  assert.equal(
    filesOf("gitlab").map(({ path }) => path),
    [".gitlab-ci.yml"],
  );
});

gitlab("checks, publishes, deploys the first ring, and the next one when a person starts it", () => {
  const jobs = read(textOf("gitlab"));
  assert.equal(
    ["test", "publish", "deploy-canary", "deploy-production"].map((name) => [jobs[name]?.needs, jobs[name]?.rules]),
    [
      [undefined, undefined],
      [["test"], [{ if: '$CI_COMMIT_BRANCH == "main"' }]],
      [["publish"], [{ if: '$CI_COMMIT_BRANCH == "main"' }]],
      [["publish", "deploy-canary"], [{ if: '$CI_COMMIT_BRANCH == "main"', when: "manual" }]],
    ],
  );
});

gitlab("calls what a person would call, and keeps the reports of checks that fail", () => {
  const jobs = read(textOf("gitlab"));
  assert.equal(jobs["test"]?.script, [
    "dagger call --progress=logs reports --again -o reports",
    "sh reports/verdict.sh",
  ]);
  assert.equal(jobs["deploy-production"]?.script, [
    `printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals`,
    "dagger call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring production --release release.json --approvals .slipway-approvals",
  ]);
});

gitlab("runs the checks of merge requests and of the branch, and nothing for other branches", () => {
  assert.equal(parse(textOf("gitlab")).workflow.rules, [
    { if: '$CI_PIPELINE_SOURCE == "merge_request_event"' },
    { if: '$CI_COMMIT_BRANCH == "main"' },
  ]);
});

gitlab("logs in to GitLab's own registry by the job itself", () => {
  const text = textOf("gitlab", "{}", { yaml: SHOP.replace("registry.example.com", "registry.gitlab.com") });
  assert.equal(parse(text).publish.variables, {
    GIT_DEPTH: "0",
    REGISTRY_USERNAME: "$CI_REGISTRY_USER",
    REGISTRY_PASSWORD: "$CI_REGISTRY_PASSWORD",
  });
});

gitlab("signs by the key of the project where a ring takes only what is signed, and in no other job", () => {
  const text = textOf("gitlab", "{}", { yaml: SIGNED_SHOP });
  assert.equal(read(text)["publish"]?.script, [
    'dagger call --progress=logs --signing-key env:SIGNING_KEY release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json',
  ]);
  assert.equal(parse(text).publish.environment, { name: "publish", action: "access" });
  assert.is(parse(textOf("gitlab")).publish.environment, undefined);
  assert.equal(auditGitlab(text), []);
  const bad = text.replace(
    "--kubeconfig env:RING_KUBECONFIG",
    "--kubeconfig env:RING_KUBECONFIG --signing-key env:SIGNING_KEY",
  );
  assert.equal(auditGitlab(bad), ["deploy-canary: uses SIGNING_KEY"]);
});

gitlab("takes the embedded engine that is there, on runners with these tags", () => {
  const text = textOf("gitlab", "{ engine: embedded, command: ./slipway, runner: [big, linux] }");
  const { before_script: begin, ...job } = parse(text)[".embedded"];
  assert.equal(job, { tags: ["big", "linux"], image: "node:24-bookworm" });
  assert.is(begin.length, 1);
  assert.equal(
    read(text)["test"]?.script[3],
    "./slipway call --progress=logs reports --again -o reports && sh reports/verdict.sh || code=$?",
  );
});

gitlab("begins the checks with the store that was packed before, on a new machine, and packs it when they pass", () => {
  const { test, publish } = parse(textOf("gitlab", "{ engine: embedded }"));
  const paths = [".slipway-store.tar"];
  const ifNew = 'if [ -n "$CI_DISPOSABLE_ENVIRONMENT" ] &&';
  assert.equal(test.cache, { key: "slipway-0.1.0", paths, policy: "pull-push", when: "on_success" });
  assert.equal(test.script.slice(0, 2), [
    `${ifNew} [ -f .slipway-store.tar ]; then slipway store unpack .slipway-store.tar || true; fi`,
    "rm -f .slipway-store.tar",
  ]);
  assert.equal(test.script.slice(-2), [
    `${ifNew} [ $code -eq 0 ]; then slipway store pack .slipway-store.tar --keep 1g || true; fi`,
    "exit $code",
  ]);
  assert.equal([publish.cache, parse(textOf("gitlab")).test.cache], [undefined, undefined]);
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  gitlab(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditGitlab(textOf("gitlab", variant)), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: string]>> = {
  "a secret of another name": [
    (text) => text.replace("env:REGISTRY_PASSWORD", "env:REGISTRY_PASWORD"),
    "publish: uses no secret",
  ],
  "a job that needs one that there is not": [
    (text) => text.replace("    - test\n  variables", "    - tests\n  variables"),
    "publish: needs tests",
  ],
  "a ring without the release": [
    (text) => text.replace("    - publish\n    - deploy-canary", "    - deploy-canary"),
    "deploy-production: has no release",
  ],
  "a job that waits for nothing": [(text) => text.replace("  needs:\n    - test\n", ""), "publish: waits for nothing"],
  "a secret in the checks": [
    (text) =>
      text.replace(
        "dagger call --progress=logs reports --again -o reports",
        "dagger call --kubeconfig env:RING_KUBECONFIG reports",
      ),
    "test: uses RING_KUBECONFIG",
  ],
  "a delivery of merge requests": [
    (text) =>
      text.replace(
        '    - if: $CI_COMMIT_BRANCH == "main"\n  interruptible: false',
        "    - when: on_success\n  interruptible: false",
      ),
    "publish: runs for merge requests",
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CI_COMMIT_TAG"'),
    "test: pasted into a script: what a stranger has written",
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CI_MERGE_REQUEST_TITLE"'),
    "test: pasted into a script: what a stranger has written",
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports $CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
    "test: pasted into a script: what a stranger has written",
  ],
  "an image of no version": [
    (text) => text.replace("image: docker:28.3.3-cli", "image: docker"),
    ".dagger: an image of no version: docker",
  ],
  "a service of no version": [
    (text) => text.replace("docker:28.3.3-dind", "docker:dind"),
    ".dagger: an image of no version: docker:dind",
  ],
  "a deploy that is stopped half-way": [
    (text) => text.replace("interruptible: false", "interruptible: true"),
    "publish: may be stopped",
  ],
  "a ring with the environment of another": [
    (text) => text.replace("environment: production", "environment: canary"),
    "deploy-production: has not the environment of its ring",
  ],
  "two deploys at once": [
    (text) => text.replace("  resource_group: slipway-canary\n", ""),
    "deploy-canary: two of them run at once",
  ],
  "a ring that asks nobody": [(text) => text.replace("      when: manual\n", ""), "deploy-production: asks nobody"],
  "no time limit": [(text) => text.replace(/ {2}timeout: .*\n/, ""), "test: no time limit"],
  "the name of a branch in the key of a cache": [
    (text) =>
      text.replace("interruptible: true", "interruptible: true\n  cache: { key: $CI_COMMIT_REF_SLUG, paths: [x] }"),
    'test: the key of a cache is "$CI_COMMIT_REF_SLUG"',
  ],
  "a cache that protected branches share": [
    (text) =>
      text.replace(
        "interruptible: true",
        "interruptible: true\n  cache: { key: slipway-0.1.0, unprotect: true, paths: [x] }",
      ),
    "test: protected branches share a cache with others",
  ],
  "a release that is made from a cache": [
    (text) => text.replace("  stage: publish\n", "  stage: publish\n  cache: { key: slipway-0.1.0, paths: [x] }\n"),
    "publish: begins with what another job has left",
  ],
  "runs of every branch": [(text) => text.replace(/ {2}rules:\n(?: {4}.*\n)+/, ""), "runs for every branch"],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  gitlab(`is found to have ${fault}`, () => {
    const good = textOf("gitlab");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditGitlab(plant(good)), [told]);
  });
}

gitlab.run();

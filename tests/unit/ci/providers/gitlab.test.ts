import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { filesOf, SHOP, textOf } from "../../../support/pipeline-settings.ts";

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
    "code=0",
    "dagger call --progress=logs test || code=$?",
    "dagger call --progress=logs reports -o reports",
    "exit $code",
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

gitlab("takes the embedded engine that is there, on runners with these tags", () => {
  const text = textOf("gitlab", "{ engine: embedded, command: ./slipway, runner: [big, linux] }");
  assert.equal(parse(text)[".embedded"], { tags: ["big", "linux"], image: "node:24-bookworm" });
  assert.equal(read(text)["test"]?.script[1], "./slipway call --progress=logs test || code=$?");
});

gitlab.run();

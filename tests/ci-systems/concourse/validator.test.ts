import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHOP, SIGNED_SHOP, textOf } from "../../support/pipeline-settings.ts";
import { validate } from "./validator.ts";

const onGitHub = { yaml: SHOP.replace("images: {", "images: { source: https://github.com/acme/shop,") };
const withTokens = {
  yaml: SHOP.replace(
    "canary: {",
    "canary: { cluster: { server: https://k8s.example.com:6443, certificateAuthority: ci/canary.crt, audience: slipway-canary },",
  ),
};

const concourse = suite("the pipeline of Concourse, validated by Concourse");

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"])
  concourse(`is a valid one with ${variant}`, async () => {
    assert.is(await validate(textOf("concourse", variant)), "");
    assert.is(await validate(textOf("concourse", variant, { yaml: SIGNED_SHOP })), "");
    assert.is(await validate(textOf("concourse", variant, onGitHub)), "");
  });

concourse("is as valid as the one by hand that it is compared with", async () => {
  assert.is(await validate(readFileSync("tests/providers/by-hand/concourse.yml", "utf8")), "");
});

/** Faults that somebody could make in the file, each with what Concourse says of it. */
const faults: Readonly<Record<string, readonly [from: string, to: string, told: string]>> = {
  "a misspelt key of a step": ["        timeout: 42m", "        timeuot: 42m", 'unknown fields ["timeuot"]'],
  "a misspelt key of a job": ["    serial: true", "    seriall: true", 'unknown field "seriall"'],
  "a key that stands twice": ["    serial: true", "    serial: true\n    serial: true", "already set"],
  "a job that waits for one that there is not": ["passed: [test]", "passed: [tests]", "unknown job 'tests'"],
  "a resource of another name": [
    "- get: source\n        passed",
    "- get: sauce\n        passed",
    "unknown resource 'sauce'",
  ],
  "a resource that nothing uses": [
    "\njobs:",
    "  - name: spare\n    type: git\n\njobs:",
    "resource 'spare' is not used",
  ],
  "a resource of no type": ["    type: git\n", "", "has no type"],
  "two jobs of one name": ["- name: deploy-canary\n", "- name: test\n", "same name"],
  "a task for no platform": ["          platform: linux\n", "", "missing 'platform'"],
  "a trigger that is none": ["        trigger: true\n", "        trigger: yes please\n", "malformed get step"],
  "a job whose name is none": ["- name: deploy-production", "- name: deploy production", "not a valid identifier"],
  "a task that runs nothing": ["            path: sh\n", "", "missing path to executable to run"],
};

for (const [fault, [from, to, told]] of Object.entries(faults))
  concourse(`is refused by Concourse with ${fault}`, async () => {
    const good = textOf("concourse", "{ engine: embedded }");
    assert.ok(good.includes(from), "there is no place for the fault");
    assert.match(await validate(good.replace(from, () => to)), told);
  });

/** What only our own rules find (tests/unit/ci/providers). */
const missed: Readonly<Record<string, readonly [from: string, to: string]>> = {
  "a misspelt key of a task": ["          outputs:", "          output:"],
  "a time limit that is none": ["timeout: 42m", "timeout: soon"],
  "a secret of another name": ["((canary-kubeconfig))", "((canary-kubconfig))"],
};

for (const [fault, [from, to]] of Object.entries(missed))
  concourse(`is accepted by Concourse with ${fault}`, async () => {
    const good = textOf("concourse", "{ engine: embedded }");
    assert.ok(good.includes(from), "there is no place for the fault");
    assert.is(await validate(good.replace(from, () => to)), "");
  });

concourse("asks for tokens of a kind that this validation, like that of fly, does not have", async () => {
  assert.match(await validate(textOf("concourse", "{}", withTokens)), /idtoken/);
});

concourse.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditConcourse } from "../../../support/audit-concourse.ts";
import { auditGithub } from "../../../support/audit-github.ts";
import { auditGitlab } from "../../../support/audit-gitlab.ts";
import { SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

const LOGIN = '--registry-username "$REGISTRY_USERNAME" --registry-password env:REGISTRY_PASSWORD';
const DEMANDING = [SIGNED_SHOP, SHOP.replace("approvals:", "attestations: { sbom: required }, approvals:")];

const login = suite("the job of a ring that asks the registry what images carry");

login("logs in there on each provider, and the job of a ring that asks for nothing does not", () => {
  for (const yaml of DEMANDING)
    for (const provider of ["github", "gitlab", "concourse", "jenkins"] as const) {
      const calls = textOf(provider, "{}", { yaml })
        .split("\n")
        .filter((line) => / (?:deploy|promote) --/.test(line));
      assert.equal(
        calls.map((line) => line.includes(LOGIN)),
        [false, true],
        provider,
      );
      assert.is(textOf(provider).includes("--registry-username"), false);
    }
});

login("has a login of its own, by the name of its ring or in its environment", () => {
  const [yaml = ""] = DEMANDING;
  const github = textOf("github", "{}", { yaml });
  assert.equal(parse(github).jobs["deploy-production"].steps.at(-1).env, {
    RING_KUBECONFIG: "${{ secrets.RING_KUBECONFIG }}",
    REGISTRY_USERNAME: "${{ secrets.REGISTRY_USERNAME }}",
    REGISTRY_PASSWORD: "${{ secrets.REGISTRY_PASSWORD }}",
    SLIPWAY_APPROVALS: "${{ vars.SLIPWAY_APPROVALS }}",
  });
  assert.equal(auditGithub(github), []);
  const concourse = textOf("concourse", "{}", { yaml });
  assert.match(concourse, "REGISTRY_PASSWORD: ((production-registry-password))");
  assert.equal(auditConcourse(concourse), []);
  assert.match(textOf("jenkins", "{}", { yaml }), "usernamePassword(credentialsId: 'slipway-production-registry', ");
  assert.equal(auditGitlab(textOf("gitlab", "{}", { yaml })), []);
});

login("reads a registry of the provider itself by the job's own token, with the right to read alone", () => {
  const [yaml = ""] = DEMANDING;
  const { jobs } = parse(textOf("github", "{}", { yaml: yaml.replace("registry.example.com", "ghcr.io") }));
  assert.equal(jobs["deploy-production"].permissions, { contents: "read", packages: "read" });
  assert.is(jobs["deploy-production"].steps.at(-1).env.REGISTRY_PASSWORD, "${{ github.token }}");
  const gitlab = parse(textOf("gitlab", "{}", { yaml: yaml.replace("registry.example.com", "registry.gitlab.com") }));
  assert.is(gitlab["deploy-production"].variables.REGISTRY_PASSWORD, "$CI_REGISTRY_PASSWORD");
  assert.is(gitlab["deploy-canary"].variables.REGISTRY_PASSWORD, undefined);
});

login.run();

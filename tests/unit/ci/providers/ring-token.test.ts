import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { PROVIDERS, type ProviderName } from "../../../../ci/src/config/provider-schema.ts";
import { filesOf, SHOP } from "../../../support/pipeline-settings.ts";
import { refusalOf } from "../config/found.ts";

const CLUSTER =
  "cluster: { server: https://k8s.example.com:6443, certificateAuthority: ci/production.crt, audience: slipway-production }";
const yaml = SHOP.replace("production: {", `production: { ${CLUSTER},`);
const ACCESS = "--server https://k8s.example.com:6443 --certificate-authority ci/production.crt --token env:RING_TOKEN";

const textOf = (name: ProviderName, provider: string, given = yaml) =>
  filesOf(name, provider, { yaml: given })
    .map(({ text }) => text)
    .join("\n");
const engineOf = (name: ProviderName) => (name === "bitbucket" ? "{}" : "{ engine: embedded, command: ./slipway }");

const token = suite("the job of a ring whose cluster takes tokens");

/** Who issues tokens that live as long as a deploy, with an audience of one's own. */
const ISSUERS: readonly ProviderName[] = ["gitlab", "concourse", "circleci", "buildkite", "tekton"];

token(
  "names the cluster and gives a token of the run, on each provider that issues any, and nobody keeps a kubeconfig",
  () => {
    for (const name of PROVIDERS) {
      const calls = textOf(name, engineOf(name))
        .split("\n")
        .filter((line) => / (?:deploy|promote) --/.test(line));
      const [canary = "", production = ""] = [calls.find((line) => line.includes("--ring canary")), calls.at(-1)];
      assert.match(canary, /--kubeconfig/, name);
      assert.is(production.includes(ACCESS), ISSUERS.includes(name), name);
      assert.is(production.includes("--kubeconfig"), !ISSUERS.includes(name), name);
    }
  },
);

token("has its token for the audience of its ring alone, in the way of each provider", () => {
  const gitlab = parse(textOf("gitlab", "{}"));
  assert.equal(gitlab["deploy-production"].id_tokens, { RING_TOKEN: { aud: "slipway-production" } });
  assert.is(gitlab["deploy-canary"].id_tokens, undefined);

  const concourse = parse(textOf("concourse", "{}"));
  assert.equal(concourse.var_sources, [
    {
      name: "production-token",
      type: "idtoken",
      config: { audience: ["slipway-production"], subject_scope: "job", expires_in: "45m" },
    },
  ]);
  assert.is(concourse.jobs.at(-1).plan[1].config.params.RING_TOKEN, "((production-token:token))");

  assert.match(
    textOf("circleci", "{ engine: embedded }"),
    `RING_TOKEN="$(circleci run oidc get --claims '{"aud": "slipway-production"}')"`,
  );
  assert.match(textOf("circleci", "{ engine: embedded }"), "sudo --preserve-env=CI,RING_TOKEN env");

  const { steps } = parse(textOf("buildkite", "{}"));
  const own = steps.at(-1);
  assert.ok(
    own.commands.includes(
      'RING_TOKEN="$$(buildkite-agent oidc request-token --audience slipway-production --lifetime 2700)"',
    ),
  );
  assert.equal(own.secrets, { SLIPWAY_APPROVALS: "PRODUCTION_APPROVALS" });
});

token("of Tekton is that of an account of its ring, mounted where it is used", () => {
  const [pullRequest, push] = filesOf("tekton", "{ engine: embedded }", { yaml }).map(({ text }) => parse(text));
  assert.equal(push.spec.taskRunSpecs, [
    { pipelineTaskName: "deploy-production", serviceAccountName: "slipway-production" },
  ]);
  assert.is(pullRequest.spec.taskRunSpecs, undefined);
  const { steps, volumes } = push.spec.pipelineSpec.tasks.at(-1).taskSpec;
  assert.equal(volumes.at(-1), {
    name: "token",
    projected: {
      sources: [{ serviceAccountToken: { path: "token", audience: "slipway-production", expirationSeconds: 2700 } }],
    },
  });
  assert.equal(
    steps.map(({ volumeMounts = [] }: { volumeMounts?: { name: string }[] }) => volumeMounts.map(({ name }) => name)),
    [["git"], ["token"]],
  );
});

token("keeps its kubeconfig where a token would run out before the deploy", () => {
  const long = yaml.replace("after: canary,", "after: canary, bakeSeconds: 3600,");
  assert.match(textOf("circleci", "{}", long), "--kubeconfig env:RING_KUBECONFIG deploy --ring production");
  assert.match(textOf("gitlab", "{}", long), `${ACCESS} deploy --ring production`);
});

token("is refused with words that could be others in a command line", () => {
  const wrong = CLUSTER.replace("https:", "http:")
    .replace("ci/production.crt", "../production.crt")
    .replace("slipway-production", "'slipway production'");
  const told = refusalOf({ "package.json": "{}" }, `rings: { production: { ${wrong} } }`);
  for (const expected of [
    "rings.production.cluster.server: expected the address of an API server: https://HOST:PORT; found http://k8s.example.com:6443",
    "rings.production.cluster.certificateAuthority: expected the path of a PEM file in the repository; found ../production.crt",
    'rings.production.cluster.audience: expected a name such as slipway-production; found "slipway production"',
  ])
    assert.match(told, expected);
});

token.run();

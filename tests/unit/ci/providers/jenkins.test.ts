import { suite } from "uvu";
import * as assert from "uvu/assert";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

const jenkins = suite("the file of Jenkins");

/** The lines of one stage. */
function stageOf(text: string, name: string): string {
  return new RegExp(`^    stage\\('${name}'\\) \\{$([\\s\\S]*?)^    \\}$`, "m").exec(text)?.[1] ?? "";
}

jenkins("is one file", () => {
  assert.equal(
    filesOf("jenkins").map(({ path }) => path),
    ["Jenkinsfile"],
  );
});

jenkins("has a stage for each job, in order", () => {
  assert.equal(
    [...textOf("jenkins").matchAll(/stage\('([^']*)'\)/g)].map((match) => match[1]),
    ["test", "publish", "deploy-canary", "deploy-production"],
  );
});

jenkins("is this for a ring that a person lets a release into, with the embedded engine", () => {
  assert.is(
    stageOf(textOf("jenkins", "{ engine: embedded, runner: [linux, big] }"), "deploy-production"),
    `
      when {
        beforeInput true
        beforeAgent true
        branch 'main'
        not { changeRequest() }
      }
      input {
        message 'Deploy to production?'
        id 'deploy-production'
        parameters {
          text(name: 'SLIPWAY_APPROVALS', description: 'What the approvers have signed: slipway call approve')
        }
      }
      agent { label 'linux && big' }
      steps {
        lock('slipway-shop-production') {
          timeout(time: 45, unit: 'MINUTES') {
            unstash 'release'
            withCredentials([file(credentialsId: 'slipway-production-kubeconfig', variable: 'RING_KUBECONFIG')]) {
              sh '''
                printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals
                npx --yes slipway@0.1.0 call --progress=logs --kubeconfig file:"$RING_KUBECONFIG" deploy --ring production --release release.json --approvals .slipway-approvals
              '''
            }
          }
        }
      }
`,
  );
});

jenkins("asks for no text where nobody has to sign", () => {
  const text = textOf("jenkins", "{}", { yaml: SHOP.replace("quorum: 1", "quorum: 0") });
  assert.match(text, "input {\n        message 'Deploy to production?'\n        id 'deploy-production'\n      }");
});

jenkins("gives secrets to the stages that use them, and only on the branch", () => {
  const text = textOf("jenkins");
  assert.is(stageOf(text, "test").includes("withCredentials"), false);
  for (const name of ["publish", "deploy-canary", "deploy-production"]) {
    assert.match(stageOf(text, name), "withCredentials");
    assert.match(stageOf(text, name), "branch 'main'\n        not { changeRequest() }");
  }
});

jenkins("binds the key that signs as a file where a ring takes only what is signed", () => {
  const text = textOf("jenkins", "{ engine: embedded }", { yaml: SIGNED_SHOP });
  assert.match(
    stageOf(text, "publish"),
    `
          withCredentials([usernamePassword(credentialsId: 'slipway-registry', usernameVariable: 'REGISTRY_USERNAME', passwordVariable: 'REGISTRY_PASSWORD'), file(credentialsId: 'slipway-signing-key', variable: 'SIGNING_KEY')]) {
            sh '''npx --yes slipway@0.1.0 call --progress=logs --signing-key file:"$SIGNING_KEY" release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json'''
          }
`,
  );
  assert.is(text.split("SIGNING_KEY").length, 3);
  assert.is(textOf("jenkins").includes("SIGNING_KEY"), false);
});

jenkins.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditJenkins } from "../../../support/audit-jenkins.ts";
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

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  jenkins(`has nothing wrong with ${variant}`, () => {
    for (const yaml of [SHOP, SIGNED_SHOP]) assert.equal(auditJenkins(textOf("jenkins", variant, { yaml })), []);
  });
}

const PUBLISH = / {4}stage\('publish'\) \{\n[\s\S]*?\n {4}\}\n\n/;

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("'slipway-canary-kubeconfig'", "'slipway-canry-kubeconfig'"),
    ["deploy-canary: RING_KUBECONFIG is slipway-canry-kubeconfig"],
  ],
  "the secret of another ring": [
    (text) => text.replace("'slipway-canary-kubeconfig'", "'slipway-production-kubeconfig'"),
    ["deploy-canary: RING_KUBECONFIG is slipway-production-kubeconfig"],
  ],
  "secrets of the whole pipeline": [
    (text) =>
      text.replace("  agent none\n", "  agent none\n  environment { PASSWORD = credentials('slipway-registry') }\n"),
    ["secrets of the whole pipeline"],
  ],
  "a stage that does not wait for the checks": [
    (text) =>
      text.replace(PUBLISH, "").replace("    stage('test')", () => `${PUBLISH.exec(text)?.[0]}    stage('test')`),
    ["publish: does not wait for the checks"],
  ],
  "a delivery of pull requests": [
    (text) => text.replace("        not { changeRequest() }\n", ""),
    ["publish: runs for pull requests"],
  ],
  "a delivery of every branch": [
    (text) => text.replace("        branch 'main'\n", ""),
    ["publish: runs for every branch"],
  ],
  "a package of no version": [
    (text) =>
      text.replace(
        "slipway@0.1.0 call --progress=logs reports --again -o reports",
        "slipway call --progress=logs reports --again -o reports",
      ),
    ["test: a package of no version"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CHANGE_BRANCH"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$TAG_NAME"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CHANGE_TITLE"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch by Groovy's own hand": [
    (text) => text.replace(/sh '''([^']*=logs reports)([^']*)'''/, 'sh """$1 $${env.CHANGE_BRANCH}$2"""'),
    ["test: pasted into a script: what a stranger has written", "test: text that Groovy fills in"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace(/ {6}input \{\n[\s\S]*?\n {6}\}\n/, ""),
    ["deploy-production: asks nobody"],
  ],
  "two deploys at once": [
    (text) => text.replace("lock('slipway-shop-canary')", "ws('x')"),
    ["deploy-canary: two of them run at once"],
  ],
  "no time limit": [
    (text) => text.replace("timeout(time: 60, unit: 'MINUTES')", "ws('x')"),
    ["publish: no time limit"],
  ],
  "no release": [(text) => text.replace("unstash 'release'", "unstash 'releases'"), ["deploy-canary: has no releases"]],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  jenkins(`is found to have ${fault}`, () => {
    const good = textOf("jenkins", "{ engine: embedded }");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditJenkins(plant(good)), told);
  });
}

jenkins("is found to run an archive that nobody compares", () => {
  const bad = textOf("jenkins").replace(/.*sha256sum -c -\n/, "");
  assert.equal(auditJenkins(bad), ["test: an archive that nobody compares"]);
});

jenkins.run();

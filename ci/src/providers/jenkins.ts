import { VERSION } from "../version.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER, fetchDagger } from "./install.ts";
import {
  APPROVALS,
  type ChecksJob,
  type Job,
  type Pipeline,
  type PublishJob,
  RELEASE_FILE,
  REPORTS,
  type RingJob,
  writeApprovals,
} from "./pipeline.ts";

/** A Jenkinsfile for a multibranch pipeline, in the declarative form. */
export function writeJenkins(pipeline: Pipeline): GeneratedFile[] {
  const { checks, publish, rings } = pipeline;
  const stages = [
    ...checks.map((job) => checksStage(pipeline, job)),
    ...(publish === undefined ? [] : [publishStage(pipeline, publish)]),
    ...rings.map((job) => ringStage(pipeline, job)),
  ];
  const text = block("pipeline", ["agent none", block("stages", [stages.join("\n\n")])]);
  return [{ path: "Jenkinsfile", text: `// ${FIRST_LINE}\n${text}\n` }];
}

function checksStage(pipeline: Pipeline, job: ChecksJob): string {
  const { junit, cobertura, sarif } = pipeline.reportFiles;
  // An agent keeps its folder: reports of the build before would be files of the repository.
  const steps = [`rm -rf ${REPORTS}`, ...checkLines(job, (call) => line(pipeline, job, call))];
  const post = [
    `junit allowEmptyResults: true, testResults: '${junit.join(", ")}'`,
    ...cobertura.map((path) =>
      ifThere("coverage", `recordCoverage tools: [[parser: 'COBERTURA', pattern: '${path}']]`),
    ),
    ...sarif.map((path) => ifThere("warnings-ng", `recordIssues tools: [sarif(pattern: '${path}')]`)),
    `archiveArtifacts allowEmptyArchive: true, artifacts: '${REPORTS}/**'`,
  ];
  return stage(job, [
    agent(pipeline),
    block("steps", [limit(job, [sh(job, steps)])]),
    block("post", [block("always", post)]),
  ]);
}

/** A step of a plugin that not every Jenkins has: without it the build says so, and goes on. */
function ifThere(plugin: string, step: string): string {
  const missing = `echo 'not shown: the plugin ${plugin} is missing'`;
  return block("script", [`${block("try", [step])} ${block("catch (NoSuchMethodError missing)", [missing])}`]);
}

function publishStage(pipeline: Pipeline, job: PublishJob): string {
  const login = registryLogin("slipway-registry");
  // A file keeps the lines of a key, and the variable then has its path.
  const key = "file(credentialsId: 'slipway-signing-key', variable: 'SIGNING_KEY')";
  const call = job.signs ? job.call.replace("env:SIGNING_KEY", 'file:"$SIGNING_KEY"') : job.call;
  return stage(job, [
    onBranch(pipeline),
    agent(pipeline),
    block("steps", [
      limit(job, [
        withCredentials(job.signs ? `${login}, ${key}` : login, [sh(job, [line(pipeline, job, call)])]),
        `stash name: 'release', includes: '${RELEASE_FILE}'`,
      ]),
    ]),
  ]);
}

function registryLogin(id: string): string {
  return `usernamePassword(credentialsId: '${id}', usernameVariable: 'REGISTRY_USERNAME', passwordVariable: 'REGISTRY_PASSWORD')`;
}

function ringStage(pipeline: Pipeline, job: RingJob): string {
  const bindings = [
    `file(credentialsId: 'slipway-${job.ring}-kubeconfig', variable: 'RING_KUBECONFIG')`,
    // Of its own: who deploys need not be able to push.
    ...(job.registry === undefined ? [] : [registryLogin(`slipway-${job.ring}-registry`)]),
  ];
  const call = job.call.replace("env:RING_KUBECONFIG", 'file:"$RING_KUBECONFIG"');
  const lines = [...writeApprovals(job), line(pipeline, job, call)];
  return stage(job, [
    onBranch(pipeline),
    ...(job.isManual ? [ask(job)] : []),
    agent(pipeline),
    block("steps", [
      // Builds of the branch run side by side; in a ring one waits for the other.
      block(`lock('slipway-${pipeline.product}-${job.ring}')`, [
        limit(job, ["unstash 'release'", withCredentials(bindings.join(", "), [sh(job, lines)])]),
      ]),
    ]),
  ]);
}

/** Before an agent is taken: nobody is kept while a person thinks. */
function ask({ ring, quorum }: RingJob): string {
  const text = `text(name: '${APPROVALS}', description: 'What the approvers have signed: slipway call approve')`;
  return block("input", [
    `message 'Deploy to ${ring}?'`,
    `id 'deploy-${ring}'`,
    ...(quorum > 0 ? [block("parameters", [text])] : []),
  ]);
}

function onBranch({ branch }: Pipeline): string {
  return block("when", ["beforeInput true", "beforeAgent true", `branch '${branch}'`, "not { changeRequest() }"]);
}

function agent({ settings: { runner } }: Pipeline): string {
  return runner.length === 0 ? "agent any" : `agent { label '${runner.join(" && ")}' }`;
}

function limit({ minutes }: Job, steps: readonly string[]): string {
  return block(`timeout(time: ${minutes}, unit: 'MINUTES')`, steps);
}

function withCredentials(binding: string, steps: readonly string[]): string {
  return block(`withCredentials([${binding}])`, steps);
}

/** An agent stays as it was: the tool goes into the build's own folder, or into npm's cache. */
function line({ settings, ...pipeline }: Pipeline, job: Job, call: string): string {
  if (job.engine === "dagger") return `"$WORKSPACE_TMP/dagger" ${call}`;
  return commandOf({ ...pipeline, settings: { command: `npx --yes slipway@${VERSION}`, ...settings } }, job, call);
}

/** In single quotes Groovy reads nothing into the text: what stands there is the shell's. */
function sh({ engine }: Job, lines: readonly string[]): string {
  const install =
    engine === "dagger"
      ? [
          `DAGGER_ARCHIVE=${DAGGER.archive}`,
          `DAGGER_SHA256=${DAGGER.sha256}`,
          'mkdir -p "$WORKSPACE_TMP"',
          ...fetchDagger("$WORKSPACE_TMP"),
        ]
      : [];
  const all = [...install, ...lines];
  return all.length === 1 ? `sh '''${all[0]}'''` : ["sh '''", ...all.map((one) => `  ${one}`), "'''"].join("\n");
}

function stage({ id }: Job, parts: readonly string[]): string {
  return block(`stage('${id}')`, parts);
}

function block(head: string, parts: readonly string[]): string {
  const inner = parts.join("\n").split("\n");
  return [`${head} {`, ...inner.map((one) => (one === "" ? "" : `  ${one}`)), "}"].join("\n");
}

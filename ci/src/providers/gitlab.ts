import { images } from "../tool-images.ts";
import { DOCKER_BESIDE, DOCKER_COMMAND } from "./docker-images.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER_VARIABLES, fetchDagger, installSlipway, STORE_ON_VOLUME } from "./install.ts";
import {
  type ChecksJob,
  type Job,
  type Pipeline,
  type PublishJob,
  RELEASE_FILE,
  REPORTS,
  type RingJob,
  writeApprovals,
} from "./pipeline.ts";
import { RING_TOKEN } from "./secrets.ts";
import { gitlabStore } from "./store-cache.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** A pipeline of GitLab. The values of secrets are variables of the project: the file does not name those of others. */
export function writeGitlab(pipeline: Pipeline): GeneratedFile[] {
  const { branch, checks, publish, rings, settings } = pipeline;
  const deliveries = [...(publish === undefined ? [] : [publish]), ...rings];
  const content = {
    workflow: {
      auto_cancel: { on_new_commit: "interruptible" },
      rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }, { if: onBranch(branch) }],
    },
    stages: ["test", ...deliveries.map(({ id }) => id)],
    ...Object.fromEntries(settings.engines.map((engine) => [`.${engine}`, withEngine(pipeline, engine)])),
    ...Object.fromEntries(checks.map((job) => [job.id, checksJob(pipeline, job)])),
    ...(publish === undefined ? {} : { publish: publishJob(pipeline, publish) }),
    ...Object.fromEntries(rings.map((job) => [job.id, ringJob(pipeline, job)])),
  };
  return [{ path: ".gitlab-ci.yml", text: writeYaml([FIRST_LINE], content) }];
}

/** Empty in the pipeline of a merge request, whoever it is from. */
function onBranch(branch: string): string {
  return `$CI_COMMIT_BRANCH == "${branch}"`;
}

/** What a job of an engine begins with. */
function withEngine(pipeline: Pipeline, engine: Job["engine"]) {
  const { runner } = pipeline.settings;
  const tags = runner.length === 0 ? {} : { tags: inLine(runner) };
  if (engine === "dagger") {
    return {
      ...tags,
      image: DOCKER_COMMAND,
      services: [DOCKER_BESIDE],
      variables: {
        DOCKER_HOST: "tcp://docker:2376",
        DOCKER_TLS_VERIFY: "1",
        DOCKER_TLS_CERTDIR: "/certs",
        DOCKER_CERT_PATH: "/certs/client",
        ...DAGGER_VARIABLES,
      },
      before_script: fetchDagger("/usr/local/bin", "wget -q -O"),
    };
  }
  return { ...tags, image: images.node, before_script: [STORE_IF_CONTAINER, installSlipway(pipeline) ?? []].flat() };
}

/** GitLab says so of each executor that runs a job in something new; those that stay keep the store of their user. */
const STORE_IF_CONTAINER = `[ -z "$CI_DISPOSABLE_ENVIRONMENT" ] || ${STORE_ON_VOLUME}`;

/** The line of the results that GitLab takes the coverage from. */
const COVERAGE = "/^coverage: (\\d+\\.\\d+)%/";

function checksJob(pipeline: Pipeline, job: ChecksJob) {
  const [junit] = pipeline.reportFiles.junit;
  const [codequality] = pipeline.reportFiles.codequality;
  const [cobertura] = pipeline.reportFiles.cobertura;
  const isCovered = cobertura !== undefined;
  const store = gitlabStore(pipeline, job);
  return {
    stage: "test",
    ...start(job),
    // A new commit of the same branch makes it pointless.
    interruptible: true,
    ...(store.cache === undefined ? {} : { cache: store.cache }),
    script: [...store.before, ...checkLines(job, (call) => commandOf(pipeline, job, call), [], store.after)],
    ...(isCovered ? { coverage: COVERAGE } : {}),
    artifacts: {
      when: "always",
      paths: [`${REPORTS}/`],
      reports: {
        junit,
        codequality,
        ...(isCovered ? { coverage_report: { coverage_format: "cobertura", path: cobertura } } : {}),
      },
    },
  };
}

/** GitLab's own registry takes the job itself: there is no password that could be stolen. */
const OWN_REGISTRY = /^registry\.gitlab\.com(?:\/|$)/;

function loginTo(registry: string | undefined): object {
  if (!OWN_REGISTRY.test(registry ?? "")) return {};
  return { REGISTRY_USERNAME: "$CI_REGISTRY_USER", REGISTRY_PASSWORD: "$CI_REGISTRY_PASSWORD" };
}

function publishJob(pipeline: Pipeline, job: PublishJob) {
  return {
    ...deliver(pipeline, job),
    needs: pipeline.checks.map(({ id }) => id),
    // For a variable of this scope, which no other job sees. Nothing is deployed there.
    ...(job.signs ? { environment: { name: job.id, action: "access" } } : {}),
    variables: { GIT_DEPTH: "0", ...loginTo(job.registry) },
    script: [commandOf(pipeline, job, job.call)],
    artifacts: { paths: [RELEASE_FILE] },
  };
}

function ringJob(pipeline: Pipeline, job: RingJob) {
  return {
    ...deliver(pipeline, job),
    // The file of the release is an artifact of publish.
    needs: [...new Set(["publish", job.needs])],
    environment: job.ring,
    resource_group: `slipway-${job.ring}`,
    ...(job.audience === undefined ? {} : { id_tokens: { [RING_TOKEN]: { aud: job.audience } } }),
    variables: { GIT_DEPTH: "0", ...loginTo(job.registry) },
    script: [...writeApprovals(job), commandOf(pipeline, job, job.call)],
  };
}

function deliver({ branch }: Pipeline, job: Job & { readonly isManual?: boolean }) {
  return {
    stage: job.id,
    ...start(job),
    rules: [{ if: onBranch(branch), ...(job.isManual === true ? { when: "manual" } : {}) }],
    interruptible: false,
  };
}

function start({ engine, minutes }: Job) {
  return { extends: `.${engine}`, timeout: `${minutes} minutes` };
}

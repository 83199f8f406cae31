import { images } from "../tool-images.ts";
import { DOCKER_BESIDE, DOCKER_COMMAND } from "./docker-images.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER_VARIABLES, fetchDagger, installSlipway, STORE_ON_VOLUME } from "./install.ts";
import {
  APPROVALS,
  askToken,
  type ChecksJob,
  type Job,
  type Pipeline,
  type PublishJob,
  RELEASE_FILE,
  type RingJob,
  writeApprovals,
} from "./pipeline.ts";
import { placeOf } from "./small-names.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** How long a person may think. */
const APPROVAL_MINUTES = 3 * 24 * 60;

/**
 * Runs of Tekton, as Pipelines-as-Code starts them: one for pull requests, which names no secret, and one for the protected branch. All
 * is in the two files: no Task of somebody else is fetched when they run.
 */
export function writeTekton(pipeline: Pipeline): GeneratedFile[] {
  const { branch, checks, publish, rings } = pipeline;
  const tests = checks.map((job) => checksTask(pipeline, job));
  const deliveries = [
    ...(publish === undefined ? [] : [publishTask(pipeline, publish)]),
    ...rings.flatMap((job) => ringTasks(pipeline, job)),
  ];
  const asked = rings.filter(({ isManual }) => isManual).length * APPROVAL_MINUTES;
  const longest = Math.max(...checks.map(({ minutes }) => minutes));
  const after = [...(publish === undefined ? [] : [publish]), ...rings];
  const minutes = after.reduce((sum, job) => sum + job.minutes, longest) + asked;
  return [
    file("pull-request", pipeline, {
      annotations: { ...on('event == "pull_request"'), [`${ANNOTATION}/cancel-in-progress`]: "true" },
      minutes: longest,
      tasks: tests,
    }),
    file("push", pipeline, {
      // Of a push it is the whole name: a tag may be called like the branch.
      annotations: {
        [`${ANNOTATION}/on-event`]: "[push]",
        [`${ANNOTATION}/on-target-branch`]: `[refs/heads/${branch}]`,
        [`${ANNOTATION}/cancel-in-progress`]: "false",
      },
      minutes,
      tasks: [...tests, ...deliveries],
      ...(publish === undefined ? {} : { handsOn: true }),
    }),
  ];
}

const ANNOTATION = "pipelinesascode.tekton.dev";

const on = (expression: string) => ({ [`${ANNOTATION}/on-cel-expression`]: expression });

interface Run {
  readonly annotations: Readonly<Record<string, string>>;
  readonly minutes: number;
  readonly tasks: readonly object[];
  /** Whether one task gives another the file of the release. */
  readonly handsOn?: boolean;
}

function file(
  name: string,
  { settings, rings }: Pipeline,
  { annotations, minutes, tasks, handsOn }: Run,
): GeneratedFile {
  const labels = Object.fromEntries(settings.runner.map((label) => [label, "true"]));
  // A cluster tells rings by the account that a token is of.
  const accounts = rings.flatMap(({ id, ring, audience }) =>
    audience === undefined || handsOn !== true ? [] : [{ pipelineTaskName: id, serviceAccountName: `slipway-${ring}` }],
  );
  const claim = { accessModes: inLine(["ReadWriteOnce"]), resources: { requests: { storage: "1Mi" } } };
  const content = {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name: `slipway-${name}`, annotations },
    spec: {
      // Pipelines-as-Code fills them in, and scripts have them in variables.
      params: [
        { name: "repository", value: "{{ repo_url }}" },
        { name: "revision", value: "{{ revision }}" },
      ],
      timeouts: { pipeline: duration(minutes) },
      taskRunTemplate: {
        serviceAccountName: "slipway",
        // No step has a right in the cluster that runs it.
        podTemplate: {
          automountServiceAccountToken: false,
          ...(settings.runner.length === 0 ? {} : { nodeSelector: labels }),
        },
      },
      ...(accounts.length === 0 ? {} : { taskRunSpecs: accounts }),
      ...(handsOn === true ? { workspaces: [{ name: "release", volumeClaimTemplate: { spec: claim } }] } : {}),
      pipelineSpec: {
        ...(handsOn === true ? { workspaces: [{ name: "release" }] } : {}),
        tasks,
      },
    },
  };
  return { path: `.tekton/slipway-${name}.yaml`, text: writeYaml([FIRST_LINE], content) };
}

function duration(minutes: number): string {
  return `${minutes}m`;
}

function checksTask(pipeline: Pipeline, job: ChecksJob) {
  return task(pipeline, job, { lines: checkLines(job, (call) => commandOf(pipeline, job, call)) });
}

function publishTask(pipeline: Pipeline, job: PublishJob) {
  return task(pipeline, job, {
    after: pipeline.checks.map(({ id }) => id),
    lines: [commandOf(pipeline, job, job.call), `cp ${RELEASE_FILE} ../release/`],
  });
}

/** A ring that a person lets a run into has a task before it that does nothing but wait, and keeps no pod for it. */
function ringTasks(pipeline: Pipeline, job: RingJob) {
  const { ring, needs, isManual, quorum } = job;
  const ask = {
    name: `allow-${ring}`,
    runAfter: inLine([needs]),
    timeout: duration(APPROVAL_MINUTES),
    taskRef: { apiVersion: "openshift-pipelines.org/v1alpha1", kind: "ApprovalTask" },
    params: [
      { name: "approvers", value: inLine([`group:slipway-${ring}`]) },
      { name: "numberOfApprovalsRequired", value: "1" },
      { name: "description", value: `Deploy to ${ring}?` },
    ],
  };
  const given = { configMapKeyRef: { name: `slipway-${ring}`, key: APPROVALS } };
  const deploy = task(pipeline, job, {
    after: [isManual ? ask.name : needs],
    ...(job.audience === undefined ? {} : { token: tokenVolume(job.audience, job.minutes) }),
    lines: [
      ...askToken(job, () => "cat /token/token"),
      `cp ../release/${RELEASE_FILE} .`,
      ...writeApprovals(job),
      commandOf(pipeline, job, job.call),
    ],
    env: quorum > 0 ? [{ name: APPROVALS, valueFrom: given }] : [],
  });
  return [...(isManual ? [ask] : []), deploy];
}

/** A token of the account that the task runs as, for another cluster than the one that runs it, or for that one. */
function tokenVolume(audience: string, minutes: number) {
  const serviceAccountToken = { path: "token", audience, expirationSeconds: minutes * 60 };
  return { name: "token", projected: { sources: [{ serviceAccountToken }] } };
}

interface Task {
  /** The volume of its token for the cluster of the ring. */
  readonly token?: object;
  readonly lines: readonly string[];
  readonly after?: readonly string[];
  readonly env?: readonly object[];
}

function task(pipeline: Pipeline, job: Job, { lines, after, env = [], token }: Task) {
  const isDagger = job.engine === "dagger";
  const secrets = job.secrets.map((name) => ({
    name,
    valueFrom: { secretKeyRef: { name: `slipway-${placeOf(job)}`, key: name } },
  }));
  const variables = isDagger ? { DOCKER_HOST: `unix://${SOCKET}`, ...DAGGER_VARIABLES } : {};
  const all = [...Object.entries(variables).map(([name, value]) => ({ name, value })), ...secrets, ...env];
  const isDelivery = after !== undefined;
  const mounts = [
    ...(isDagger ? [DOCKER_MOUNT] : []),
    ...(token === undefined ? [] : [{ name: "token", mountPath: "/token", readOnly: true }]),
  ];
  return {
    name: job.id,
    ...(isDelivery ? { runAfter: inLine(after), workspaces: [{ name: "release", workspace: "release" }] } : {}),
    timeout: duration(job.minutes),
    taskSpec: {
      ...(isDelivery ? { workspaces: [{ name: "release", mountPath: "/workspace/release" }] } : {}),
      stepTemplate: { workingDir: "/workspace" },
      steps: [
        clone(isDelivery),
        {
          name: "call",
          image: isDagger ? DOCKER_COMMAND : images.node,
          // The embedded engine makes namespaces and mounts, which a step may do only so.
          ...(isDagger ? {} : { securityContext: { privileged: true } }),
          ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
          ...(all.length === 0 ? {} : { env: all }),
          script: script(["cd source", ...install(pipeline, job), ...lines]),
        },
      ],
      ...(isDagger ? { sidecars: [docker] } : {}),
      volumes: [
        CREDENTIALS,
        ...(token === undefined ? [] : [token]),
        ...(isDagger ? [{ name: "docker", emptyDir: {} }, DOCKER_DATA] : []),
      ],
    },
  };
}

/** The token of the source, which Pipelines-as-Code makes for each run: only the step that clones has it. */
const CREDENTIALS = { name: "git", secret: { secretName: "{{ git_auth_secret }}", optional: true } };

/** Of what is deployed all of the history: whether it is newer than what runs is a question to it. */
function clone(isWhole: boolean) {
  const depth = isWhole ? "" : " --depth 1";
  const login = "-c credential.helper='store --file=/git/.git-credentials'";
  return {
    name: "clone",
    image: images.node,
    env: [
      { name: "REPOSITORY", value: "$(params.repository)" },
      { name: "REVISION", value: "$(params.revision)" },
    ],
    volumeMounts: [{ name: "git", mountPath: "/git", readOnly: true }],
    script: script([
      // In a folder that this user makes: git takes no repository in that of another.
      "git init --quiet source",
      "cd source",
      'git remote add origin "$REPOSITORY"',
      `git ${login} fetch --quiet${depth} origin "$REVISION"`,
      "git checkout --quiet --detach FETCH_HEAD",
    ]),
  };
}

const SOCKET = "/docker/docker.sock";
const DOCKER_MOUNT = { name: "docker", mountPath: "/docker" };
const DOCKER_DATA = { name: "docker-data", emptyDir: {} };

/** Dagger's engine runs in it. It is reached by a socket: a port would be open to all pods of the cluster. */
const docker = {
  name: "docker",
  image: DOCKER_BESIDE,
  args: inLine(["dockerd", `--host=unix://${SOCKET}`]),
  securityContext: { privileged: true },
  // Steps begin when it answers.
  readinessProbe: { periodSeconds: 1, exec: { command: inLine(["docker", `--host=unix://${SOCKET}`, "info"]) } },
  volumeMounts: [DOCKER_MOUNT, { name: "docker-data", mountPath: "/var/lib/docker" }],
};

function install(pipeline: Pipeline, { engine }: Job): string[] {
  return engine === "dagger"
    ? fetchDagger("/usr/local/bin", "wget -q -O")
    : [STORE_ON_VOLUME, installSlipway(pipeline) ?? []].flat();
}

/** Tekton runs it by `sh`, which ends at the first line that fails. */
function script(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

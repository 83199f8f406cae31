import type { ProviderName } from "../config/provider-schema.ts";
import type { Settings } from "../config/settings.ts";
import { APPROVALS, type Job, type Pipeline, type RingJob } from "./pipeline.ts";
import { describeProviders } from "./providers.ts";
import { REGISTRY_LOGIN } from "./secrets.ts";
import { placeOf, smallName } from "./small-names.ts";

/** Something that a person sets in a CI system, because no file can hold it: where, and what. */
export type ByHand = readonly [provider: ProviderName, where: string, what: string];

/**
 * What is to be set by hand for the files of all providers that the settings name: secrets by their names, and settings. Whether
 * they are set is for the provider to know.
 *
 * @param moduleFile the text of dagger.json at the top; undefined when there is none
 */
export function listByHand(settings: Settings, moduleFile: string | undefined): ByHand[] {
  return describeProviders(settings, moduleFile).flatMap(([name, pipeline]) => {
    const { secret, approvals, settings: list } = PLACES[name];
    const { publish, rings } = pipeline;
    const jobs: readonly Job[] = [...(publish === undefined ? [] : [publish]), ...rings];
    const rows = [
      ...rings.flatMap(({ ring, audience }): Row[] =>
        audience === undefined
          ? []
          : [[`cluster of ring ${ring}`, `takes tokens for ${audience} (--authentication-config)`]],
      ),
      ...jobs.flatMap((job) => job.secrets.map((variable) => secret(job, variable, pipeline))),
      ...rings.flatMap((ring) => (ring.quorum > 0 && approvals !== undefined ? [approvals(ring)] : [])),
      ...list(pipeline),
    ].map(([where, what]): ByHand => [name, where, what]);
    // The two halves of a login are one secret in some systems.
    return rows.filter((row, at) => rows.findIndex((other) => other.join("\n") === row.join("\n")) === at);
  });
}

type Row = readonly [where: string, what: string];

interface Places {
  readonly secret: (job: Job, variable: string, pipeline: Pipeline) => Row;
  /** Absent where whoever starts the deploy gives the signed text. */
  readonly approvals?: (ring: RingJob) => Row;
  readonly settings: (pipeline: Pipeline) => readonly Row[];
}

const inEnvironment =
  (kind: string): Places["secret"] =>
  (job, variable) => [`environment ${placeOf(job)}`, `${kind} ${variable}`];

const TRUSTED = "an administrator marks it as trusted: steps, or Docker beside them, are privileged";

const STOPS = "or a newer commit stops a running deploy";

/** Woodpecker's first file of a delivery waits for a deployment where a first ring asks for signatures. */
function isByPush(job: Job, { rings }: Pipeline): boolean {
  const isFirst = (one: Job) => !("needs" in one) || one.needs === "publish";
  return isFirst(job) && !rings.some((ring) => isFirst(ring) && ring.isManual);
}

const PLACES: Readonly<Record<ProviderName, Places>> = {
  github: {
    secret: inEnvironment("secret"),
    approvals: ({ ring }) => [`environment ${ring}`, `variable ${APPROVALS}`],
    settings: ({ branch, publish, rings }) => [
      ...rings.flatMap(({ ring, isManual, quorum }): Row[] =>
        isManual && quorum === 0 ? [[`environment ${ring}`, "Required reviewers"]] : [],
      ),
      ...(publish === undefined ? [] : [["environments", `Deployment branches: ${branch} alone`] as const]),
      ["rulesets", "import .github/rulesets/slipway.json"],
    ],
  },
  gitlab: {
    secret: (job, variable) => [
      "CI/CD variables",
      `${variable}, protected${"ring" in job || variable === "SIGNING_KEY" ? `, environment scope ${placeOf(job)}` : ""}`,
    ],
    approvals: ({ ring }) => [
      "CI/CD variables",
      `${APPROVALS}, environment scope ${ring}, or given with the manual job`,
    ],
    settings: ({ branch }) => [
      ["repository", `protected branch ${branch}`],
      ["merge requests", "Pipelines must succeed"],
    ],
  },
  concourse: {
    secret: (job, variable) => ["credential manager", smallName(job, variable).replaceAll("_", "-")],
    approvals: ({ ring }) => ["credential manager", `${ring}-approvals`],
    settings: ({ product, source, checks }) => [
      ...(checks.some(({ engine }) => engine === "dagger") ? [["credential manager", "dagger-engine"] as const] : []),
      ...(source === undefined ? [["credential manager", "source-uri"] as const] : []),
      ["fly", `set-pipeline -p ${product} -c ci/concourse/pipeline.yml, again whenever the file changes`],
    ],
  },
  jenkins: {
    secret: (job, variable) => ["credentials", nameJenkins(job, variable)],
    settings: ({ publish, rings }) => [
      [
        "plugins",
        [
          "Pipeline",
          ...(publish === undefined ? [] : ["Credentials Binding"]),
          ...(rings.length === 0 ? [] : ["Lockable Resources"]),
          "JUnit",
        ].join(", "),
      ],
      ["branch source", "discover pull requests of forks: Trust: Nobody"],
    ],
  },
  woodpecker: {
    secret: (job, variable, pipeline) => [
      "secrets",
      `${smallName(job, variable)}, event ${isByPush(job, pipeline) ? "push" : "deployment"} alone`,
    ],
    settings: ({ rings }) => [
      ["project", `Trusted, Security: ${TRUSTED}`],
      ["project", "Require approval for: forked repositories at least"],
      ...(rings.length === 0
        ? []
        : [["project", `Cancel previous pipelines: without push and deployment, ${STOPS}`] as const]),
      ...(rings.some(({ isManual }) => isManual) ? [["project", "Allow deployments"] as const] : []),
    ],
  },
  drone: {
    secret: (job, variable) => ["secrets", `${smallName(job, variable)}, not for pull requests`],
    settings: ({ rings }) => [
      ["repository", `Trusted: ${TRUSTED}`],
      ["repository", "Ignore forks, or Protected"],
      ...(rings.length === 0 ? [] : [["repository", `Auto cancel pushes: off, ${STOPS}`] as const]),
    ],
  },
  bitbucket: {
    secret: inEnvironment("secured variable"),
    approvals: ({ ring }) => [`environment ${ring}`, `variable ${APPROVALS}`],
    settings: ({ branch, settings: { runner } }) => [
      ["branch restrictions", `${branch}: pull requests alone, with at least 1 successful build`],
      ...(runner.length === 0 ? [] : [["runners", `Linux Shell, with the labels ${runner.join(", ")}`] as const]),
    ],
  },
  circleci: {
    secret: (job, variable) => [`context slipway-${placeOf(job)}`, `variable ${variable}`],
    approvals: ({ ring }) => [`context slipway-${ring}`, `variable ${APPROVALS}`],
    settings: ({ branch, rings }) => [
      ["project", "Pass secrets to builds from forked pull requests: off"],
      ["project", `Auto-cancel redundant workflows: not on ${branch}`],
      ...rings.flatMap(({ ring, isManual }): Row[] =>
        isManual ? [[`context slipway-${ring}`, "restricted to the group that may deploy there"]] : [],
      ),
    ],
  },
  azure: {
    secret: (job, variable) => [`variable group slipway-${placeOf(job)}`, `secret ${variable}`],
    approvals: ({ ring }) => [`variable group slipway-${ring}`, `variable ${APPROVALS}`],
    settings: ({ branch, publish, rings }) => [
      ...rings.map(
        ({ ring }): Row => [`environment ${ring}`, `Exclusive lock, and Branch control: refs/heads/${branch}`],
      ),
      ...(publish === undefined ? [] : [["variable groups", `Branch control: refs/heads/${branch}`] as const]),
      ["pipeline", "Make secrets available to builds of forks: off"],
      ["branch policies", `${branch}: Build validation by this pipeline`],
    ],
  },
  buildkite: {
    secret: (job, variable, { branch }) => [
      "secrets",
      `${smallName(job, variable).replaceAll("-", "_").toUpperCase()}, policy: build_branch ${branch}`,
    ],
    approvals: ({ ring }) => ["secrets", `${ring.replaceAll("-", "_").toUpperCase()}_APPROVALS`],
    settings: ({ branch }) => [
      ["pipeline steps", "buildkite-agent pipeline upload"],
      ["pipeline", "Build pull requests from third-party forked repositories: off"],
      ["pipeline", `Cancel intermediate builds: not on ${branch} (!${branch})`],
    ],
  },
  tekton: {
    secret: (job, variable) => [`Secret slipway-${placeOf(job)}`, `key ${variable}`],
    approvals: ({ ring }) => [`ConfigMap slipway-${ring}`, `key ${APPROVALS}`],
    settings: ({ rings }) => [
      ["ServiceAccount slipway", "no role, no secrets; its pods may be privileged"],
      ...rings.flatMap(({ ring, audience }): Row[] =>
        audience === undefined ? [] : [[`ServiceAccount slipway-${ring}`, "the same; its tokens deploy"]],
      ),
      ["Repository", "settings.pipelinerun_provenance: default_branch, or a branch says which secrets its run has"],
      ...rings.flatMap(({ ring, isManual }): Row[] =>
        isManual ? [["manual approval gate", `the group slipway-${ring} has who may deploy there`]] : [],
      ),
    ],
  },
};

function nameJenkins(job: Job, variable: string): string {
  const isLogin = REGISTRY_LOGIN.includes(variable);
  if ("ring" in job && !isLogin) return `slipway-${placeOf(job)}-kubeconfig, secret file`;
  const place = "ring" in job ? `-${placeOf(job)}` : "";
  return isLogin ? `slipway${place}-registry, user name and password` : "slipway-signing-key, secret file";
}

import { asRoot } from "./as-root.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { writeRuleset } from "./github-ruleset.ts";
import { checkLines, commandOf, DAGGER_VARIABLES, fetchDagger, installSlipway, NODE } from "./install.ts";
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
import { githubStore } from "./store-cache.ts";
import { inLine, remarked, writeYaml } from "./yaml-text.ts";

/** Actions by the commit of a version: a tag could be moved. */
const ACTIONS = {
  checkout: remarked("actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8", "v6.0.1"),
  node: remarked("actions/setup-node@395ad3262231945c25e8478fd5baf05154b1d79f", "v6.1.0"),
  upload: remarked("actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"),
  download: remarked("actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0"),
  sarif: remarked("github/codeql-action/upload-sarif@5d4e8d1aca955e8d8589aabd499c5cae939e33c7", "v4.31.9"),
};

/** Only what the protected branch has: a pull request's commit is no release. */
const PUSHED = "github.event_name == 'push'";

/** A workflow of GitHub Actions, and the ruleset that makes its checks a condition of every merge. */
export function writeGithub(pipeline: Pipeline): GeneratedFile[] {
  const { branch, checks, publish, rings, reportFiles } = pipeline;
  const [first] = checks;
  const jobs = {
    ...Object.fromEntries(checks.map((job) => [job.id, checksJob(pipeline, job)])),
    ...(first === undefined || reportFiles.sarif.length === 0 ? {} : { "code-scanning": scanningJob(pipeline, first) }),
    ...(publish === undefined ? {} : { publish: publishJob(pipeline, publish) }),
    ...Object.fromEntries(rings.map((job) => [job.id, ringJob(pipeline, job)])),
  };
  const content = {
    name: "slipway",
    on: { pull_request: null, merge_group: null, push: { branches: inLine([branch]) } },
    permissions: {},
    jobs,
  };
  const text = writeYaml([FIRST_LINE], content)
    .replaceAll(/^( {2}(?:pull_request|merge_group):) null$/gm, "$1")
    // GitHub reads YAML 1.2, in which this key is a name.
    .replace(/^"on":/m, "on:");
  return [
    { path: ".github/workflows/slipway.yml", text },
    { path: ".github/rulesets/slipway.json", text: writeRuleset(pipeline) },
  ];
}

function checksJob(pipeline: Pipeline, job: ChecksJob) {
  const store = githubStore(pipeline, job);
  return {
    ...start(pipeline, job),
    // A new commit of a pull request makes the run of the one before pointless; one on the branch is never stopped.
    concurrency: {
      group: `slipway-${job.id}-\${{ github.event.pull_request.number || github.run_id }}`,
      "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    },
    steps: [
      checkOut(1),
      ...install(pipeline, job),
      ...store.before,
      // The second one brings the summary of the run, and annotations of the lines that failed.
      ...checkLines(job, (call) => line(pipeline, job, call)).map((run) => ({ run })),
      { if: "${{ !cancelled() }}", ...upload(nameReports(job), REPORTS) },
      ...store.after,
    ],
  };
}

function nameReports({ id, engine }: ChecksJob): string {
  return id === "test" ? REPORTS : `${REPORTS}-${engine}`;
}

/**
 * Hands what tools have found to code scanning, in a job of its own: the one that runs a stranger's code has no right to write anything.
 * The run of a fork, or of a robot that is treated like one, has not got this right.
 */
function scanningJob({ settings, reportFiles: { sarif } }: Pipeline, job: ChecksJob) {
  const [file = ""] = sarif;
  const isOwn =
    "github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'";
  return {
    needs: inLine([job.id]),
    if: `\${{ !cancelled() && (github.event_name == 'push' || (${isOwn})) }}`,
    "runs-on": machine(settings),
    "timeout-minutes": 10,
    permissions: { contents: "read", actions: "read", "security-events": "write" },
    steps: [
      checkOut(1),
      { uses: ACTIONS.download, with: { name: nameReports(job), path: REPORTS } },
      { if: `\${{ hashFiles('${file}') != '' }}`, uses: ACTIONS.sarif, with: { sarif_file: file } },
    ],
  };
}

/** GitHub's own registry takes the run itself: there is no password that could be stolen. */
const OWN_REGISTRY = /^ghcr\.io(?:\/|$)/;
const OWN_LOGIN = { REGISTRY_USERNAME: "${{ github.actor }}", REGISTRY_PASSWORD: "${{ github.token }}" };

function publishJob(pipeline: Pipeline, job: PublishJob) {
  const isOwn = OWN_REGISTRY.test(job.registry);
  const after = pipeline.checks.map(({ id }) => id);
  return {
    ...start(pipeline, job, { after, permissions: isOwn ? { packages: "write" } : {} }),
    // It holds the secrets of this job alone.
    ...(isOwn && !job.signs ? {} : { environment: job.id }),
    steps: [
      checkOut(0),
      ...install(pipeline, job),
      { env: { ...secretsOf(job), ...(isOwn ? OWN_LOGIN : {}) }, run: line(pipeline, job, job.call) },
      upload("release", RELEASE_FILE),
    ],
  };
}

function ringJob(pipeline: Pipeline, job: RingJob) {
  const approvals = job.quorum > 0 ? { [APPROVALS]: `\${{ vars.${APPROVALS} }}` } : {};
  const isOwn = OWN_REGISTRY.test(job.registry ?? "");
  const permissions = { ...(isGuarded(job) ? { actions: "read" } : {}), ...(isOwn ? { packages: "read" } : {}) };
  const env = { ...secretsOf(job), ...(isOwn ? OWN_LOGIN : {}), ...approvals };
  return {
    ...start(pipeline, job, { after: [job.needs], permissions }),
    // The environment holds the secrets of this ring alone, and says which people have to let a run in.
    environment: job.ring,
    concurrency: { group: `slipway-ring-${job.ring}`, "cancel-in-progress": false },
    steps: [
      ...(isGuarded(job) ? [guard(job)] : []),
      // All of the history: whether the release is newer than what runs is a question to it.
      checkOut(0),
      { uses: ACTIONS.download, with: { name: "release" } },
      ...install(pipeline, job),
      { env, run: lines([...writeApprovals(job), line(pipeline, job, job.call)]) },
    ],
  };
}

function start(
  { settings }: Pipeline,
  job: Job,
  { after = [], permissions = {} }: { readonly after?: readonly string[]; readonly permissions?: object } = {},
) {
  return {
    ...(after.length === 0 ? {} : { needs: inLine(after), if: PUSHED }),
    "runs-on": machine(settings),
    "timeout-minutes": job.minutes,
    permissions: { contents: "read", ...permissions },
  };
}

function machine({ runner }: Pipeline["settings"]) {
  return runner.length > 1 ? inLine(runner) : (runner[0] ?? "ubuntu-24.04");
}

/** Where no signature is asked for, the environment has to ask somebody. */
function isGuarded({ isManual, quorum }: RingJob): boolean {
  return isManual && quorum === 0;
}

/** GitHub makes an environment that nobody has set up, and lets every run into it. */
function guard({ ring }: RingJob) {
  const text = `::error::the environment ${ring} has no required reviewers: Settings, Environments, ${ring}`;
  return {
    name: "Somebody has let this run in",
    env: { GH_TOKEN: "${{ github.token }}" },
    run: lines([
      `gh api "repos/$GITHUB_REPOSITORY/environments/${ring}" --jq '.protection_rules[].type' >"$RUNNER_TEMP/rules"`,
      `grep --quiet --line-regexp required_reviewers "$RUNNER_TEMP/rules" || { echo "${text}"; exit 1; }`,
    ]),
  };
}

/** @param depth 0 for all commits */
function checkOut(depth: number) {
  const all = depth === 0 ? { "fetch-depth": 0 } : {};
  return { uses: ACTIONS.checkout, with: { ...all, "persist-credentials": false } };
}

function install(pipeline: Pipeline, { engine }: Job): object[] {
  if (engine === "dagger") {
    const run = lines([...fetchDagger("$RUNNER_TEMP"), 'echo "$RUNNER_TEMP" >>"$GITHUB_PATH"']);
    return [{ name: "Install the dagger command", env: DAGGER_VARIABLES, run }];
  }
  const command = installSlipway(pipeline);
  return [{ uses: ACTIONS.node, with: { "node-version": NODE } }, ...(command === undefined ? [] : [{ run: command }])];
}

function line(pipeline: Pipeline, job: Job, call: string): string {
  return asRoot(job, commandOf(pipeline, job, call));
}

function secretsOf({ secrets }: Job): Record<string, string> {
  return Object.fromEntries(secrets.map((name) => [name, `\${{ secrets.${name} }}`]));
}

function upload(name: string, path: string) {
  return { uses: ACTIONS.upload, with: { name, path } };
}

function lines(commands: readonly string[]): string {
  return commands.length > 1 ? `${commands.join("\n")}\n` : (commands[0] ?? "");
}

import { VERSION } from "../version.ts";
import { asRoot } from "./as-root.ts";
import { commandOf } from "./install.ts";
import type { ChecksJob, Pipeline } from "./pipeline.ts";
import { remarked } from "./yaml-text.ts";

/** The file in which the store of the embedded engine goes from one machine to the next. */
const FILE = "slipway-store.tar";

/** What it may have: providers bound their caches, and each job loads it. */
const MOST = "1g";

/** The halves of an action by the commit of a version: what restores cannot save. */
const CACHE = {
  restore: remarked("actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830", "v4.3.0"),
  save: remarked("actions/cache/save@0057852bfaa89a56745cba8c7296529d2fc39830", "v4.3.0"),
};

/** What says which images and packages the checks need: when one of these changes, the store is packed again. */
const NAMES = [
  "slipway.yaml",
  "**/package-lock.json",
  "**/yarn.lock",
  "**/pnpm-lock.yaml",
  "**/bun.lock",
  "**/go.sum",
  "**/requirements*.txt",
  "**/poetry.lock",
  "**/uv.lock",
  "**/pom.xml",
  "**/*.gradle",
  "**/*.gradle.kts",
];

/** Nothing that a stranger could have chosen: the rest of the key is a digest. */
const KEY_START = "${{ steps.store.outputs.key }}-";
const HASH = `\${{ hashFiles(${NAMES.map((name) => `'${name}'`).join(", ")}) }}`;

/** A push is one of the protected branch. What is saved for a pull request no other run could read. */
const SAVES = "${{ success() && github.event_name == 'push' && steps.warm.outputs.cache-hit != 'true' }}";

/** The steps of GitHub's around the checks, which begin with the store that the protected branch has saved. */
export function githubStore(
  pipeline: Pipeline,
  job: ChecksJob,
): { readonly before: readonly object[]; readonly after: readonly object[] } {
  if (job.engine !== "embedded" || pipeline.settings.runner.includes("self-hosted")) return { before: [], after: [] };
  const command = (words: string) => asRoot(job, commandOf(pipeline, job, words));
  const [file, path] = [`"$RUNNER_TEMP/${FILE}"`, `\${{ runner.temp }}/${FILE}`];
  const mayFail = { "continue-on-error": true };
  return {
    before: [
      { id: "store", ...mayFail, run: `echo "key=$(${command("store key")})" >>"$GITHUB_OUTPUT"` },
      {
        id: "warm",
        ...mayFail,
        uses: CACHE.restore,
        with: { path, key: `${KEY_START}${HASH}`, "restore-keys": KEY_START },
      },
      { ...mayFail, run: `[ ! -f ${file} ] || ${command(`store unpack ${file}`)}` },
    ],
    after: [
      { if: SAVES, ...mayFail, run: command(`store pack ${file} --keep ${MOST}`) },
      {
        if: SAVES,
        ...mayFail,
        uses: CACHE.save,
        with: { path, key: "${{ steps.warm.outputs.cache-primary-key }}" },
      },
    ],
  };
}

/** The same in the folder of GitLab's job: there it is only while no check reads that folder. */
const IN_FOLDER = `.${FILE}`;

/** GitLab says so of each executor that runs a job in something new; what stays needs no cache. */
const ON_NEW_MACHINE = '[ -n "$CI_DISPOSABLE_ENVIRONMENT" ]';

/**
 * GitLab keeps the caches of protected branches apart from all others. So whatever a merge request saves, no job of the protected
 * branch reads it.
 */
export function gitlabStore(
  pipeline: Pipeline,
  job: ChecksJob,
): { readonly cache?: object; readonly before: readonly string[]; readonly after: readonly string[] } {
  if (job.engine !== "embedded") return { before: [], after: [] };
  const command = (words: string) => commandOf(pipeline, job, words);
  return {
    cache: { key: `slipway-${VERSION}`, paths: [IN_FOLDER], policy: "pull-push", when: "on_success" },
    before: [
      `if ${ON_NEW_MACHINE} && [ -f ${IN_FOLDER} ]; then ${command(`store unpack ${IN_FOLDER}`)} || true; fi`,
      `rm -f ${IN_FOLDER}`,
    ],
    after: [
      `if ${ON_NEW_MACHINE} && [ $code -eq 0 ]; then ${command(`store pack ${IN_FOLDER} --keep ${MOST}`)} || true; fi`,
    ],
  };
}

/** A folder of its own beside that of the source: Azure keeps folders, and what is in them. */
const AZURE_FOLDER = "slipway-store";

/** A segment of a key in quotes is taken as it is; without them a dot would make it the name of a file. */
const AZURE_KEY = '"$(storeBuild)" | "$(storeKey)"';

/**
 * The steps of Azure's around the checks. Azure keeps the caches of branches apart, and a pull request reads those of the branch that it
 * goes to besides its own: whatever it saves, no run of the protected branch reads. A job whose checks fail saves nothing.
 */
export function azureStore(
  pipeline: Pipeline,
  job: ChecksJob,
): { readonly before: readonly object[]; readonly after: readonly object[] } {
  if (job.engine !== "embedded" || pipeline.settings.runner.length > 0) return { before: [], after: [] };
  const command = (words: string) => asRoot(job, commandOf(pipeline, job, words));
  const folder = `"$PIPELINE_WORKSPACE/${AZURE_FOLDER}"`;
  const file = `"$PIPELINE_WORKSPACE/${AZURE_FOLDER}/${FILE}"`;
  const script = (lines: readonly string[]) => ({
    bash: `${["set -e", ...lines].join("\n")}\n`,
    continueOnError: true,
  });
  const asVariable = (name: string) => `sed 's/^/##vso[task.setvariable variable=${name}]/'`;
  const files = `git --glob-pathspecs ls-files -z -- ${NAMES.map((name) => `'${name}'`).join(" ")}`;
  return {
    before: [
      script([
        `${command("store key")} | ${asVariable("storeBuild")}`,
        `${files} | xargs -0 ${command("store key")} | ${asVariable("storeKey")}`,
        `mkdir -p ${folder}`,
      ]),
      {
        task: "Cache@2",
        condition: "and(succeeded(), ne(variables['storeKey'], ''))",
        continueOnError: true,
        inputs: {
          key: AZURE_KEY,
          restoreKeys: '"$(storeBuild)"',
          path: `$(Pipeline.Workspace)/${AZURE_FOLDER}`,
          cacheHitVar: "storeHit",
        },
      },
      script([`[ ! -f ${file} ] || ${command(`store unpack ${file}`)}`]),
    ],
    after: [
      {
        ...script([command(`store pack ${file} --keep ${MOST}`)]),
        condition: "and(succeeded(), ne(variables['storeHit'], 'true'))",
      },
    ],
  };
}

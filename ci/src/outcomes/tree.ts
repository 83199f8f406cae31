import { listAnnotations, writeAzureCommands, writeCodeQuality, writeGithubCommands } from "./annotations.ts";
import { countHits, writeCobertura, writeLcov } from "./covered.ts";
import { writeJunit } from "./junit.ts";
import { type CheckResult, hasFailed } from "./result.ts";
import { type Results, writeMarkdown, writeText } from "./summary.ts";

/**
 * The files that are made of the results of all checks, by name. Each name has a dot, which no name of a check has: beside them lies a
 * folder for each check with the files as it has written them.
 */
export function writeTree(results: Results): Record<string, string> {
  const { checks, hits } = results;
  const annotations = listAnnotations(checks);
  const runs = checks.flatMap(({ name, runs: all }) => all.map((run, at) => nameRun(run, name, at)));
  return {
    "verdict.sh": writeVerdict(checks),
    "summary.txt": writeText(results),
    "summary.md": writeMarkdown(results),
    "junit.xml": writeJunit(checks),
    "annotations.json": `${JSON.stringify(annotations, null, 2)}\n`,
    "annotations.github": writeGithubCommands(annotations),
    "annotations.azure": writeAzureCommands(annotations),
    "codequality.json": writeCodeQuality(annotations),
    ...(countHits(hits).lines === 0 ? {} : { "lcov.info": writeLcov(hits), "cobertura.xml": writeCobertura(hits) }),
    ...(runs.length === 0 ? {} : { "results.sarif": writeSarif(runs) }),
  };
}

/** GitHub takes a run only once under a name, and forgets what a run of the same name has found before. */
function nameRun(run: object, check: string, at: number): object {
  return { ...run, automationDetails: { id: `slipway/${check}${at === 0 ? "" : `-${at + 1}`}/` } };
}

function writeSarif(runs: readonly object[]): string {
  const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  return `${JSON.stringify({ $schema: schema, version: "2.1.0", runs })}\n`;
}

/** The exit code of the first check that failed, as a shell can end with it. */
function codeOf(checks: readonly CheckResult[]): number {
  const code = checks.find(hasFailed)?.exitCode ?? 0;
  return checks.some(hasFailed) && (code < 1 || code > 255) ? 1 : code;
}

/** A command that exports files has to pass, so this fails in its place; and it tells each CI system in its own way. */
function writeVerdict(checks: readonly CheckResult[]): string {
  return `#!/bin/sh
# Tells how the checks ended, also to the CI system that it runs in, and ends with the exit code of the first one that failed.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cat "$here/summary.txt"
if [ "\${GITHUB_ACTIONS:-}" = true ]; then cat "$here/annotations.github"; fi
if [ -n "\${GITHUB_STEP_SUMMARY:-}" ]; then cat "$here/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi
if [ "\${TF_BUILD:-}" = True ]; then
  cat "$here/annotations.azure"
  echo "##vso[task.uploadsummary]$here/summary.md"
fi
if [ "\${BUILDKITE:-}" = true ] && command -v buildkite-agent >/dev/null; then
  buildkite-agent annotate --context slipway --style ${checks.some(hasFailed) ? "error" : "success"} <"$here/summary.md" || true
fi
exit ${codeOf(checks)}
`;
}

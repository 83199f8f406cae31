import { VERSION } from "../version.ts";
import { type ChecksJob, type Job, type Pipeline, TELL_RESULTS } from "./pipeline.ts";

/** The `dagger` command of the version that dagger.json of Slipway names, for Linux on x86-64. */
export const DAGGER = {
  version: "0.21.8",
  archive: "https://dl.dagger.io/dagger/releases/0.21.8/dagger_v0.21.8_linux_amd64.tar.gz",
  sha256: "53e226c7da8fb75171e58c35759d736d961ce8b3a12db0baa7b7107954fccc5a",
} as const;

/** The Node that starts the embedded engine. */
export const NODE = "24";

/**
 * Lines that put `dagger` into a folder, once they have checked that it is the archive that is meant. Their options are also those of
 * Alpine's small programs.
 *
 * @param get the program that downloads, with its options up to the name of the file
 */
export function fetchDagger(folder: string, get = "curl -fsSL -o"): string[] {
  return [
    `${get} "${folder}/dagger.tar.gz" "$DAGGER_ARCHIVE"`,
    `echo "$DAGGER_SHA256  ${folder}/dagger.tar.gz" | sha256sum -c -`,
    `tar -xzf "${folder}/dagger.tar.gz" -C "${folder}" dagger`,
  ];
}

/** The variables that `fetchDagger` needs. */
export const DAGGER_VARIABLES = { DAGGER_ARCHIVE: DAGGER.archive, DAGGER_SHA256: DAGGER.sha256 };

/**
 * Puts the store beside the folder of the source, on the volume that a job in a container works on: the disk of the container itself is
 * an overlayfs, on which the engine cannot make another. A store that the machine names counts. Without braces, which some providers
 * replace.
 */
export const STORE_ON_VOLUME = '[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"';

/** Installs the embedded engine, where it is not there already. */
export function installSlipway({ settings }: Pipeline): string | undefined {
  return settings.command === undefined
    ? `npm install --global --ignore-scripts --no-audit --no-fund slipway@${VERSION}`
    : undefined;
}

/**
 * The call of the checks, and then their results are told, also when they have failed. It ends with the exit code of the checks.
 * Lines of their own: `set -e` does not stop a script at the first command of a list of `&&`.
 *
 * @param keep what is done with the files of the results besides
 * @param last what is done when all is over, with the exit code in `$code`
 */
export function checkLines(
  { call }: ChecksJob,
  line: (call: string) => string,
  keep: readonly string[] = [],
  last: readonly string[] = [],
): string[] {
  const all = [line(call), ...keep, TELL_RESULTS];
  return last.length === 0 ? all : ["code=0", `${all.join(" && ")} || code=$?`, ...last, "exit $code"];
}

/** The command line of a call where whoever runs it may do what the engine needs. */
export function commandOf({ settings }: Pipeline, { engine }: Pick<Job, "engine">, call: string): string {
  return `${engine === "dagger" ? "dagger" : (settings.command ?? "slipway")} ${call}`;
}

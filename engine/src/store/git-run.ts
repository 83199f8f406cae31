import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { runProgram } from "./start-program.ts";

/** A repository may belong to anybody here, but what is in it must not start programs. */
const OPTIONS = ["-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Nothing of the person's own configuration may change what a repository holds. */
const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  // Of all that git can be told to start, only what reads a folder.
  GIT_ALLOW_PROTOCOL: "file",
  // What a repository lacks is not fetched from where its settings say.
  GIT_NO_LAZY_FETCH: "1",
  GIT_AUTHOR_NAME: "slipway",
  GIT_AUTHOR_EMAIL: "slipway@localhost",
  GIT_COMMITTER_NAME: "slipway",
  GIT_COMMITTER_EMAIL: "slipway@localhost",
  LC_ALL: "C",
};

export interface GitOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** With the person's home and SSH agent; otherwise git knows of this machine only how to reach the network. */
  readonly asPerson?: boolean;
  /** A command that starts git somewhere else. */
  readonly before?: readonly string[];
}

/**
 * `GIT_ALLOW_PROTOCOL` for an address on the network. One with https leads to no other place without: what a name means would be the word of
 * anybody.
 */
export function allowedProtocols(url: string): string {
  return /^https:/i.test(url) ? "https" : "http:https:git:ssh";
}

/** How this machine reaches others, and whom it trusts there. */
const NETWORK_VARIABLES = /^(PATH|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CA(INFO|PATH)|CURL_CA_BUNDLE)$/i;

/**
 * Runs the host's git.
 *
 * @param cwd also the highest folder in which a repository is looked for
 * @throws Error when git is not installed
 */
export async function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const { program, rest, env } = commandOf(cwd, args, options);
  const ended = await runProgram([program, ...rest], { cwd, env, input: options.input ?? "" }).catch((error: Error) => {
    throw cannotStart(error);
  });
  return { exitCode: ended.code ?? 1, stdout: ended.stdout, stderr: ended.stderr };
}

/**
 * The same, for what has to be known before anything else can go on.
 *
 * @throws Error when git is not installed
 */
export function runGitSync(cwd: string, args: readonly string[], options: GitOptions = {}): GitResult {
  const { program, rest, env } = commandOf(cwd, args, options);
  const told = { input: options.input ?? "", maxBuffer: MOST_BYTES };
  const { status, stdout, stderr, error } = spawnSync(program, rest, { cwd, env, ...told });
  if (error !== undefined) throw cannotStart(error);
  return { exitCode: status ?? 1, stdout, stderr: stderr.toString("utf8") };
}

/** What git may say at once. Where there are many pull requests, a list of branches and tags alone has several megabytes. */
const MOST_BYTES = 512 << 20;

function commandOf(cwd: string, args: readonly string[], options: GitOptions) {
  const inherited = Object.entries(process.env).filter(([name]) =>
    options.asPerson === true
      ? !name.startsWith("GIT_") || name.startsWith("GIT_SSH") || NETWORK_VARIABLES.test(name)
      : NETWORK_VARIABLES.test(name),
  );
  const [program = "git", ...rest] = [...(options.before ?? []), "git", ...OPTIONS, ...args];
  const env = {
    ...Object.fromEntries(inherited),
    ...ENVIRONMENT,
    GIT_CEILING_DIRECTORIES: dirname(cwd),
    ...options.env,
  };
  return { program, rest, env };
}

function cannotStart(error: NodeJS.ErrnoException): Error {
  return error.code === "ENOENT" ? new Error("git is not installed on this machine: install it and try again") : error;
}

/** @throws Error with what git said when it fails */
export async function gitOutput(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const result = await runGit(cwd, args, options);
  if (result.exitCode === 0) return result.stdout.toString("utf8");
  throw gitFailure(args, result);
}

/** The error of a failed git, in the form of the real engine. */
export function gitFailure(args: readonly string[], result: GitResult): Error {
  return new Error(
    `git [${args.join(" ")}]: exit status ${result.exitCode}: ${result.stdout.toString("utf8")}${result.stderr}`,
  );
}

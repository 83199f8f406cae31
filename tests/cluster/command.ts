import { execa } from "execa";

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  /** Beside this process's own; `undefined` takes a variable away. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  readonly cwd?: string;
  /** After this the command is killed and `exitCode` is 137. */
  readonly limitMs?: number;
  /** When it is aborted the command is killed and `exitCode` is 137. */
  readonly killed?: AbortSignal;
}

/** Runs a program to its end. Rejects only when it cannot be started. */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...args] = argv;
  const { input = "", env, cwd, limitMs, killed } = options;
  const ended = await execa(program, args, {
    input,
    env: { ...withSystemFolders(process.env), ...env },
    extendEnv: false,
    killSignal: "SIGKILL",
    stripFinalNewline: false,
    reject: false,
    ...(cwd === undefined ? {} : { cwd }),
    ...(limitMs === undefined ? {} : { timeout: limitMs }),
    ...(killed === undefined ? {} : { cancelSignal: killed }),
  });
  const { exitCode, signal, stdout, stderr } = ended;
  if (exitCode !== undefined) return { exitCode, stdout, stderr };
  if (signal !== undefined || ended.isCanceled) return { exitCode: 137, stdout, stderr };
  throw new Error(`cannot run ${program}: ${ended.originalMessage ?? "it was not started"}`);
}

/** Standard output of a command; any exit code but 0 is an error that tells the command and what it said. */
export async function readCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(argv, options);
  if (exitCode === 0) return stdout;
  const said = (stderr.trim() || stdout.trim() || "(it said nothing)").split("\n").slice(-20).join("\n");
  throw new Error(`${argv.join(" ")} ended with ${exitCode}:\n${said}`);
}

/** An ordinary user's PATH leaves out the folders where some of the programs are. */
export function withSystemFolders(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin` };
}

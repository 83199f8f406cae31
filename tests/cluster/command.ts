import { spawn } from "node:child_process";

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
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...withSystemFolders(process.env), ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const timer = options.limitMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), options.limitMs);
    options.killed?.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`cannot run ${program}: ${error.message}`));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? 137, stdout, stderr });
    });
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
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

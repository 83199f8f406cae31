import { writeFileSync } from "node:fs";
import { posix } from "node:path";
import type { ContainerSpec } from "../run/container.ts";
import { writeAt } from "../store/edit.ts";
import { readInside, useSpot } from "../store/inside.ts";
import { errorCode, PathError } from "../store/paths.ts";
import { ExecFailure } from "./errors.ts";
import type { Command, Located, PreparedContainer } from "./exec.ts";
import { type Output, wholeStream } from "./exec-output.ts";

/** Redirections: files that must be there, or be makeable, before the process runs. */
export async function openRedirects(prepared: PreparedContainer, command: Command): Promise<ContainerSpec> {
  for (const stream of ["stdout", "stderr"] as const) {
    const path = stream === "stdout" ? command.redirectStdout : command.redirectStderr;
    if (path === "") continue;
    try {
      writeRedirect(prepared.locate(path), "");
    } catch (error) {
      throw redirectFailure(prepared, stream, path, error);
    }
  }
  if (command.redirectStdin === "") return prepared.spec;
  const { root, path } = prepared.locate(command.redirectStdin);
  try {
    return { ...prepared.spec, stdin: readInside(root, path) };
  } catch (error) {
    throw redirectFailure(prepared, "stdin", command.redirectStdin, error);
  }
}

function writeRedirect({ root, path }: Located, output: string): void {
  useSpot(root, path, { followLast: true }, (spot) => writeAt(spot, (file) => writeFileSync(file, output)));
}

function redirectFailure({ spec }: PreparedContainer, stream: string, target: string, error: unknown): ExecFailure {
  const code = errorCode(error);
  const path = posix.resolve(spec.cwd, target);
  const { message } = (code === undefined ? error : new PathError("open", path, code)) as Error;
  const text = `open redirect ${stream} file: ${message}`;
  return new ExecFailure(text, { cmd: spec.args, exitCode: -1, stdout: "", stderr: "" });
}

export function writeRedirects(prepared: PreparedContainer, command: Command, output: Output): void {
  if (command.redirectStdout !== "") writeRedirect(prepared.locate(command.redirectStdout), wholeStream(output.stdout));
  if (command.redirectStderr !== "") writeRedirect(prepared.locate(command.redirectStderr), wholeStream(output.stderr));
}

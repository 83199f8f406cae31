import { closeSync, fchownSync, writeSync } from "node:fs";
import { posix } from "node:path";
import type { ContainerSpec } from "../run/container.ts";
import { openForWriting } from "../store/edit.ts";
import { readInside, useSpot } from "../store/inside.ts";
import { errorCode, PathError } from "../store/paths.ts";
import { ExecFailure } from "./errors.ts";
import type { Command, Located, PreparedContainer } from "./exec.ts";
import type { PartListener } from "./exec-output.ts";

/** The files that the streams of an exec are written to while it runs, byte for byte. */
export interface Redirects {
  readonly spec: ContainerSpec;
  readonly write: PartListener;
  /** @throws ExecFailure when something could not be written */
  close(): void;
  /** Closes them when the exec has failed. Safe to call after `close`. */
  abandon(): void;
}

/**
 * Opens what has to be there, or to be makeable, before the process runs. Each file is opened once: two streams in one file
 * write over each other, and a file that the process moves is written to where it is.
 *
 * @throws ExecFailure
 */
export function openRedirects(prepared: PreparedContainer, command: Command): Redirects {
  const files = new Map<"stdout" | "stderr", { readonly fd: number; readonly path: string }>();
  const abandon = () => {
    for (const { fd } of files.values()) closeSync(fd);
    files.clear();
  };
  try {
    for (const stream of ["stdout", "stderr"] as const) {
      const path = stream === "stdout" ? command.redirectStdout : command.redirectStderr;
      if (path !== "") files.set(stream, { fd: openRedirect(prepared, stream, path), path });
    }
    const spec = specWithInput(prepared, command.redirectStdin);
    let failure: ExecFailure | undefined;
    return {
      spec,
      // The process goes on when its output cannot be written, and is told to have failed when it has ended.
      write: (stream, part) => {
        const file = files.get(stream);
        if (file === undefined || failure !== undefined) return;
        try {
          for (let at = 0; at < part.length; ) at += writeSync(file.fd, part, at);
        } catch (error) {
          failure = redirectFailure(prepared, `write redirect ${stream} file`, "write", file.path, error);
        }
      },
      close: () => {
        abandon();
        if (failure !== undefined) throw failure;
      },
      abandon,
    };
  } catch (error) {
    abandon();
    throw error;
  }
}

/** As the real engine does: a new file may be read by its owner alone, and the file belongs to the user of the process. */
function openRedirect(prepared: PreparedContainer, stream: string, path: string): number {
  try {
    const { root, path: place }: Located = prepared.locate(path);
    const fd = useSpot(root, place, { followLast: true }, openForWriting);
    try {
      fchownSync(fd, prepared.spec.user.uid, prepared.spec.user.gid);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
  } catch (error) {
    throw redirectFailure(prepared, `open redirect ${stream} file`, "open", path, error);
  }
}

function specWithInput(prepared: PreparedContainer, path: string): ContainerSpec {
  if (path === "") return prepared.spec;
  try {
    const { root, path: place } = prepared.locate(path);
    return { ...prepared.spec, stdin: readInside(root, place) };
  } catch (error) {
    throw redirectFailure(prepared, "open redirect stdin file", "open", path, error);
  }
}

function redirectFailure(
  { spec }: PreparedContainer,
  what: string,
  call: "open" | "write",
  target: string,
  error: unknown,
): ExecFailure {
  const code = errorCode(error);
  const path = posix.resolve(spec.cwd, target);
  const { message } = (code === undefined ? error : new PathError(call, path, code)) as Error;
  return new ExecFailure(`${what}: ${message}`, { cmd: spec.args, exitCode: -1, stdout: "", stderr: "" });
}

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

const commands = [
  "help",
  "version",
  "--help",
  "call --help",
  "functions",
  "check -l",
  "core version",
  "query",
  "session",
  "run echo hi",
];

const streams = suite("the command's streams");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./slipway` with a redirection of the shell behind it. `unread`: nobody reads its output any more. */
function slipway(command: string, redirection: string, unread = false): Promise<Ended> {
  // The shell's own pipes stay open when the command's are closed.
  const child = spawn("bash", ["-c", `./slipway ${command} ${redirection}`], {
    cwd: CHECKOUT,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  if (unread) child.stdout.destroy();
  else
    child.stdout.on("data", (chunk: Buffer) => {
      said.stdout += chunk.toString();
    });
  child.stderr.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  child.stdin.on("error", () => {});
  child.stdin.end("{ version }");
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ code, ...said }));
  });
}

for (const command of commands) {
  const isOfProgram = command.startsWith("run");

  streams(`${command} ends quietly when nobody reads its output`, async () => {
    const { code, stderr } = await slipway(command, "", true);
    if (isOfProgram) return assert.is.not(code, 0);
    assert.is(code, 141, stderr);
    assert.not.match(stderr, /Error|EPIPE|^ *at /m);
  });

  streams(`${command} says in one line that its output cannot be written`, async () => {
    const full = await slipway(command, ">/dev/full");
    assert.is(full.code, 1);
    if (!isOfProgram) {
      assert.match(
        full.stderr,
        /(?:^|\n)Error: the result cannot be written to standard output: no space left on device\n$/,
      );
    }
    assert.not.match(full.stderr, /^ *at /m);
    const closed = await slipway(command, ">&-");
    assert.equal([closed.code, closed.stderr], [1, "slipway: standard output is closed\n"]);
  });

  streams(`${command} gives its result when nothing can be said beside it`, async () => {
    for (const redirection of ["2>&-", "2>/dev/full"]) {
      const { code, stdout, stderr } = await slipway(command, redirection);
      assert.equal([code, stderr], [0, ""], redirection);
      assert.is.not(stdout, "", redirection);
    }
  });
}

streams("all of a long error is there before the command ends, also when its reader is slow", async () => {
  // Longer than a pipe holds.
  const long = "x".repeat(120_000);
  const { stdout, stderr } = await slipway(
    long,
    '2>&1 | { dd bs=1 count=1 status=none; cat; }; echo "${PIPESTATUS[0]}"',
  );
  assert.equal([stdout, stderr], [`Error: unknown command or file "${long}" for "slipway"\n1\n`, ""]);
});

streams.run();

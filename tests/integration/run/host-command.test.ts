import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readCommand, runCommand } from "../../cluster/command.ts";

const hostCommand = suite("a program of the host, run by the cluster suites");

hostCommand("gets its input and gives back its output, its words and its exit code, byte for byte", async () => {
  assert.equal(await runCommand(["sh", "-c", "cat; echo why >&2; exit 3"], { input: "one\n\n" }), {
    exitCode: 3,
    stdout: "one\n\n",
    stderr: "why\n",
  });
});

hostCommand("is killed after its limit, on request, and at once when that was asked for before", async () => {
  const killed = { exitCode: 137, stdout: "", stderr: "" };
  assert.equal(await runCommand(["sleep", "60"], { limitMs: 50 }), killed);
  const later = new AbortController();
  setTimeout(() => later.abort(), 50);
  assert.equal(await runCommand(["sleep", "60"], { killed: later.signal }), killed);
  assert.equal(await runCommand(["sleep", "60"], { killed: AbortSignal.abort() }), killed);
});

hostCommand("may end without reading its input", async () => {
  assert.is((await runCommand(["true"], { input: "x".repeat(1_000_000) })).exitCode, 0);
});

hostCommand("has this process's variables, but not those that are taken away", async () => {
  const env = { HARBOUR: "open", HOME: undefined };
  assert.is(await readCommand(["sh", "-c", 'echo "$HARBOUR ${HOME-none}"'], { env }), "open none\n");
});

hostCommand("that is not there is an error, and so is a failure where only its output is wanted", async () => {
  const told = (work: Promise<unknown>) =>
    work.then(
      () => "nothing",
      (error: Error) => error.message,
    );
  assert.is(await told(runCommand(["no-such-program"])), "cannot run no-such-program: spawn no-such-program ENOENT");
  assert.is(
    await told(readCommand(["sh", "-c", "echo why >&2; exit 4"])),
    "sh -c echo why >&2; exit 4 ended with 4:\nwhy",
  );
});

hostCommand.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runByShell } from "../../../../engine/src/store/helper-shell.ts";
import { withVariables } from "../../../support/with-variables.ts";

const helper = suite("programs that a shell runs for the engine");

helper("end with their exit code and what they said on standard error", async () => {
  const script = "echo out; echo first >&2; echo second >&2; exit 3";
  assert.equal(await runByShell("mounts", ["sh", "-c", script]), { code: 3, stderr: "first\nsecond" });
  assert.equal(await runByShell("mounts", ["true"]), { code: 0, stderr: "" });
});

helper("get each argument as it is", async () => {
  for (const argument of ["it's", "$HOME `id` $(id)", "two\nlines", "", "-n", 'a "b" \\ c', "é ☃", "*"]) {
    const { stderr } = await runByShell("mounts", ["sh", "-c", 'printf "<%s>" "$1" >&2', "sh", argument]);
    assert.is(stderr, `<${argument}>`);
  }
  assert.throws(
    () => runByShell("mounts", ["echo", "a\0b"]),
    /an argument of a program cannot have a NUL: "a\\u0000b"/,
  );
});

helper("read their input and nothing of what comes after it", async () => {
  const input = "it's $HOME\nlast";
  const [first, second] = await Promise.all([
    runByShell("mounts", ["sh", "-c", "cat >&2"], { input }),
    runByShell("mounts", ["sh", "-c", "cat >&2"]),
  ]);
  assert.equal([first?.stderr, second?.stderr], [input, ""]);
});

helper("run where they are told to, or not at all", async () => {
  assert.is((await runByShell("mounts", ["sh", "-c", "pwd >&2"], { cwd: "/usr" })).stderr, "/usr");
  const { code, stderr } = await runByShell("mounts", ["touch", "/never"], { cwd: "/no such folder" });
  assert.ok(code !== 0);
  assert.match(stderr, /cd: .*\/no such folder/);
});

helper("run after others only when those have done their work", async () => {
  const saying = (word: string, code: number) => ["sh", "-c", `echo ${word} >&2; exit ${code}`];
  const [first, last] = [saying("first", 0), saying("last", 0)];
  assert.equal(await runByShell("mounts", last, { before: [first] }), { code: 0, stderr: "first\nlast" });
  const failing = [first, saying("failed", 5)];
  assert.equal(await runByShell("mounts", last, { before: failing }), { code: 5, stderr: "first\nfailed" });
});

helper("that are not there are said by name", async () => {
  const { code, stderr } = await runByShell("mounts", ["no-such-program"]);
  assert.is(code, 127);
  assert.match(stderr, /no-such-program: not found/);
});

helper("see nothing of the environment but PATH", async () => {
  const asked = () => runByShell("network", ["sh", "-c", "env >&2"]);
  const { stderr } = await withVariables({ SLIPWAY_SECRET_OF_TEST: "x" }, asked);
  assert.not.match(stderr, /SLIPWAY/);
  assert.match(stderr, /^PATH=/m);
});

helper("fail when their shell is killed, and the next ones have another", async () => {
  const killed = runByShell("network", ["sh", "-c", "kill -KILL $PPID"]).then(
    () => "ended",
    (error: Error) => error.message,
  );
  assert.is(await killed, "the shell that runs programs was ended by SIGKILL");
  assert.equal(await runByShell("network", ["true"]), { code: 0, stderr: "" });
});

helper("are run by another shell when theirs has ended before it came to them", async () => {
  const { stderr: shell } = await runByShell("mounts", ["sh", "-c", "echo $PPID >&2"]);
  process.kill(Number(shell), "SIGKILL");
  // Nobody has heard of its end yet.
  const ends = await Promise.all(["one", "two"].map((word) => runByShell("mounts", ["sh", "-c", `echo ${word} >&2`])));
  assert.equal(
    ends.map(({ stderr }) => stderr),
    ["one", "two"],
  );
  const killing = runByShell("mounts", ["sh", "-c", "kill -KILL $PPID"]).catch((error: Error) => error.message);
  const behind = runByShell("mounts", ["sh", "-c", "echo behind >&2"]);
  assert.is(await killing, "the shell that runs programs was ended by SIGKILL");
  assert.equal(await behind, { code: 0, stderr: "behind" });
});

helper("fail with the words of their shell when it can start none", async () => {
  await runByShell("network", ["sh", "-c", "prlimit --pid $PPID --nofile=3"]);
  const failed = await runByShell("network", ["true"]).then(
    () => "ended",
    (error: Error) => error.message,
  );
  assert.match(failed, /^the shell that runs programs ended with exit code \d+: \S.*pipe/i);
  assert.equal(await runByShell("network", ["true"]), { code: 0, stderr: "" });
});

helper.run();

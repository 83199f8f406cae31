import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";
import { TypedTerminal } from "../../support/typed-terminal.ts";

const APPLETS = ["cat", "echo", "ls", "pwd", "sed", "sh", "sleep", "stat", "stty"];
const READY = "ready>";
const CTRL_C = "\u0003";

const MODULE = `
import { dag, Directory, func, object } from "@dagger.io/dagger";

@object()
export class Looker {
  @func({ cache: "never" })
  async look(root: Directory): Promise<string> {
    const container = dag.container().withRootfs(root).withDefaultTerminalCmd(["sh", "-c", "echo default-$((40+2))"]);
    await dag.directory().withNewFile("greeting", "in a file").terminal({ container, cmd: ["sh", "-c", "pwd; cat *"] }).sync();
    return await container.terminal().withExec(["echo", "it goes on"]).stdout();
  }
}
`;

const terminals = suite("a terminal in a container");
const folder = mkdtempSync(join(tmpdir(), "slipway-terminal-"));
const root = join(folder, "root");
let typed: TypedTerminal;

terminals.before(async () => {
  makeBusyboxRoot(root, APPLETS);
  writeModule(join(folder, "module"), "looker", MODULE);
  writeFileSync(join(folder, "begin"), `PS1='${READY} '\nalias slipway=${resolve("slipway")}\n`);
  const env = { ...process.env, NO_COLOR: "1", ENV: join(folder, "begin") };
  typed = new TypedTerminal("the terminal", "sh -i", { cwd: folder, env });
  await typed.until(READY);
});
terminals.after(async () => {
  await typed.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a line prints, in the shell of the terminal or in that of a container. */
async function printed(line: string): Promise<string> {
  const shown = await typed.line(`echo begin-$((1)); ${line}; echo end-$((2))`, "end-2");
  return (/begin-1\r?\n(.*)end-2/s.exec(shown)?.[1] ?? "").replaceAll("\r", "").trim();
}

const openIn = (more = "") => `slipway core container with-rootfs --directory ${root}${more} terminal`;

terminals("is used as the person's own, which is as it was when it ends", async () => {
  const before = await printed("stty rows 31 cols 91; stty -g");
  const [name = "", device = ""] = (await printed("tty; stat -L -c %d /proc/self/fd/0")).split("\n");
  await typed.line(openIn(), "dagger / $ ");
  assert.is(await printed("echo $((40+2))"), "42");
  assert.is(await printed("stty size"), "31 91");

  // Neither process 1 nor the shell has the machine's terminal open: theirs are on a file system of their own.
  const devices = await printed("for file in /proc/1/fd/* /proc/$$/fd/*; do stat -L -c %d $file; done");
  assert.ok(/^\d+$/m.test(devices), devices);
  assert.not.ok(devices.split("\n").includes(device), `${device} is one of ${devices}`);
  assert.is(await printed("echo /dev/pts/*"), "/dev/pts/0 /dev/pts/ptmx");

  assert.is(spawnSync("stty", ["-F", name, "rows", "33", "cols", "101"]).status, 0);
  await typed.line("until [ \"$(stty size)\" = '33 101' ]; do sleep 0.1; done; echo larger-$((2))", "larger-2");

  await typed.line("sh -c 'echo began-$((2)); sleep 1000'", "began-2");
  typed.type(CTRL_C);
  await typed.until("dagger / $ ");
  assert.is(await printed("echo still here"), "still here");

  const shown = await typed.line("exit 7", READY);
  assert.match(shown, /exit 7\s+exit 7\s.*Container@sha256:[0-9a-f]{64}\s/s);
  assert.is(await printed("stty -g"), before);
});

terminals("is one more process of a service that runs", async () => {
  await typed.line(openIn(" as-service --args sleep,1000"), "dagger / $ ");
  assert.match(await printed("cat /proc/1/cmdline"), /sleep.?1000/);
  assert.is(await printed("stty size"), "33 101");
  assert.match(await typed.line("exit 7", READY), /Error: exit code: 7\s/);
});

terminals("is opened by a function, in its container or for a folder, and the function goes on", async () => {
  const shown = await typed.line(`slipway call -m module look --root ${root}`, READY);
  assert.match(shown, /\/src\r?\nin a file.*exit 0\s.*default-42\s+exit 0\s.*it goes on/s);
});

terminals("is opened in the container of an exec that has failed, with what it has left", async () => {
  const exec = `slipway core -i container with-rootfs --directory ${root} with-exec --args sh,-c,'pwd>left;false' stdout`;
  assert.match(await typed.line(exec, "dagger / $ "), /Exec failed, attaching terminal: \/bin\/sh\s+! exit code: 1\s/);
  assert.is(await printed("cat left"), "/");
  assert.match(await typed.line("exit 0", READY), /Error: exit code: 1\s/);
});

terminals("is refused where the command has none, with what to do", async () => {
  const { exitCode, stderr } = await runSlipway(folder, openIn().split(" ").slice(1));
  assert.is(exitCode, 1);
  assert.match(
    stderr,
    "Error: failed to open terminal: standard input and standard output are not a terminal\n  to do: run the command in a terminal, without a pipe or a redirection\n",
  );
});

terminals.run();

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RunSandbox, readAll, waitUntil } from "../../support/run-sandbox.ts";

const containers = suite("containers");
let sandbox: RunSandbox;

containers.before(async () => {
  sandbox = new RunSandbox();
  assert.is(await sandbox.runtime.probe(), undefined);
});
containers.after(() => sandbox.close());

containers("the exit code and both streams are those of the command", async () => {
  const outcome = await sandbox.run(["sh", "-c", "echo out; echo err >&2; exit 7"]);
  assert.equal(outcome, { code: 7, stdout: "out\n", stderr: "err\n" });
});

containers("one whose files cannot be taken away ends all the same, with the reason", async () => {
  const own = new RunSandbox();
  const lease = await own.network.lease("client");
  const container = await own.runtime.startContainer(own.spec(["sh", "-c", "echo runs; exec sleep 1000"], lease));
  await once(container.stdout, "data");
  const bundle = readdirSync(own.host.dir).find((name) => /^c\d+$/.test(name)) ?? "";
  const busy = join(own.host.dir, bundle, "busy");
  mkdirSync(busy);
  execFileSync("mount", ["-t", "tmpfs", "busy", busy]);
  try {
    container.kill("SIGKILL");
    const ended = container.exit.then(
      () => "no reason",
      (error: Error) => error.message,
    );
    assert.is(await readAll(container.stderr), "");
    assert.match(await ended, /EBUSY|resource busy/);
  } finally {
    execFileSync("umount", [busy]);
    await lease.release();
    await own.close();
  }
});

containers("a signal gives 128 and its number", async () => {
  assert.is((await sandbox.run(["sh", "-c", "kill -9 $$"])).code, 137);
});

containers("no signal is ignored or held back at the start of a command", async () => {
  const { stdout } = await sandbox.run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], { noInit: true });
  assert.is(stdout, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
});

containers("process 1 is the init, and without it the command", async () => {
  const first = await sandbox.run([
    "sh",
    "-c",
    "tr '\\0' '\\n' < /proc/1/cmdline | head -n 1; test $$ -gt 1 && echo other",
  ]);
  assert.is(first.stdout, "/.init\nother\n");
  assert.is((await sandbox.run(["sh", "-c", "echo $$"], { noInit: true })).stdout, "1\n");
});

containers("a command that cannot be executed is exit code 1 with the reason, with and without init", async () => {
  const files: [string, string, number][] = [
    ["plain", "#!/bin/sh\n", 0o644],
    ["script", "#!/no/interpreter\n", 0o755],
    ["junk", "junk", 0o755],
  ];
  for (const [name, text, mode] of files) {
    writeFileSync(join(sandbox.rootDir, name), text);
    chmodSync(join(sandbox.rootDir, name), mode);
  }
  for (const noInit of [false, true]) {
    const reasonFor = async (command: string) => {
      const { code, stderr } = await sandbox.run([command], { noInit });
      return `${code} ${stderr}`;
    };
    assert.is(await reasonFor("no-such-command"), '1 exec: "no-such-command": executable file not found in $PATH\n');
    assert.is(await reasonFor("/plain"), "1 fork/exec /plain: permission denied\n");
    assert.is(await reasonFor("/script"), "1 fork/exec /script: no such file or directory\n");
    assert.is(await reasonFor("/junk"), "1 fork/exec /junk: exec format error\n");
    assert.is(await reasonFor("/no/such"), "1 fork/exec /no/such: no such file or directory\n");
  }
});

containers("standard input, output and error can be opened again by their names", async () => {
  const outcome = await sandbox.run(["sh", "-c", "cat /dev/stdin > /dev/stdout; echo err > /dev/stderr"], {
    stdin: Buffer.from("given"),
  });
  assert.equal(outcome, { code: 0, stdout: "given", stderr: "err\n" });
});

containers("another user can open them too, and has its groups and no capabilities", async () => {
  const user = { uid: 1000, gid: 1001, groups: [5] };
  const { stdout } = await sandbox.run(["sh", "-c", "id > /dev/stdout; grep CapEff /proc/self/status"], { user });
  assert.is(stdout, "uid=1000 gid=1001 groups=5\nCapEff:\t0000000000000000\n");
});

containers("without input a command reads the end at once", async () => {
  assert.equal(await sandbox.run(["cat"]), { code: 0, stdout: "", stderr: "" });
});

containers("the capabilities are Docker's, and mounting is refused", async () => {
  const { stdout } = await sandbox.run([
    "sh",
    "-c",
    "grep CapEff /proc/self/status; mount -t tmpfs none /tmp 2>/dev/null || echo refused",
  ]);
  assert.is(stdout, "CapEff:\t00000000a80425fb\nrefused\n");
});

containers("insecureRootCapabilities allows mounting", async () => {
  assert.is(
    (await sandbox.run(["sh", "-c", "mount -t tmpfs none /tmp && echo mounted"], { insecureRootCapabilities: true }))
      .stdout,
    "mounted\n",
  );
});

containers("mounts are seen, and their mount points are gone afterwards", async () => {
  const source = join(sandbox.dir, "source");
  mkdirSync(join(source, "sub"), { recursive: true });
  writeFileSync(join(source, "file"), "content");
  const { stdout, stderr } = await sandbox.run(
    [
      "sh",
      "-c",
      "cat /made/deep/file /single; touch /made/deep/new; touch /single2 2>/dev/null && echo ok; touch /read/x 2>/dev/null || echo refused; touch /t/x",
    ],
    {
      mounts: [
        { destination: "/made/deep", kind: "bind", source },
        { destination: "/single", kind: "bind", source: join(source, "file"), readOnly: true },
        { destination: "/read", kind: "bind", source, readOnly: true },
        { destination: "/t", kind: "tmpfs", sizeBytes: 4096 },
      ],
    },
  );
  assert.is(stdout, "contentcontentok\nrefused\n", stderr);
  assert.ok(existsSync(join(source, "new")));
  assert.equal(
    readdirSync(sandbox.rootDir).filter((name) => ["made", "single", "read", "t", ".init"].includes(name)),
    [],
  );
  assert.equal(readdirSync(join(sandbox.rootDir, "etc")), ["passwd"]);
});

containers("a symbolic link in the image does not lead a mount out of the root", async () => {
  const outside = join(sandbox.dir, "outside");
  mkdirSync(outside);
  symlinkSync(outside, join(sandbox.rootDir, "escape"));
  const source = join(sandbox.dir, "linked");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "inside");
  const { stdout } = await sandbox.run(["cat", "/escape/place/file"], {
    mounts: [{ destination: "/escape/place", kind: "bind", source }],
  });
  assert.is(stdout, "inside");
  assert.equal(readdirSync(outside), []);
});

containers("a broken link at /etc/resolv.conf is followed inside the root", async () => {
  symlinkSync("../run/resolve/stub", join(sandbox.rootDir, "etc/resolv.conf"));
  assert.match((await sandbox.run(["cat", "/etc/resolv.conf"])).stdout, /^nameserver /m);
  assert.not.ok(existsSync(join(sandbox.rootDir, "run")));
  rmSync(join(sandbox.rootDir, "etc/resolv.conf"));
});

containers("a working directory that does not exist is made and stays", async () => {
  assert.is((await sandbox.run(["pwd"], { cwd: "/new/work" })).stdout, "/new/work\n");
  assert.ok(statSync(join(sandbox.rootDir, "new/work")).isDirectory());
});

containers("nothing of the host's processes and environment is seen", async () => {
  const { stdout } = await sandbox.run(["sh", "-c", "ls -d /proc/[0-9]* | wc -l"]);
  assert.ok(Number(stdout) >= 2 && Number(stdout) <= 5, stdout);
  const { stdout: environment } = await sandbox.run(["env"], { env: { PATH: "/bin", ONLY: "this" } });
  // HOME comes from the image's passwd file, as on the real engine.
  assert.is(environment, "PATH=/bin\nONLY=this\nHOME=/root\n");
});

containers("a signal reaches the command, and SIGKILL ends all of the container", async () => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGKILL", 137],
  ] as const) {
    const lease = await sandbox.network.lease("client");
    const container = await sandbox.runtime.startContainer(sandbox.spec(["sleep", "1000"], lease));
    const stdout = readAll(container.stdout);
    container.stderr.resume();
    container.kill(signal);
    assert.is((await container.exit).code, code);
    assert.is(await stdout, "");
    await lease.release();
  }
});

containers("a mount whose source is missing is an error, not an exit code", async () => {
  const failing = sandbox.run(["true"], { mounts: [{ destination: "/m", kind: "bind", source: "/no/such/source" }] });
  await failing.then(
    () => assert.unreachable("the container should not have started"),
    (error: Error) => assert.match(error.message, /could not be started:.*\/no\/such\/source/s),
  );
});

containers("a large output comes complete, also to a slow reader", async () => {
  const { stdout } = await sandbox.run(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo end"]);
  assert.is(stdout, "end\n");
  const { stderr } = await sandbox.run(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2"]);
  assert.is(stderr.length, 3_000_000);
});

containers("a bundle is removed when its container has ended", async () => {
  await sandbox.run(["true"]);
  await waitUntil("no bundle is left", async () => readdirSync(sandbox.host.dir).every((name) => !/^c\d/.test(name)));
});

containers.run();

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listProcesses, readProcess } from "../../support/processes.ts";
import { type Outcome, RunSandbox, readAll } from "../../support/run-sandbox.ts";

/** Escapes of runc, bubblewrap and BuildKit that were published, each tried on this engine: docs/isolation.md says which. */
const escapes = suite("a published escape");
let sandbox: RunSandbox;
/** A folder of the host, which has to be the same afterwards. */
let canary = "";
let roots = 0;

escapes.before(() => {
  sandbox = new RunSandbox({ processes: 400, memoryBytes: 256 << 20 });
  canary = join(sandbox.dir, "canary");
  mkdirSync(join(canary, "empty"), { recursive: true });
  writeFileSync(join(canary, "file"), "");
});
escapes.after(() => sandbox.close());
escapes.after.each(() => assert.equal(readdirSync(canary, { recursive: true }).sort(), ["empty", "file"]));

/** A root of its own, to be changed by a test. */
function newRoot(): string {
  const root = join(sandbox.dir, `root-${roots++}`);
  cpSync(sandbox.rootDir, root, { recursive: true, verbatimSymlinks: true });
  return root;
}

/** What it says, or why it was not started. */
async function tryRun(...given: Parameters<RunSandbox["run"]>): Promise<string> {
  return await sandbox.run(...given).then(
    ({ stdout, stderr }: Outcome) => `${stdout}${stderr}`,
    (error: Error) => `refused: ${error.message}`,
  );
}

function digestOfRuntime(): string {
  const { stdout } = spawnSync("sh", ["-c", "command -v crun"], { encoding: "utf8" });
  return createHash("sha256").update(readFileSync(stdout.trim())).digest("hex");
}

escapes("by the runtime's own program (CVE-2019-5736): it is none that a container can open", async () => {
  const before = digestOfRuntime();
  const rootDir = newRoot();
  writeFileSync(join(rootDir, "evil"), "#!/proc/self/exe\n", { mode: 0o755 });
  const overwriting =
    "for exe in /proc/[0-9]*/exe; do (echo evil >> $exe) 2>/dev/null && echo wrote $exe; done; exit 0";
  for (const args of [["/evil"], ["/proc/self/exe", "--version"], ["sh", "-c", overwriting]]) {
    // Without the init: it would start itself as the interpreter, again and again.
    const said = await tryRun(args, { rootDir, noInit: true });
    assert.not.match(said, /wrote|crun version/);
  }
  const container = await sandbox.runtime.startContainer(
    sandbox.spec(
      ["sh", "-c", `n=0; while [ $n -lt 300 ]; do n=$((n+1)); ${overwriting.replace("; exit 0", "")}; done`],
      await sandbox.network.lease("client"),
      { rootDir },
    ),
  );
  for (let joins = 0; joins < 5; joins += 1) {
    const joining = { args: ["true"], env: { PATH: "/bin" }, cwd: "/", user: { uid: 0, gid: 0, groups: [] } };
    await container
      .join(joining)
      .then(({ exit }) => exit)
      .catch(() => undefined);
  }
  container.kill("SIGKILL");
  await container.exit;
  assert.is(digestOfRuntime(), before);
});

escapes(
  "by an open folder of the host (CVE-2024-21626): none is open, and none can be the working directory",
  async () => {
    const { stdout } = await sandbox.run(["sh", "-c", "exec ls -l /proc/self/fd"]);
    const links = [...stdout.matchAll(/-> (\S+)/g)].map(([, to]) => to ?? "");
    assert.equal(
      links.filter((to) => !/^(\/dev\/null|pipe:\[\d+\]|\/\S+\/engine-\d+-\d+\/pipe\d+|\/proc\/\d+\/fd)$/.test(to)),
      [],
    );
    const marker = join(canary, "file");
    for (let fd = 0; fd < 24; fd += 1) {
      for (const cwd of [`/proc/self/fd/${fd}`, `/proc/self/fd/${fd}/../../..`, `/proc/1/fd/${fd}`]) {
        const said = await tryRun(
          ["sh", "-c", `ls ./../../../../../..${marker} 2>/dev/null; ls .${marker} 2>/dev/null; true`],
          { cwd },
        );
        assert.not.match(said, marker);
      }
    }
  },
);

escapes("by a link in the place of a mount, swapped meanwhile (CVE-2021-30465, CVE-2024-45310)", async () => {
  const [volume, inner] = [join(sandbox.dir, "volume"), join(sandbox.dir, "inner")];
  mkdirSync(join(volume, "dir"), { recursive: true });
  mkdirSync(inner, { recursive: true });
  let isDone = false;
  let swaps = 0;
  const place = join(volume, "dir");
  const put = async (make: () => void) => {
    try {
      rmSync(place, { recursive: true, force: true });
      make();
      swaps += 1;
    } catch {
      // The runtime has made something there in between.
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  const swapping = (async () => {
    while (!isDone) {
      await put(() => symlinkSync(canary, place));
      await put(() => mkdirSync(place));
    }
  })();
  const mounts = [
    { destination: "/volume", kind: "bind", source: volume },
    { destination: "/volume/dir/made", kind: "bind", source: inner },
  ] as const;
  for (let tries = 0; tries < 12; tries += 1) await tryRun(["true"], { mounts, rootDir: newRoot() });
  isDone = true;
  await swapping;
  assert.ok(swaps > 12, `${swaps} swaps`);
  assert.not.match(readFileSync("/proc/self/mountinfo", "utf8"), canary);
});

escapes("by a mount's place that becomes a link, and is taken away at the end (CVE-2024-23652)", async () => {
  const rootDir = newRoot();
  const source = join(sandbox.dir, "inner");
  mkdirSync(source, { recursive: true });
  for (const name of ["empty", "file"]) {
    const mounts = [{ destination: `/place/${name}`, kind: "bind", source }] as const;
    const swap = `busybox umount /place/${name} 2>/dev/null; busybox mv /place /aside; busybox ln -s ${canary} /place; true`;
    await tryRun(["sh", "-c", swap], { rootDir, mounts });
    rmSync(join(rootDir, "place"), { recursive: true, force: true });
    symlinkSync(canary, join(rootDir, "place"));
    await tryRun(["true"], { rootDir, mounts });
    assert.ok(existsSync(join(canary, name)));
    rmSync(join(rootDir, "place"), { force: true });
  }
});

escapes(
  "by what hides places of /proc (CVE-2025-31133, CVE-2023-27561, CVE-2019-19921): they stay hidden",
  async () => {
    const devices = join(sandbox.dir, "devices");
    mkdirSync(devices, { recursive: true });
    for (const name of ["null", "zero", "console"]) symlinkSync("/proc/sysrq-trigger", join(devices, name));
    const looking = [
      "head -c 1 /proc/kcore >/dev/null 2>&1 && echo kcore was read",
      "(echo h > /proc/sysrq-trigger) 2>/dev/null && echo sysrq was written",
      "(echo evil > /proc/sys/kernel/core_pattern) 2>/dev/null && echo core_pattern was written",
      "test -s /proc/keys && echo keys were read",
      "(echo 1 > /sys/kernel/uevent_helper) 2>/dev/null && echo sys was written",
      "true",
    ].join("; ");
    for (const mounts of [
      [],
      [{ destination: "/dev", kind: "bind", source: devices }],
      [{ destination: "/proc/sys", kind: "tmpfs" }],
      [{ destination: "/sys", kind: "bind", source: devices }],
    ] as const) {
      const said = await tryRun(["sh", "-c", looking], { mounts, rootDir: newRoot() });
      assert.not.match(said, /was read|was written|were read/, JSON.stringify(mounts));
    }
  },
);

escapes(
  "by inheritable capabilities (CVE-2022-29162) or more than the list (CVE-2016-3697): there are none",
  async () => {
    const lines = async (user: number) =>
      (await sandbox.run(["grep", "^Cap", "/proc/self/status"], { user: { uid: user, gid: user, groups: [] } })).stdout;
    const [none, usual] = ["0000000000000000", "00000000a80425fb"];
    const told = (held: string) =>
      [
        ["CapInh", none],
        ["CapPrm", held],
        ["CapEff", held],
        ["CapBnd", usual],
        ["CapAmb", none],
      ]
        .map(([name, mask]) => `${name}:\t${mask}\n`)
        .join("");
    assert.is(await lines(0), told(usual));
    assert.is(await lines(7), told(none));
  },
);

escapes("by control groups that can be written (CVE-2023-25809, CVE-2022-0492): none is in a container", async () => {
  const { stdout } = await sandbox.run([
    "sh",
    "-c",
    "grep cgroup /proc/self/mountinfo; ls -A /sys/fs/cgroup; mount -t cgroup2 none /tmp 2>/dev/null && echo mounted; true",
  ]);
  assert.is(stdout, "");
});

escapes(
  "by the person's terminal (CVE-2017-5226, CVE-2016-9962): there is none, and no key of the person",
  async () => {
    const script =
      "(: < /dev/tty) 2>/dev/null && echo a terminal; (: < /dev/console) 2>/dev/null && echo a console; ls /dev/pts; cut -d' ' -f7 /proc/self/stat";
    const { stdout } = await sandbox.run(["sh", "-c", script.replace("cut -d' ' -f7", "awk '{ print $7 }'")]);
    assert.is(stdout, "ptmx\n0\n");
  },
);

escapes(
  "by links in a folder at /dev (CVE-2026-88264, CVE-2026-88265): no file of the host is opened or given away",
  async () => {
    const devices = join(sandbox.dir, "linked-devices");
    mkdirSync(devices, { recursive: true });
    const file = join(canary, "file");
    for (const name of ["null", "console", "ptmx", "tty", "stdin"]) symlinkSync(file, join(devices, name));
    const before = statSync(file);
    const mounts = [{ destination: "/dev", kind: "bind", source: devices }] as const;
    const user = { uid: 7, gid: 7, groups: [] };
    await tryRun(["sh", "-c", "echo evil; echo evil > /dev/null; cat < /dev/null"], {
      mounts,
      rootDir: newRoot(),
      user,
    });
    const after = statSync(file);
    assert.equal([after.uid, after.gid, after.mode, after.size], [before.uid, before.gid, before.mode, 0]);
  },
);

escapes("by a link on the way to a mount's place (CVE-2026-87766): nothing is made outside", async () => {
  const source = join(sandbox.dir, "inner");
  mkdirSync(source, { recursive: true });
  const rootDir = newRoot();
  symlinkSync(canary, join(rootDir, "absolute"));
  symlinkSync(`../../../../../..${canary}`, join(rootDir, "relative"));
  symlinkSync("/proc/self/root/../../..", join(rootDir, "magic"));
  for (const destination of ["/absolute/made", "/relative/made", `/magic${canary}/made`]) {
    const said = await tryRun(["sh", "-c", `ls -d ${destination}`], {
      rootDir,
      mounts: [{ destination, kind: "bind", source }],
    });
    assert.ok(said === `${destination}\n` || said.startsWith("refused: "), said);
  }
});

escapes("by the user of a process that joins (CVE-2026-30892): it is the one that was asked for", async () => {
  const container = await sandbox.runtime.startContainer(
    sandbox.spec(["sleep", "30"], await sandbox.network.lease("client")),
  );
  try {
    const joining = { args: ["id", "-u"], env: { PATH: "/bin" }, cwd: "/", user: { uid: 1, gid: 1, groups: [] } };
    const joined = await container.join(joining);
    assert.is(await readAll(joined.stdout), "1\n");
  } finally {
    container.kill("SIGKILL");
    await container.exit;
  }
});

escapes("leaves no process and no mount behind that it has hidden from its parent", async () => {
  const marker = `hidden-${process.pid}`;
  await sandbox.run([
    "sh",
    "-c",
    `(exec busybox setsid sh -c 'trap "" TERM HUP; : ${marker}; sleep 60') >/dev/null 2>&1 & exit 0`,
  ]);
  const there = listProcesses().filter((pid) => readProcess(pid, "cmdline").includes(marker));
  assert.equal(there, []);
});

escapes.run();

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Store } from "../../../engine/src/store/store.ts";
import { asOrdinaryUser, isUserNamespace } from "../../support/ordinary-user.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";

/** Machines that lack something, each made of this one in a mount namespace: docs/machines.md says what they lack. */
const machines = suite("a machine");
const SLIPWAY = resolve("slipway");
const HELLO = ["core", "directory", "with-new-file", "--path=a", "--contents=hello", "file", "--path=a", "contents"];
let dir = "";
let runs = 0;

machines.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-machines-"));
  // An ordinary user goes through it.
  spawnSync("chmod", ["755", dir]);
});
machines.after(() => rmSync(dir, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly said: string;
}

function run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
  const [program = "", ...args] = command;
  const variables = { PATH: process.env["PATH"], NO_COLOR: "1", ...env };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: variables, timeout: 60_000 });
  return { status, stdout, said: stderr };
}

/** Runs slipway as somebody who is not root. */
function asUser(words: readonly string[], prepared: readonly string[] = [], before: readonly string[] = []): Ended {
  return run([...asOrdinaryUser(join(dir, `user${runs++}`), { prepared }), ...before, SLIPWAY, ...words]);
}

const isRoot = process.getuid?.() === 0 && !isUserNamespace();

/** What cannot be made of this machine by an ordinary user. */
function whyNot(): string | undefined {
  return isRoot ? undefined : "NOT TESTED: only root makes another machine of this one";
}

/** Both of uidmap's programs, as they are where a package was unpacked without its rights. */
const WITHOUT_RIGHTS = [
  "cd $(mktemp -d)",
  "for name in newuidmap newgidmap; do cp $(command -v $name) . && chmod 755 . $name && mount --bind $name $(command -v $name); done",
  "cd /",
];

machines("on which newuidmap has no rights is told so, and what to do", () => {
  if (whyNot() !== undefined) return console.log(whyNot());
  const { status, said } = asUser(["setup"], WITHOUT_RIGHTS);
  assert.is(status, 1);
  assert.match(
    said,
    /^slipway: newuidmap could not map the users of containers: newuidmap: .*\n {2}to do: as root, chmod u\+s \S+\/newuidmap \S+\/newgidmap; they must not be on a file system mounted nosuid\n$/,
  );
  return undefined;
});

machines("on which nobody gains rights is told so, and what to do", () => {
  if (whyNot() !== undefined) return console.log(whyNot());
  const { status, said } = asUser(["setup"], [], ["setpriv", "--no-new-privs"]);
  assert.is(status, 1);
  assert.match(
    said,
    /^slipway: newuidmap gets no rights here, because this process may not gain any \(no_new_privs\): .*\n {2}to do: allow it, with allowPrivilegeEscalation: true in Kubernetes or NoNewPrivileges=no in systemd; or run this as root\n$/,
  );
  return undefined;
});

/** Runs it where root of a user namespace has set that there are no others in it. All users are the same in there. */
async function withoutNamespaces(command: readonly string[]): Promise<Ended> {
  // Who is nobody when a program starts has no rights in it: another one is started when the users are mapped.
  const script = `read go; exec sh -ec 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"' sh "$@"`;
  const child = spawn("unshare", ["--user", "--mount", "sh", "-ec", script, "sh", ...command], {
    env: { PATH: process.env["PATH"] },
  });
  let [stdout, said] = ["", ""];
  child.stdout.on("data", (part: Buffer) => (stdout += part));
  child.stderr.on("data", (part: Buffer) => (said += part));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  const isMapped = spawnSync("sh", [
    "-c",
    `until [ "$(readlink /proc/${child.pid}/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do :; done
     for map in uid_map gid_map; do echo "0 0 4294967295" > /proc/${child.pid}/$map || exit 1; done`,
  ]);
  assert.is(isMapped.status, 0, isMapped.stderr.toString());
  child.stdin.end("go\n");
  return { status: await ended, stdout, said };
}

for (const [what, settings, told] of [
  ["by the kernel's limit", "", "user.max_user_namespaces=15000"],
  [
    "by AppArmor as in Ubuntu 24.04 besides",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=15000",
  ],
] as const) {
  machines(`that lets ordinary users make no namespaces, ${what}, is told by its settings`, async () => {
    if (whyNot() !== undefined) return console.log(whyNot());
    const folder = join(dir, `kernel${runs++}`);
    mkdirSync(folder);
    if (settings !== "") writeFileSync(join(folder, settings.slice("kernel.".length)), "1\n");
    const prepared = settings === "" ? [] : [`mount --bind ${folder} /proc/sys/kernel`];
    const { status, said } = await withoutNamespaces([
      ...asOrdinaryUser(join(dir, `user${runs++}`), { prepared }),
      SLIPWAY,
      "setup",
    ]);
    assert.is(status, 1, said);
    assert.match(said, /^slipway: this system does not let ordinary users create namespaces: unshare: .*\n/);
    assert.is(
      said.split("\n")[1],
      `  to do: as root, sysctl -w ${told} (and write it into /etc/sysctl.d/slipway.conf, so that it stays)`,
    );
    return undefined;
  });
}

machines("on which root may not make namespaces, as in a container, is told what the container needs", () => {
  if (whyNot() !== undefined) return console.log(whyNot());
  const { status, said } = run(["setpriv", "--bounding-set", "-sys_admin", SLIPWAY, "setup"], {
    HOME: join(dir, "root"),
  });
  assert.is(status, 1);
  assert.match(
    said,
    /^slipway: root may not create namespaces and mount in them here: unshare: .*\n {2}to do: this seems to be a container; start it with all rights \(docker run --privileged, /,
  );
  return undefined;
});

machines(
  "whose homes are mounted nosuid and noexec runs containers for an ordinary user, who has no variable HOME",
  () => {
    if (whyNot() !== undefined) return console.log(whyNot());
    const folder = join(dir, `user${runs}`);
    const home = `mount -t tmpfs -o nosuid,noexec,nodev,noatime,mode=777 homes ${folder}/home`;
    const { stdout, said } = asUser(HELLO, [home], ["env", "--unset=HOME"]);
    assert.is(stdout, "hello", said);
    return undefined;
  },
);

machines("whose user is given a store in a folder of somebody else is told so", () => {
  if (whyNot() !== undefined) return console.log(whyNot());
  const closed = join(dir, "closed");
  mkdirSync(closed, { mode: 0o700 });
  const { status, said } = asUser(HELLO, [], ["env", `SLIPWAY_STORE=${closed}/store`]);
  assert.equal(
    [status, said],
    [
      1,
      `Error: ${closed}/store/run cannot be written: permission denied; ${closed} belongs to another user\n  to do: set SLIPWAY_STORE to a writable folder, or allow this user to write there\n`,
    ],
  );
  return undefined;
});

machines("whose disk is a container's own is told that the store has to lie elsewhere", async () => {
  const folder = join(dir, "overlay");
  for (const name of ["lower", "upper", "work", "root"]) mkdirSync(join(folder, name), { recursive: true });
  const options = `userxattr,lowerdir=${folder}/lower,upperdir=${folder}/upper,workdir=${folder}/work`;
  const mounted = spawnSync("mount", ["-t", "overlay", "overlay", "-o", options, join(folder, "root")]);
  assert.is(mounted.status, 0, mounted.stderr.toString());
  const storeDir = join(folder, "root/store");
  const store = new Store(storeDir, join(storeDir, "scratch/x"));
  try {
    const below = await store.change({ layers: [] }, async (root) => writeFileSync(join(root, "a"), ""));
    const failed = await store
      .change(below, async (root) => writeFileSync(join(root, "b"), ""))
      .then(String, (error: Error) => error.message);
    assert.is(
      failed,
      `the store ${storeDir} is on overlay, where overlayfs cannot write\n  to do: set SLIPWAY_STORE to a folder on a disk of this machine (ext4, xfs, btrfs), in a container to one on a volume`,
    );
  } finally {
    await store.close();
    spawnSync("umount", ["-l", join(folder, "root")]);
  }
});

/** What a container says, and what the person is told of its network, on a machine made by these lines of shell. */
async function lookInside(
  prepared: string,
): Promise<{ readonly stdout: string; readonly limitation: string | undefined }> {
  assert.is(spawnSync("sh", ["-ec", prepared]).status, 0);
  const sandbox = new RunSandbox();
  try {
    const { stdout } = await sandbox.run(["cat", "/etc/resolv.conf"]);
    return { stdout, limitation: sandbox.limitation };
  } finally {
    await sandbox.close();
  }
}

machines("without a resolv.conf runs containers, which know no nameserver but the session's", async () => {
  const folder = join(dir, "etc");
  mkdirSync(folder);
  try {
    const { stdout } = await lookInside(`cp -a /etc/passwd /etc/group ${folder}; mount --bind ${folder} /etc`);
    assert.is(stdout, "nameserver 169.254.87.53\n");
  } finally {
    spawnSync("umount", ["/etc"]);
  }
});

machines("without an IPv4 address is told that containers have no other", () => {
  if (whyNot() !== undefined) return console.log(whyNot());
  const network =
    "ip link set lo up; ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip addr add fd00::2/64 dev v0";
  const words = [
    "core",
    "container",
    "with-rootfs",
    `--directory=${dir}/root`,
    "with-exec",
    "--args=/true",
    "exit-code",
  ];
  mkdirSync(join(dir, "root"), { recursive: true });
  spawnSync("cp", ["/bin/busybox", join(dir, "root/true")]);
  const { stdout, said } = run(["unshare", "--net", "sh", "-ec", `${network}; exec "$@"`, "sh", SLIPWAY, ...words], {
    SLIPWAY_STORE: join(dir, "store6"),
  });
  assert.is(stdout, "0", said);
  assert.match(
    said,
    /^containers cannot reach the outside, because they only use IPv4, and this machine has no IPv4 address$/m,
  );
  return undefined;
});

machines.run();

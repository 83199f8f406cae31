import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../cluster/command.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
const HELLO = ["core", "directory", "with-new-file", "--path=a", "--contents=hello", "file", "--path=a", "contents"];
const MAKE_ROOM = "  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk\n";
const OTHER_STORE = "  to do: set SLIPWAY_STORE to a writable folder, or allow this user to write there\n";
const MOVE_FILE = "  to do: move the file away, or set SLIPWAY_STORE to another folder\n";

const disk = suite("a store on a disk that cannot take it");

let folder = "";

disk.before(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-disk-"));
});

disk.after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** Without the notes about images. */
  readonly said: string;
}

async function slipway(args: readonly string[], env: NodeJS.ProcessEnv, limit = ":"): Promise<Ended> {
  const { exitCode, stdout, stderr } = await runCommand(
    ["bash", "-c", `${limit}; exec ./slipway "$@"`, "bash", ...args],
    { cwd: CHECKOUT, env: { NO_COLOR: "1", ...env } },
  );
  const at = stderr.indexOf("Error: ");
  return { code: exitCode, stdout, said: at === -1 ? stderr : stderr.slice(at) };
}

/** A file system in memory, in the mount namespace of this test. */
function mount(name: string, options: string): { readonly path: string; again(options: string): void; gone(): void } {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const run = (...args: readonly string[]) => {
    const ended = spawnSync(args[0] ?? "", args.slice(1), { encoding: "utf8" });
    assert.is(ended.status, 0, ended.stderr);
  };
  run("mount", "-t", "tmpfs", "-o", options, "slipway-test", path);
  return {
    path,
    again: (changed) => run("mount", "-o", `remount,${changed}`, path),
    gone: () => run("umount", "-l", path),
  };
}

disk("is told that it is full, and goes on when there is room", async () => {
  const { path, again, gone } = mount("full", "size=1m");
  try {
    writeFileSync(join(path, "fill"), Buffer.alloc(2 ** 20 - 65_536));
    const { code, said } = await slipway(["functions"], { SLIPWAY_STORE: path });
    assert.is(code, 1);
    assert.match(
      said,
      new RegExp(
        `^Error: the disk is full: ${path}\\S* cannot be written \\(0\\.\\d MiB of 1\\.0 MiB are left\\): no space left on device\\n${MAKE_ROOM}$`,
      ),
    );
    again("size=400m");
    const later = await slipway(["functions"], { SLIPWAY_STORE: path });
    assert.is(later.code, 0, later.said);
  } finally {
    gone();
  }
});

disk("is told that no inode is left", async () => {
  const { path, again, gone } = mount("inodes", "size=20m,nr_inodes=12");
  try {
    const { code, said } = await slipway(HELLO, { SLIPWAY_STORE: path });
    assert.is(code, 1);
    assert.match(
      said,
      new RegExp(
        `^Error: the disk is full: ${path}\\S* cannot be written \\(no inode is left for another file\\): no space left on device\\n${MAKE_ROOM}$`,
      ),
    );
    again("nr_inodes=10000");
    assert.is((await slipway(HELLO, { SLIPWAY_STORE: path })).stdout, "hello");
  } finally {
    gone();
  }
});

disk("is told that it is read-only, as a store and as a home", async () => {
  const { path, gone } = mount("read-only", "ro");
  try {
    const store = await slipway(HELLO, { SLIPWAY_STORE: path });
    assert.equal(
      [store.code, store.said],
      [1, `Error: ${path}/run cannot be written: read-only file system\n${OTHER_STORE}`],
    );
    const home = await slipway(HELLO, { HOME: path, SLIPWAY_STORE: "", XDG_CACHE_HOME: "" });
    assert.equal(
      [home.code, home.said],
      [1, `Error: ${path}/.cache cannot be written: read-only file system\n${OTHER_STORE}`],
    );
  } finally {
    gone();
  }
});

for (const place of ["", "run", "layers", "results", "images", "images/records"]) {
  disk(`is told that a file stands in the way: ${place || "the store itself"}`, async () => {
    const store = join(folder, `file-${place.replace("/", "-")}`);
    mkdirSync(join(store, place, ".."), { recursive: true });
    rmSync(join(store, place), { recursive: true, force: true });
    writeFileSync(join(store, place), "");
    const { code, said } = await slipway(HELLO, { SLIPWAY_STORE: store });
    assert.is(code, 1);
    assert.match(
      said,
      new RegExp(
        `^Error: ${store}\\S* cannot be created: (?:not a directory|file already exists); there is a file where a folder is needed\\n${MOVE_FILE}$`,
      ),
    );
  });
}

for (const [what, place, told] of [
  ["no folder can be made", "/proc/none", /\/proc\/none cannot be created: .*; nothing can be created in \/proc\n/],
  [
    "no folder can be made above it",
    "/proc/none/of/it",
    /\/proc\/none cannot be created: .*; nothing can be created in/,
  ],
  [
    "a link leads nowhere",
    "link",
    /\S+\/link cannot be created: .*; \S+\/link is a link to nowhere, where nothing is\n/,
  ],
  ["a link leads nowhere above it", "link/below", /\S+\/link cannot be created: .*; \S+\/link is a link to nowhere/],
  ["links lead in a circle", "circle", /\S+\/circle\S* cannot be used: too many symbolic links encountered\n/],
  ["a name is too long", "n".repeat(300), /\S+ cannot be used: name too long\n/],
] as const) {
  disk(`is told that ${what}, once and with what to do`, async () => {
    for (const [name, target] of [
      ["link", "nowhere"],
      ["circle", "circle"],
    ] as const) {
      rmSync(join(folder, name), { force: true });
      symlinkSync(target, join(folder, name));
    }
    const { code, said } = await slipway(HELLO, { SLIPWAY_STORE: resolve(folder, place) });
    assert.is(code, 1);
    assert.match(said, told);
    assert.match(said, /^Error: .*\n {2}to do: .*set SLIPWAY_STORE to .*\n$/);
  });
}

disk("is told that too many files are open", async () => {
  const { code, said } = await slipway(HELLO, { SLIPWAY_STORE: join(folder, "few") }, "ulimit -n 22");
  assert.is(code, 1);
  assert.match(
    said,
    /too many files are open(?: \(the limit is 22\))?: .*\n {2}to do: allow this user to open more files \(ulimit -n 4096\), or end other programs\n$/,
  );
});

disk("is told where a result cannot be saved, and comes to an end below /proc", async () => {
  const store = join(folder, "saved");
  const proc = await slipway(["core", "version", "-o", "/proc/x/y"], { SLIPWAY_STORE: store });
  const cannot = (file: string, words: string) =>
    `Error: the result cannot be written to ${file}: ${words}\n  to do: name a file in a writable folder with enough space\n`;
  assert.equal([proc.code, proc.said], [1, cannot("/proc/x/y", "no such file or directory")]);
  const full = await slipway(["core", "version", "-o", "/dev/full"], { SLIPWAY_STORE: store });
  assert.equal([full.code, full.said], [1, cannot("/dev/full", "no space left on device")]);
});

disk("is not blamed when the disk of a result is full", async () => {
  const { path, gone } = mount("results", "size=64k");
  try {
    const env = { SLIPWAY_STORE: join(folder, "saved") };
    const place = join(path, "here");
    const file = ["with-new-file", "--path=a", `--contents=${randomBytes(75_000).toString("base64")}`];
    const folderOf = ["core", "directory", ...file];
    for (const chain of [
      [...folderOf, "-o", place],
      [...folderOf, "export", "--path", place],
      [...folderOf, "file", "--path=a", "-o", place],
      ["core", "container", ...file, "-o", place],
    ]) {
      const { code, said } = await slipway(chain, env);
      const todo = "  to do: free some space there, or name a place on another disk\n";
      assert.equal([code, said], [1, `Error: open ${place}: no space left on device\n${todo}`]);
      rmSync(place, { recursive: true, force: true });
    }
  } finally {
    gone();
  }
});

disk("is not needed for temporary files or a home", async () => {
  const store = join(folder, "good");
  const { path, gone } = mount("tmp", "size=4k,nr_inodes=1");
  try {
    for (const env of [
      { TMPDIR: path },
      { TMPDIR: join(folder, "none") },
      { HOME: "/none-such" },
      { HOME: undefined },
    ]) {
      const { stdout, said } = await slipway(HELLO, { SLIPWAY_STORE: store, ...env });
      assert.is(stdout, "hello", said);
    }
  } finally {
    gone();
  }
});

disk.run();

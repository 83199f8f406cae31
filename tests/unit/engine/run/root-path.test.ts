import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findContainerBundles, findHostBundle } from "../../../../engine/src/run/host-certificates.ts";
import { watchMountStubs } from "../../../../engine/src/run/mount-stubs.ts";
import { locateInRoot, readStart } from "../../../../engine/src/run/root-path.ts";
import {
  describeStartFailure,
  hasUnknownFormat,
  startFailureReason,
} from "../../../../engine/src/run/start-failure.ts";

const paths = suite("paths of a container");
let dir: string;
let root: string;

paths.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-paths-"));
  root = join(dir, "root");
  mkdirSync(join(root, "bin"), { recursive: true });
});
paths.after.each(() => rmSync(dir, { recursive: true }));

paths("links, also absolute ones and those that climb, stay inside the root", () => {
  symlinkSync("/bin", join(root, "absolute"));
  symlinkSync("../../../../bin", join(root, "climbing"));
  for (const path of ["/absolute/sh", "/climbing/sh", "/../../bin/./sh"])
    assert.is(locateInRoot(root, path)?.containerPath, "/bin/sh");
});

paths("links in a circle lead nowhere", () => {
  symlinkSync("b", join(root, "a"));
  symlinkSync("a", join(root, "b"));
  assert.is(locateInRoot(root, "/a"), undefined);
});

paths("a place below a mount lies in its source", () => {
  const source = join(dir, "source");
  mkdirSync(source);
  symlinkSync("/bin", join(source, "back"));
  const binds = [{ destination: "/m/", source }];
  writeFileSync(join(source, "x"), "of the mount");
  writeFileSync(join(root, "bin/sh"), "of the root");
  writeFileSync(join(root, "mm"), "beside");
  for (const [path, text] of [
    ["/m/x", "of the mount"],
    ["/m/back/sh", "of the root"],
    ["/mm", "beside"],
  ] as const)
    assert.is(readStart(root, path, binds, 20)?.replace(/\0*$/, ""), text);
  assert.is(locateInRoot(root, "/m/back/sh", binds)?.containerPath, "/bin/sh");
});

paths("a mount point that has to be made yet leads to its source", () => {
  const source = join(dir, "source");
  mkdirSync(source);
  writeFileSync(join(source, "x"), "of the mount");
  const binds = [{ destination: "/new/deep/m", source }];
  assert.is(readStart(root, "/new/deep/m/x", binds, 12), "of the mount");
  assert.is(locateInRoot(root, "/new/deep/other", binds)?.containerPath, "/new/deep/other");
  assert.is(locateInRoot(root, "/new/deep/other", binds)?.stats, undefined);
});

paths("what cannot be there, because a file is on the way, stays as it is written", () => {
  writeFileSync(join(root, "bin/sh"), "x");
  assert.equal(locateInRoot(root, "/bin/sh/x/../y"), { containerPath: "/bin/sh/y", stats: undefined });
});

paths("mount points made for a container are taken away, those with content and those there before stay", () => {
  const remove = watchMountStubs(root, ["/new/deep/place", "/filled/x", "/bin/file"]);
  mkdirSync(join(root, "new/deep/place"), { recursive: true });
  mkdirSync(join(root, "filled/x"), { recursive: true });
  writeFileSync(join(root, "filled/other"), "kept");
  writeFileSync(join(root, "bin/file"), "");
  utimesSync(join(root, "bin"), 1000, 1000);
  remove();
  assert.equal(
    [
      existsSync(join(root, "new")),
      existsSync(join(root, "filled/x")),
      existsSync(join(root, "filled/other")),
      existsSync(join(root, "bin/file")),
    ],
    [false, false, true, false],
  );
  assert.is(statSync(join(root, "bin")).mtimeMs, 1_000_000);
});

paths("a command that cannot be executed is described in the words of the real engine", () => {
  writeFileSync(join(root, "bin/tool"), "#!/no/interpreter\n");
  chmodSync(join(root, "bin/tool"), 0o755);
  const place = { rootDir: root, binds: [], cwd: "/", searchPath: "/sbin:/bin" };
  assert.is(
    describeStartFailure("none", "no such file or directory", place),
    'exec: "none": executable file not found in $PATH',
  );
  assert.is(
    describeStartFailure("tool", "no such file or directory", place),
    "fork/exec /bin/tool: no such file or directory",
  );
  assert.is(describeStartFailure("/x", "permission denied", place), "fork/exec /x: permission denied");
});

paths("only an executable file that is neither program nor script has an unknown format", () => {
  const place = { rootDir: root, binds: [], cwd: "/bin", searchPath: "/bin" };
  // A program of a machine that is never the one here: e_machine 22, IBM's S/390.
  const foreign = `\x7fELF\x02\x02${"\0".repeat(12)}\0\x16`;
  const files: [string, string, number, boolean][] = [
    ["script", "#!/bin/sh\n", 0o755, false],
    ["program", "\x7fELF", 0o755, false],
    ["junk", "junk", 0o755, true],
    ["empty", "", 0o755, true],
    ["data", "junk", 0o644, false],
    ["foreign", foreign, 0o755, true],
    ["foreign-script", "#! /bin/foreign -e\n", 0o755, true],
    ["lost-script", "#!/bin/lost", 0o755, false],
  ];
  for (const [name, text, mode, unknown] of files) {
    writeFileSync(join(root, "bin", name), text, "latin1");
    chmodSync(join(root, "bin", name), mode);
    assert.is(hasUnknownFormat(`./${name}`, place), unknown, name);
  }
  assert.is(hasUnknownFormat("junk", place), true);
  assert.is(hasUnknownFormat("none", place), false);
});

paths("only the init's own text about this very command is a start failure", () => {
  assert.is(
    startFailureReason("[FATAL tini (2)] exec a b failed: No such file or directory\n", "a b"),
    "no such file or directory",
  );
  assert.is(startFailureReason("[FATAL tini (2)] exec other failed: No such file or directory\n", "mine"), undefined);
  assert.is(startFailureReason("[FATAL tini (2)] exec mine failed: Permission denied\nmore\n", "mine"), undefined);
  assert.is(startFailureReason("open executable: Permission denied\n", "mine"), "permission denied");
  assert.is(startFailureReason("plain text\n", "mine"), undefined);
});

paths("the host's certificates are used only when somebody added one, and cover each bundle once", () => {
  const bundle = join(dir, "bundle.crt");
  const added = join(dir, "added");
  writeFileSync(bundle, "x");
  assert.is(findHostBundle(added, [bundle]), undefined);
  mkdirSync(added);
  assert.is(findHostBundle(added, [bundle]), undefined);
  writeFileSync(join(added, "own.crt"), "x");
  assert.is(findHostBundle(added, ["/no/such", bundle]), bundle);
  assert.equal(findContainerBundles(root), []);
  mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
  writeFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), "x");
  symlinkSync("certs/ca-certificates.crt", join(root, "etc/ssl/cert.pem"));
  assert.equal(findContainerBundles(root), ["/etc/ssl/certs/ca-certificates.crt"]);
});

paths.run();

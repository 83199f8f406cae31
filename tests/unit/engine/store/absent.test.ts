import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseReference } from "../../../../engine/src/image/reference.ts";
import { findLogin } from "../../../../engine/src/image/registry/credentials.ts";
import { trustFor } from "../../../../engine/src/image/registry/trust.ts";
import { readIfThere } from "../../../../engine/src/store/absent.ts";
import { namesIn } from "../../../../engine/src/store/folders.ts";
import { readHoldings } from "../../../../engine/src/upkeep/holdings.ts";

const absent = suite("what is absent, and what only cannot be read");
let dir = "";

absent.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-absent-"));
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, "closed"));
  writeFileSync(join(dir, "closed", "file"), "text");
  writeFileSync(join(dir, "unreadable"), "text");
  for (const name of ["closed", "unreadable"]) chmodSync(join(dir, name), 0);
  writeFileSync(join(dir, "file"), JSON.stringify({ auths: { "r.io": { auth: "bWU6cw==" } } }));
});

absent.after(() => {
  chmodSync(join(dir, "closed"), 0o700);
  rmSync(dir, { recursive: true, force: true });
});

/** Works with all files open that may be. */
async function withoutFiles(work: () => unknown): Promise<void> {
  const soft = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? "";
  const allow = (files: string) => spawnSync("prlimit", ["--pid", String(process.pid), `--nofile=${files}:`]);
  assert.is(allow("256").status, 0);
  const open: number[] = [];
  try {
    assert.throws(() => {
      for (;;) open.push(openSync("/dev/null", "r"));
    }, /EMFILE/);
    await work();
  } finally {
    for (const fd of open) closeSync(fd);
    allow(soft);
  }
}

async function refused(work: () => unknown, expected: RegExp): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.match((error as Error).message, expected);
    return;
  }
  assert.unreachable(`nothing was refused, and ${expected} was expected`);
}

/** Root may read everything, so it works as somebody else. */
function notAsRoot(work: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

absent("is a file that does not exist, and one below a file", () => {
  assert.is(readIfThere(join(dir, "none")), undefined);
  assert.is(readIfThere(join(dir, "file", "below")), undefined);
  assert.equal(namesIn(join(dir, "none")), []);
});

absent("is not a file on a bad disk", () => {
  assert.throws(() => readIfThere("/proc/self/mem"), /EIO/);
});

absent("is what lies in a folder that this user may not enter, and not a file that it may not read", () => {
  notAsRoot(() => {
    assert.is(readIfThere(join(dir, "closed", "file")), undefined);
    assert.throws(() => readIfThere(join(dir, "unreadable")), /EACCES/);
    assert.throws(() => namesIn(join(dir, "closed")), /EACCES/);
  });
});

absent("is nothing where no more files can be opened: logins, authorities, and what a store holds", async () => {
  const reference = parseReference("r.io/image");
  const env = { HOME: dir, REGISTRY_AUTH_FILE: join(dir, "file"), DOCKER_CONFIG: dir };
  await withoutFiles(async () => {
    await refused(() => findLogin(reference, [], env), /^the logins in .* cannot be read: [\s\S]*to do: /);
    await refused(() => trustFor("r.io", { SSL_CERT_FILE: join(dir, "file") }, []), /EMFILE/);
    await refused(() => readHoldings(dir, new Map()), /EMFILE/);
    await refused(() => namesIn(dir), /EMFILE/);
  });
});

absent.run();

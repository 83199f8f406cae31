import { execFile } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { promisify } from "node:util";
import type { Snapshot } from "../store/snapshot.ts";
import { digestOf, type Store } from "../store/store.ts";
import { LIBRARY_FOLDER } from "./author/library-folder.ts";
import { ENGINE_DIR } from "./paths-inside.ts";
import { findRuntimeNode, RUNTIME_NODE_VERSION } from "./runtime-files.ts";

const run = promisify(execFile);

const BUSYBOX_PLACES = ["/bin/busybox", "/usr/bin/busybox"];
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
/** Not linked to, but opened by name when it resolves host names. */
const OPENED_LIBRARIES = ["libresolv.so.2", "libnss_dns.so.2", "libnss_files.so.2"];
const FOLDERS = [
  "dev",
  "etc/ssl/certs",
  "lib64",
  "proc",
  "root",
  "run",
  "scratch",
  "src",
  "sys",
  "usr/bin",
  "usr/local/bin",
  "var/tmp",
];

export interface RuntimeRoot {
  readonly snapshot: Snapshot;
  /** Names what it is made of, the same in every store. */
  readonly digest: string;
}

/**
 * The root of every function's container: Node of the real runtime's version, the libraries of this machine that it
 * needs, a shell, certificates, and the engine's bundles. Made once for each combination of those, in under a second.
 *
 * @param bundlesDir from `buildBundles`
 */
export async function openRuntimeRoot(store: Store, bundlesDir: string): Promise<RuntimeRoot> {
  const node = findRuntimeNode();
  // Not where it lies and since when: npm has compared it with its digest, and all checkouts share what is made of it.
  const parts = [RUNTIME_NODE_VERSION, statSync(node).size, ...[...BUSYBOX_PLACES, CERTIFICATES].map(stateOf)];
  const bundles = readFileSync(join(bundlesDir, "digest"), "utf8");
  const digest = digestOf(["runtime root", 3, bundles, parts]);
  const snapshot = await store.once(digest, async () => {
    const dir = await store.makeScratch("runtime");
    await fillRoot(dir, node, bundlesDir);
    return { layers: [await store.addLayer(dir)] };
  });
  return { digest, snapshot };
}

function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return digestOf([path, stat?.size, stat?.mtimeMs]);
}

async function fillRoot(dir: string, node: string, bundlesDir: string): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(dir, folder), { recursive: true });
  await mkdir(join(dir, "tmp"));
  await chmod(join(dir, "tmp"), 0o1777);
  await chmod(join(dir, "root"), 0o700);
  await Promise.all([
    copyNode(node, join(dir, "usr/local/bin/node")),
    copyLibraries(node, dir),
    addShell(dir),
    addCertificates(dir),
    cp(bundlesDir, join(dir, ENGINE_DIR), {
      recursive: true,
      filter: (path) => path !== join(bundlesDir, LIBRARY_FOLDER),
    }),
    writeFile(
      join(dir, "etc/passwd"),
      "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nnode:x:1000:1000:Linux User,,,:/home/node:/bin/sh\n",
    ),
    writeFile(join(dir, "etc/group"), "root:x:0:root\nnobody:x:65534:\nnode:x:1000:node\n"),
    writeFile(join(dir, "etc/nsswitch.conf"), "hosts: files dns\n"),
  ]);
}

/** Not a link: the store is a mount of its own, and what others link to changes while it is packed. */
async function copyNode(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, 0o755);
}

async function copyLibraries(program: string, dir: string): Promise<void> {
  const { stdout } = await run("ldd", [program]);
  const linked = [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
  const folders = [...new Set(linked.map((path) => dirname(path)))];
  const opened = folders
    .flatMap((folder) => OPENED_LIBRARIES.map((name) => join(folder, name)))
    .filter((path) => existsSync(path));
  for (const path of new Set([...linked, ...opened])) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await copyFile(path, join(dir, path));
  }
}

/** The real runtime is an Alpine image, whose shell and tools are one busybox; programs of packages begin with `#!/usr/bin/env node`. */
async function addShell(dir: string): Promise<void> {
  const busybox = await findStaticBusybox();
  await mkdir(join(dir, "bin"), { recursive: true });
  if (busybox === undefined) {
    for (const place of ["bin/sh", "usr/bin/env"]) {
      const program = realpathSync(join("/", place));
      await copyFile(program, join(dir, place));
      await copyLibraries(program, dir);
    }
    return;
  }
  await copyFile(busybox, join(dir, "bin/busybox"));
  const { stdout } = await run(busybox, ["--list"]);
  const names = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  await Promise.all(names.map((name) => symlink("busybox", join(dir, "bin", name))));
  await symlink("/bin/busybox", join(dir, "usr/bin/env"));
}

async function findStaticBusybox(): Promise<string | undefined> {
  for (const path of BUSYBOX_PLACES) {
    if (!existsSync(path)) continue;
    const isDynamic = await run("ldd", [path]).then(
      () => true,
      () => false,
    );
    if (!isDynamic) return path;
  }
  return undefined;
}

/** Both names under which OpenSSL looks: functions run with `--use-openssl-ca`, so this machine's own authorities count. */
async function addCertificates(dir: string): Promise<void> {
  const bundle = existsSync(CERTIFICATES) ? readFileSync(CERTIFICATES, "utf8") : rootCertificates.join("\n");
  await writeFile(join(dir, CERTIFICATES), bundle);
  await symlink("certs/ca-certificates.crt", join(dir, "etc/ssl/cert.pem"));
}

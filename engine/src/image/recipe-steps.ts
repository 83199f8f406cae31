import {
  appendFile,
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { RecipeStep, Step } from "./recipe.ts";
import { installPackages, makeDebian } from "./recipe-debian.ts";
import type { Fetched } from "./recipe-fetch.ts";
import { jarName } from "./recipe-source.ts";
import { MOUNT_SYSTEM_FOLDERS, runIsolated, runTool } from "./sandbox.ts";
import type { StepContext } from "./step-context.ts";

/** Carries one step out in the root. */
export async function takeStep(step: RecipeStep, fetched: Fetched | undefined, context: StepContext): Promise<void> {
  switch (step.kind) {
    case "debian":
      return await makeDebian(step, context);
    case "apt":
      return await installPackages(step, context);
    case "npm":
      return await placeNpmPackage(step, fetched?.get("package") ?? "", context);
    case "maven":
      return await placeJars(step, fetched ?? new Map(), context);
    case "archive":
      return await placeArchive(step, fetched?.get("archive") ?? "", context);
    case "file": {
      const path = await makeParent(context.root, step.path);
      await writeFile(path, step.lines.map((line) => `${line}\n`).join(""));
      return await setOwnership(path, step);
    }
    case "folder": {
      const path = await makeParent(context.root, step.path);
      await mkdir(path, { recursive: true });
      return await setOwnership(path, step);
    }
    case "link":
      return await symlink(step.target, await makeParent(context.root, step.path));
    case "user":
      return await addUser(step, context.root);
    case "remove":
      for (const path of step.under) await removeBelow(join(context.root, path), step.except);
      return;
    case "run":
      return await runInRoot(step.args, step.user, context);
    case "script":
      return await runInRoot(["sh", "-euc", step.lines.join("\n")], step.user, context);
  }
}

/** Validated paths hold neither `..` nor a folder that Debian links elsewhere. */
async function makeParent(root: string, path: string): Promise<string> {
  const host = join(root, path);
  await mkdir(dirname(host), { recursive: true, mode: 0o755 });
  return host;
}

async function setOwnership(path: string, { mode, owner }: { mode: string; owner: string }): Promise<void> {
  const [uid, gid] = owner.split(":").map(Number);
  await chown(path, uid ?? 0, gid ?? 0);
  await chmod(path, Number.parseInt(mode, 8));
}

async function placeNpmPackage(step: Step<"npm">, tarball: string, { root, temporary }: StepContext): Promise<void> {
  const unpacked = join(temporary, `npm-${step.package.replaceAll("/", "-")}`);
  await mkdir(unpacked);
  // All packages of npm have exactly one folder at the top, of any name.
  await runTool([
    "tar",
    "--extract",
    "--gzip",
    `--file=${tarball}`,
    `--directory=${unpacked}`,
    "--strip-components=1",
    "--no-same-owner",
    "--no-same-permissions",
  ]);
  for (const [archive, folder] of Object.entries(step.unzip ?? {}))
    await runTool(["busybox", "unzip", "-q", join(unpacked, archive), "-d", join(unpacked, folder)]);
  for (const path of step.executables) await chmod(join(unpacked, path), 0o755);
  if (step.into !== undefined) await moveInto(unpacked, root, step.into);
  for (const [from, to] of Object.entries(step.files ?? {})) await moveInto(join(unpacked, from), root, to);
}

/** The layer lies on the same file system as all temporary folders, but an overlay mount is another one. */
async function moveInto(from: string, root: string, path: string): Promise<void> {
  const to = await makeParent(root, path);
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await runTool(["cp", "--archive", "--no-target-directory", from, to]);
  });
}

async function placeJars(step: Step<"maven">, fetched: Fetched, { root }: StepContext): Promise<void> {
  for (const { at } of step.artifacts) await moveInto(fetched.get(at) ?? "", root, posix.join(step.into, jarName(at)));
}

async function placeArchive(step: Step<"archive">, archive: string, { root, temporary }: StepContext): Promise<void> {
  const unpacked = join(temporary, `archive-${step.sha256}`);
  await unpack(archive, step.from, unpacked);
  for (const [inner, folder] of Object.entries(step.unpack ?? {}))
    await unpack(join(unpacked, inner), inner, join(unpacked, folder));
  for (const path of step.executables) await makeExecutable(join(unpacked, path));
  for (const [from, to] of Object.entries(step.files)) await moveInto(join(unpacked, from), root, to);
}

/** @param name tells by its end what kind of archive it is: a module of Go is a zip archive, as a jar is */
async function unpack(archive: string, name: string, dir: string): Promise<void> {
  await mkdir(dir);
  const packed = /[.@](tar\.gz|txz)$/.exec(name)?.[1];
  if (packed === undefined) return void (await runTool(["busybox", "unzip", "-q", archive, "-d", dir]));
  await runTool(["busybox", "tar", "-x", packed === "txz" ? "-J" : "-z", "-f", archive, "-C", dir]);
  await runTool(["chown", "--recursive", "--no-dereference", "0:0", dir]);
}

async function makeExecutable(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return await chmod(path, 0o755);
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isFile()) await chmod(join(path, entry.name), 0o755);
}

async function addUser(step: Step<"user">, root: string): Promise<void> {
  const { name, uid, gid, home, shell } = step;
  for (const file of ["passwd", "group"]) {
    const lines = (await readFile(join(root, "etc", file), "utf8")).split("\n").map((line) => line.split(":"));
    const taken = lines.find(([who, , id]) => who === name || id === String(file === "passwd" ? uid : gid));
    if (taken !== undefined)
      throw new Error(`/etc/${file} has ${taken.slice(0, 3).join(":")} already, so ${name} cannot be added`);
  }
  await appendFile(join(root, "etc/passwd"), `${name}:x:${uid}:${gid}::${home}:${shell}\n`);
  await appendFile(join(root, "etc/group"), `${name}:x:${gid}:\n`);
  await appendFile(join(root, "etc/shadow"), `${name}:!:19000:0:99999:7:::\n`);
  const path = await makeParent(root, home);
  await mkdir(path, { recursive: true });
  await setOwnership(path, { mode: "0755", owner: `${uid}:${gid}` });
}

/** Removes files, then the folders that have become empty; the folder itself stays. */
async function removeBelow(dir: string, except: readonly string[]): Promise<boolean> {
  const stats = await lstat(dir).catch(() => undefined);
  if (stats === undefined || !stats.isDirectory()) return true;
  let isEmpty = true;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (await removeBelow(path, except)) await rmdir(path);
      else isEmpty = false;
    } else if (except.includes(entry.name)) {
      isEmpty = false;
    } else {
      await rm(path);
    }
  }
  return isEmpty;
}

async function runInRoot(args: readonly string[], user: string, { root }: StepContext): Promise<void> {
  const script = `${MOUNT_SYSTEM_FOLDERS}
root=$1; user=$2; shift 2
exec chroot --userspec="$user" "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"`;
  await runIsolated(script, [root, user, ...args], "none");
}

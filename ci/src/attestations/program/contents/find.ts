import { closeSync, type Dirent, lstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path/posix";
import { isJar, readJar } from "./jars.ts";
import { readGo, readNpm, readPython } from "./languages.ts";
import type { Contents, Package } from "./package.ts";
import { readRpm } from "./rpm.ts";
import { readApk, readDpkg, readOsRelease } from "./systems.ts";

/** What is no part of an image. */
const NOT_LOOKED_INTO = new Set(["/proc", "/sys", "/dev"]);
const DPKG = /^\/var\/lib\/dpkg\/(?:status|status\.d\/[^/]+)$/;
const APK = /^\/(?:usr\/)?lib\/apk\/db\/installed$/;
const RPM = /^\/(?:var|usr)\/lib\/(?:rpm|sysimage\/rpm)\/rpmdb\.sqlite$/;
/** Earlier forms: Berkeley DB, and RPM's own. */
const OTHER_RPM = /^\/(?:var|usr)\/lib\/(?:rpm|sysimage\/rpm)\/Packages(?:\.db)?$/;
const NPM = /\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/;
const PYTHON = /\/[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$/;

/**
 * Looks for what is installed in the system of files of an image. Links are not followed: what they lead to is there, or is
 * not part of the image.
 */
export function findPackages(root: string): Contents {
  const system = readSystem(root);
  const id = system?.id ?? "debian";
  const packages: Package[] = [];
  const unread: string[] = [];
  for (const { path, entry } of listFiles(root, "/")) {
    if (!entry.isFile()) continue;
    try {
      packages.push(...readFile(root, path, id));
      if (OTHER_RPM.test(path)) unread.push(`${path}: RPM packages are listed only from an SQLite database`);
    } catch (error) {
      unread.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const all = [...new Map(packages.map((one) => [JSON.stringify(one), one])).values()];
  return { packages: all, unread, ...(system === undefined ? {} : { system }) };
}

function readFile(root: string, path: string, system: string): readonly Package[] {
  const text = () => readFileSync(join(root, path), "utf8");
  if (DPKG.test(path) && !path.endsWith(".md5sums")) return readDpkg(text(), path, system);
  if (APK.test(path)) return readApk(text(), path, system);
  if (RPM.test(path)) return readRpm(join(root, path), path, system);
  if (NPM.test(path)) return optional(readNpm(text(), path));
  if (PYTHON.test(path)) return optional(readPython(text(), path));
  if (isJar(path)) return readJar(readFileSync(join(root, path)), path);
  if (isProgram(join(root, path))) return readGo(readFileSync(join(root, path)), path) ?? [];
  return [];
}

function readSystem(root: string): Contents["system"] {
  for (const path of ["usr/lib/os-release", "etc/os-release"].map((one) => join(root, one))) {
    // One of them is often a link to the other.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) continue;
    const read = readOsRelease(readFileSync(path, "utf8"));
    if (read !== undefined) return read;
  }
  return undefined;
}

/** In the order of their names, so that two looks at the same image tell the same. */
function* listFiles(root: string, folder: string): Generator<{ path: string; entry: Dirent }> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !NOT_LOOKED_INTO.has(path)) yield* listFiles(root, path);
    else yield { path, entry };
  }
}

const ELF = Buffer.from("\x7fELF", "latin1");

function isProgram(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(ELF.length);
    return readSync(file, start, 0, start.length, 0) === start.length && start.equals(ELF);
  } finally {
    closeSync(file);
  }
}

function optional(one: Package | undefined): Package[] {
  return one === undefined ? [] : [one];
}

import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { installDebianPackages } from "../support/debian-packages.ts";

const TOOLS = join(import.meta.dirname, "tools");

/** Programs that the tools start, each with its Debian package. */
const PROGRAMS = { go: "golang-go", java: "default-jre-headless", pip3: "python3-pip", rsync: "rsync", wget: "wget" };

/** The tools are the suite's own: it brings them itself. */
export async function whyNot(): Promise<string | undefined> {
  const missing = await listMissing();
  if (missing.length > 0 && process.getuid?.() !== 0)
    return `these Debian packages are missing: ${missing.join(", ")}; as root the suite installs them`;
  return undefined;
}

/** Installs what is missing: npm, Python and Go packages by their own lock files, and programs by apt-get. */
export async function provide(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const missing = await listMissing();
  if (missing.length > 0) await installDebianPackages(missing);
  if (!areCurrent()) await execa("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: TOOLS });
  await provideSchemas();
  for (const name of ["drone", "buildkite", "tekton"])
    await execa("go", ["build", "-o", name, "."], { cwd: join(TOOLS, name) });
  return { env: {}, close: async () => {} };
}

/** The schemas of CI systems, which only a package for Python has. */
async function provideSchemas(): Promise<void> {
  const [wanted, present] = [join(TOOLS, "requirements.txt"), join(TOOLS, "python/requirements.txt")];
  if (existsSync(present) && readFileSync(present, "utf8") === readFileSync(wanted, "utf8")) return;
  const way = ["--quiet", "--no-deps", "--require-hashes", "--upgrade", "--target", "python"];
  await execa("pip3", ["install", ...way, "--requirement", "requirements.txt"], { cwd: TOOLS });
  copyFileSync(wanted, present);
}

async function listMissing(): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(PROGRAMS).map(async ([program, name]) => {
      const { exitCode } = await execa("sh", ["-c", `command -v ${program}`], { reject: false });
      return exitCode === 0 ? [] : [name];
    }),
  );
  return found.flat();
}

/** Whether node_modules holds what the lock file says. */
function areCurrent(): boolean {
  const [wanted, present] = [join(TOOLS, "package-lock.json"), join(TOOLS, "node_modules/.package-lock.json")];
  if (!existsSync(present)) return false;
  const read = (path: string): Record<string, { version?: string; optional?: boolean }> =>
    JSON.parse(readFileSync(path, "utf8")).packages;
  const there = read(present);
  return Object.entries(read(wanted)).every(
    ([path, { version, optional }]) => path === "" || optional === true || there[path]?.version === version,
  );
}

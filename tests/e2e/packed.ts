import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";

const CHECKOUT = resolve(import.meta.dirname, "../..");

/** The variable that names the folder with the package, so that one is made for all test files of a run. */
const INSTALLED = "SLIPWAY_TEST_PACKAGE";

/** The npm package, installed outside of this repository. */
export interface Installed {
  /** A folder that everybody may read, with the package in its node_modules. */
  readonly folder: string;
  /** Size of the archive in bytes, and what it holds. */
  readonly archive: { readonly size: number; readonly files: readonly string[] };
}

interface PackAnswer {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs this checkout as it is and installs the package, as `npm install slipway` would. */
export async function installPackage(): Promise<Installed> {
  const given = process.env[INSTALLED];
  if (given !== undefined) return JSON.parse(given) as Installed;
  // Below a folder of its own, so that no package.json above is taken for the project.
  const folder = mkdtempSync(join(tmpdir(), "slipway-package-"));
  await execa("chmod", ["755", folder]);
  const { stdout } = await execa("npm", ["pack", "--json", "--pack-destination", folder], { cwd: CHECKOUT });
  const [packed] = readAnswer(stdout);
  if (packed === undefined) throw new Error(`npm pack told of no package: ${stdout}`);
  const install = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", "--prefer-offline"];
  await execa("npm", [...install, join(folder, packed.filename)], { cwd: folder });
  return { folder, archive: { size: packed.size, files: packed.files.map(({ path }) => path).sort() } };
}

/** What `npm pack --json` prints behind the words of the scripts: a list, or from npm 12 on an object by package. */
function readAnswer(stdout: string): readonly PackAnswer[] {
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as PackAnswer[] | Record<string, PackAnswer>;
  return Array.isArray(answer) ? answer : Object.values(answer);
}

/** The package for all test files of a run, in the form that probes give it. */
export async function providePackage(): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const installed = await installPackage();
  return { env: { [INSTALLED]: JSON.stringify(installed) }, close: async () => removePackage(installed) };
}

/** Takes a package away that was made for this test file alone. */
export function removePackage({ folder }: Installed): void {
  if (process.env[INSTALLED] === undefined) rmSync(folder, { recursive: true, force: true });
}

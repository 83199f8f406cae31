import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { RecipeStep, Step } from "./recipe.ts";
import { jarName, locateArtifact, locateJar } from "./recipe-source.ts";
import { runTool } from "./sandbox.ts";

/** Files that a step needs from the network, by what the step calls them. */
export type Fetched = ReadonlyMap<string, string>;

/** One time for all files that are downloaded: Java compares the times of jars with those in its archive. */
const FILE_TIME_S = 1_577_836_800;

/** curl's own message does not say which of several addresses it is about. */
const TELL_WHICH = ["--write-out", "%{onerror}%{url}: %{errormsg}\n"];

/** A file to be downloaded. */
interface Download {
  readonly url: string;
  readonly file: string;
  /** What a person calls it. */
  readonly name: string;
  readonly sha256: string;
}

/**
 * Brings what a step needs. `dir` is made when it is needed.
 *
 * @throws Error when something cannot be had, or is not byte for byte what the recipe names
 */
export async function fetchStep(step: RecipeStep, dir: string): Promise<Fetched> {
  if (step.kind === "npm") return await fetchNpmPackage(step, dir);
  if (step.kind === "maven") return await fetchJars(step, dir);
  if (step.kind === "archive") return await fetchArchive(step, dir);
  return new Map();
}

/** `npm pack` rather than a download of our own, for the registry, proxy and credentials of the person's npm. */
async function fetchNpmPackage(step: Step<"npm">, dir: string): Promise<Fetched> {
  await mkdir(dir);
  await runTool(
    ["npm", "pack", `${step.package}@${step.version}`, "--pack-destination", dir, "--silent", "--ignore-scripts"],
    { cwd: dir },
  );
  const [file] = await readdir(dir);
  if (file === undefined) throw new Error(`npm pack ${step.package}@${step.version} gave no file`);
  const integrity = `sha512-${await hashFile(join(dir, file), "sha512", "base64")}`;
  if (integrity !== step.integrity)
    throw new Error(
      `the npm package ${step.package}@${step.version} has the integrity ${integrity}, not ${step.integrity}`,
    );
  return new Map([["package", join(dir, file)]]);
}

async function fetchJars(step: Step<"maven">, dir: string): Promise<Fetched> {
  await mkdir(dir);
  const settings = await readMavenSettings();
  const downloads = step.artifacts.map(({ at, sha256 }) => ({
    url: locateJar(at, settings),
    file: join(dir, jarName(at)),
    name: at,
    sha256,
  }));
  await download(downloads);
  for (const { file } of downloads) await utimes(file, FILE_TIME_S, FILE_TIME_S);
  return new Map(downloads.map(({ name, file }) => [name, file]));
}

async function fetchArchive({ from, sha256 }: Step<"archive">, dir: string): Promise<Fetched> {
  await mkdir(dir);
  const file = join(dir, "archive");
  const url = locateArtifact(from, { mavenSettings: await readMavenSettings(), goProxy: process.env["GOPROXY"] });
  await download([{ url, file, name: from, sha256 }]);
  return new Map([["archive", file]]);
}

async function download(downloads: readonly Download[]): Promise<void> {
  const config = downloads.map(({ url, file }) => `url = "${url}"\noutput = "${file}"\n`).join("");
  const options = ["--fail", "--silent", "--no-progress-meter", "--location", "--retry", "3"];
  await runTool(["curl", ...options, "--parallel", "--parallel-max", "12", ...TELL_WHICH, "--config", "-"], {
    input: config,
  });
  const wrong: string[] = [];
  for (const { file, name, sha256 } of downloads) {
    const found = await hashFile(file, "sha256", "hex");
    if (found !== sha256) wrong.push(`${name} has the SHA-256 ${found}, not ${sha256}`);
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

async function hashFile(file: string, algorithm: string, encoding: "hex" | "base64"): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest(encoding);
}

async function readMavenSettings(): Promise<string> {
  return await readFile(join(homedir(), ".m2", "settings.xml"), "utf8").catch(() => "");
}

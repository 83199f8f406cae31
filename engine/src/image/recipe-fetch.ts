import { mkdir, readdir, readFile, rm, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { download, hashFile } from "./download.ts";
import { tellWrongFile, whatToDo } from "./download-words.ts";
import type { RecipeStep, Step } from "./recipe.ts";
import { jarName, locateArtifact, locateJar } from "./recipe-source.ts";
import { runTool } from "./sandbox.ts";

/** Files that a step needs from the network, by what the step calls them. */
export type Fetched = ReadonlyMap<string, string>;

/** One time for all files that are downloaded: Java compares the times of jars with those in its archive. */
const FILE_TIME_S = 1_577_836_800;

/** What a person sets to say where files come from. */
const SETTINGS = {
  maven: "the mirror of central in ~/.m2/settings.xml",
  go: "GOPROXY",
  npm: "npm's registry (npm config set registry ADDRESS)",
};

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
  const name = `${step.package}@${step.version}`;
  await runTool(["npm", "pack", name, "--pack-destination", dir, "--loglevel=error", "--ignore-scripts"], {
    cwd: dir,
  }).catch((error: Error) => {
    throw new Error(
      `${name} could not be downloaded from npm: ${error.message}\n  to do: check npm's settings (npm config list)`,
    );
  });
  const [found] = await readdir(dir);
  if (found === undefined) throw new Error(`npm pack ${name} gave no file`);
  const file = join(dir, found);
  const got = await hashFile(file, "sha512", "base64");
  const expected = step.integrity.slice("sha512-".length);
  if (got === expected) return new Map([["package", file]]);
  const url = await npmRegistryOf(step.package, dir);
  const what = await tellWrongFile(file, { name, url, kind: "SHA-512", expected, got });
  await rm(file);
  throw new Error(`${what}\n${whatToDo(SETTINGS.npm, { exitCode: 0, status: 200, words: "" })}`);
}

/** The registry that npm asks for a package, which can be another one for each scope. */
async function npmRegistryOf(name: string, dir: string): Promise<string> {
  const scope = /^(@[^/]+)\//.exec(name)?.[1];
  const keys = [...(scope === undefined ? [] : [`${scope}:registry`]), "registry"];
  for (const key of keys) {
    const value = (await runTool(["npm", "config", "get", key], { cwd: dir })).toString("utf8").trim();
    if (/^https?:/.test(value)) return value;
  }
  return "npm's registry";
}

async function fetchJars(step: Step<"maven">, dir: string): Promise<Fetched> {
  await mkdir(dir);
  const mavenSettings = await readMavenSettings();
  const downloads = step.artifacts.map(({ at, sha256 }) => ({
    url: locateJar(at, mavenSettings),
    file: join(dir, jarName(at)),
    name: at,
    sha256,
    setting: SETTINGS.maven,
  }));
  await download(downloads);
  for (const { file } of downloads) await utimes(file, FILE_TIME_S, FILE_TIME_S);
  return new Map(downloads.map(({ name, file }) => [name, file]));
}

async function fetchArchive({ from, sha256 }: Step<"archive">, dir: string): Promise<Fetched> {
  await mkdir(dir);
  const file = join(dir, "archive");
  const url = locateArtifact(from, { mavenSettings: await readMavenSettings(), goProxy: await readGoProxy() });
  const setting = from.startsWith("go:") ? SETTINGS.go : SETTINGS.maven;
  await download([{ url, file, name: from, sha256, setting }]);
  return new Map([["archive", file]]);
}

async function readMavenSettings(): Promise<string> {
  return await readFile(join(homedir(), ".m2", "settings.xml"), "utf8").catch(() => "");
}

/** GOPROXY as `go` takes it: of the environment, else of the file that `go env -w` writes. */
async function readGoProxy(): Promise<string | undefined> {
  const { GOPROXY = "", GOENV = "", XDG_CONFIG_HOME = "" } = process.env;
  if (GOPROXY !== "" || GOENV === "off") return GOPROXY;
  const file = GOENV || join(XDG_CONFIG_HOME || join(homedir(), ".config"), "go", "env");
  const text = await readFile(file, "utf8").catch(() => "");
  return /^GOPROXY=(.*)$/m.exec(text)?.[1];
}

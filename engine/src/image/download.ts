import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type CurlEnd, tellFailure, tellWrongFile, whatToDo } from "./download-words.ts";
import { tryTool } from "./sandbox.ts";

/** A file that a recipe names by its content. */
export interface Download {
  readonly url: string;
  /** Where it is put. */
  readonly file: string;
  /** What a person calls it. */
  readonly name: string;
  readonly sha256: string;
  /** The setting that says where files of its kind come from. */
  readonly setting: string;
}

/** How often a file is asked for that ends in the middle. */
const MOST_TRIES = 4;

/** Codes of curl for a connection that ended in the middle: what has come stays, and the rest is asked for. */
const BROKEN = new Set([16, 18, 28, 55, 56, 92]);
/** The server has no rest of the file to give. */
const NO_RANGES = 33;
const RANGE_NOT_SATISFIABLE = 416;

/**
 * Downloads files, and goes on where a connection has ended. What is there afterwards is byte for byte what is named.
 *
 * @throws Error with all that cannot be had or is something else; nothing of that is left
 */
export async function download(downloads: readonly Download[]): Promise<void> {
  const failures: { readonly one: Download; readonly what: string; readonly end: CurlEnd }[] = [];
  let waiting = downloads;
  for (let tries = 1; waiting.length > 0; tries++) {
    const resumed = new Set(waiting.filter(({ file }) => existsSync(file)));
    const ends = await runCurl(waiting, resumed);
    const again: Download[] = [];
    for (const one of waiting) {
      const end = ends.get(one.file) ?? { exitCode: -1, status: 0, words: "curl said nothing about it" };
      const what = end.exitCode === 0 ? await findDifference(one) : tellFailure(one, end);
      if (what === undefined) continue;
      const isBroken = BROKEN.has(end.exitCode) && tries < MOST_TRIES;
      if (!isBroken) await rm(one.file, { force: true });
      // The rest is of another file by now, or there is none to be had: once more from the beginning.
      const isOtherRest = resumed.has(one) && [0, NO_RANGES].includes(end.exitCode);
      if (isBroken || isOtherRest || (resumed.has(one) && end.status === RANGE_NOT_SATISFIABLE)) again.push(one);
      else failures.push({ one, what, end });
    }
    waiting = again;
  }
  if (failures.length === 0) return;
  const todo = new Set(failures.map(({ one, end }) => whatToDo(one.setting, end)));
  throw new Error([...failures.map(({ what }) => what), ...todo].join("\n"));
}

async function findDifference({ file, name, url, sha256 }: Download): Promise<string | undefined> {
  const got = await hashFile(file, "sha256", "hex");
  return got === sha256 ? undefined : await tellWrongFile(file, { name, url, kind: "SHA-256", expected: sha256, got });
}

/** All of them with one curl, which gives each its own end in a line. */
async function runCurl(downloads: readonly Download[], resumed: ReadonlySet<Download>): Promise<Map<string, CurlEnd>> {
  const config = downloads.map((one) => sectionFor(one, resumed.has(one))).join("next\n");
  const { stdout, stderr } = await tryTool(["curl", "--parallel", "--parallel-max", "12", "--config", "-"], {
    input: config,
  });
  const lines = stdout.toString("utf8").split("\n");
  const ends = new Map<string, CurlEnd>();
  for (const line of lines) {
    const [exitCode = "", status = "", file = "", words = ""] = line.split("\t");
    if (file !== "") ends.set(file, { exitCode: Number(exitCode), status: Number(status), words });
  }
  if (ends.size === 0) throw new Error(`curl failed: ${stderr.trim() || lines.join("\n")}`);
  return ends;
}

function sectionFor({ url, file }: Download, isResumed: boolean): string {
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;
  const lines = [
    `url = ${quoted(url)}`,
    `output = ${quoted(file)}`,
    'write-out = "%{exitcode}\\t%{http_code}\\t%{filename_effective}\\t%{errormsg}\\n"',
    "silent",
    "no-progress-meter",
    "fail",
    "location",
    'proto-redir = "=http,https"',
    "netrc-optional",
    "retry = 3",
    "connect-timeout = 30",
    // A connection that gives nothing for a minute has ended.
    "speed-limit = 1",
    "speed-time = 60",
    ...(isResumed ? ['continue-at = "-"'] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** The hash of all that is in a file. */
export async function hashFile(file: string, algorithm: string, encoding: "hex" | "base64"): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest(encoding);
}

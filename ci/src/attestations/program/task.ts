import { readFileSync } from "node:fs";
import { RegistryError, RegistryHttp } from "./http.ts";
import { attach, readReferrers } from "./referrers.ts";

/** An artifact as text: all of ours are JSON. */
export interface TextArtifact {
  readonly type: string;
  readonly text: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What the program is to do, at one image. */
export interface Task {
  /** Registry and repository. */
  readonly image: string;
  readonly digest: string;
  /** Where the registry is reached, when not under its name. */
  readonly at?: string;
  readonly username?: string;
  /** Hang these there … */
  readonly attach?: readonly TextArtifact[];
  /** … or read those of these types. */
  readonly read?: readonly string[];
}

/** What hangs at an image, or why it could not be read. */
export type Found =
  | { readonly digest: string; readonly type: string; readonly text: string }
  | { readonly digest: string; readonly problem: string };

/** What came of a task. */
export type Done =
  | { readonly digests: readonly string[]; readonly found: readonly Found[] }
  | { readonly refused: string; readonly status?: number };

/** Carries out the task of a file. @param password the path of a file that has it */
export async function carryOutFile(task: string, password?: string): Promise<Done> {
  // What wrote it is of the same source as this.
  const read: Task = JSON.parse(readFileSync(task, "utf8"));
  return await carryOut(read, password === undefined ? undefined : readFileSync(password, "utf8"));
}

/** @returns also what a registry refused; anything else is thrown */
export async function carryOut(task: Task, password: string | undefined): Promise<Done> {
  const { image, digest, at, username } = task;
  const slash = image.indexOf("/");
  const login = username === undefined || password === undefined ? undefined : { username, password };
  const http = new RegistryHttp({ name: image.slice(0, slash), at, login });
  const place = { http, repository: image.slice(slash + 1) };
  try {
    const artifacts = (task.attach ?? []).map(({ type, text, annotations }) => ({
      type,
      content: Buffer.from(text, "utf8"),
      annotations,
    }));
    const digests = artifacts.length === 0 ? [] : await attach(place, digest, artifacts);
    const read = task.read === undefined ? [] : await readReferrers(place, digest, task.read);
    const found = read.map((one) =>
      "content" in one ? { digest: one.digest, type: one.type, text: one.content.toString("utf8") } : one,
    );
    return { digests, found };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { refused: error.message, ...(error.status === undefined ? {} : { status: error.status }) };
  }
}

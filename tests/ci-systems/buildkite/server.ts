import type { Ended } from "../../providers/scene.ts";
import { type Answer, type Asked, ProgramServer, refuseEndpoint } from "../program-server.ts";

/** A step as the agent sends it when it has read a pipeline: `commands` have become one text. */
export interface Step {
  readonly key: string;
  readonly block?: string;
  readonly depends_on?: readonly string[];
  readonly if?: string;
  readonly command?: string;
  readonly artifact_paths?: string;
}

/** What a build of Buildkite is started with. */
export interface Build {
  readonly repository: string;
  readonly commit: string;
  readonly branch: string;
  /** The number of a pull request. */
  readonly pullRequest?: number;
  readonly secrets: Readonly<Record<string, string>>;
  /** Block steps that somebody unblocks. */
  readonly pressed?: readonly string[];
  /** Whether a step takes part, by its condition. */
  holds(condition: string): boolean;
}

interface Job {
  readonly step: Step;
  started: boolean;
  log: string;
  code?: number;
}

interface Artifact {
  readonly id: string;
  readonly path: string;
  readonly step: string;
  content?: Buffer;
}

/** So many bytes of a job's log the agent sends at once. */
const LOG_CHUNK = 102_400;

/** The step that every pipeline of Buildkite begins with. */
export const UPLOAD: Step = { key: "upload", command: "buildkite-agent pipeline upload" };

/**
 * Buildkite's side of its agent's protocol, for one build and one agent: it gives the agent a job after the other, in the order that
 * the pipeline says which the agent has uploaded, and keeps what arrives. When nothing is left to do the agent is sent away.
 */
export class BuildkiteServer {
  readonly jobs = new Map<string, Job>();
  readonly artifacts: Artifact[] = [];
  readonly annotations: string[] = [];
  readonly #passed = new Set<string>();
  readonly #server = new ProgramServer((asked) => this.#answer(asked));
  readonly #build: Build;
  #steps: readonly Step[] = [UPLOAD];

  constructor(build: Build) {
    this.#build = build;
  }

  /** @returns the endpoint for the agent */
  async listen(): Promise<string> {
    await this.#server.listen();
    return this.#server.address();
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  /** What the agent has asked that nobody here knows. */
  unknown(): readonly string[] {
    return this.#server.unknown;
  }

  /** How each job has ended, in their order; the first one is that which uploads the pipeline. */
  ended(): Map<string, Ended> {
    return new Map([...this.jobs].map(([key, { code, log }]) => [key, { code, output: log }]));
  }

  async #answer(asked: Asked): Promise<Answer> {
    const [first = "", second = "", third = ""] = asked.path;
    if (first === "jobs") return this.#answerJob(asked);
    if (first === "ping") return this.#ping();
    if (first === "register") return this.#register();
    if (["connect", "disconnect", "heartbeat"].includes(first)) return {};
    if (first === "uploads") return await this.#keep(asked);
    if (first === "downloads") return this.artifacts.find(({ id }) => id === second)?.content;
    if (first === "builds" && third === "artifacts") return this.#search(asked.query);
    return refuseEndpoint();
  }

  #register(): object {
    return {
      id: "agent",
      name: "agent",
      access_token: "access",
      endpoint: this.#server.address(),
      ping_interval: 1,
      job_status_interval: 1,
      heartbeat_interval: 60,
      meta_data: [],
    };
  }

  #ping(): object {
    const step = this.#next();
    // An agent that has begun a job and asks for another one could not run it, and would only fail again.
    if (step === undefined || this.jobs.get(step.key)?.started === true) return { action: "disconnect" };
    const job = this.jobs.get(step.key) ?? { step, started: false, log: "" };
    this.jobs.set(step.key, job);
    return { action: "idle", job: this.#describe(job) };
  }

  /** The first step that has not run and may. */
  #next(): Step | undefined {
    for (const step of this.#steps) {
      if (this.jobs.get(step.key)?.code !== undefined) continue;
      if (step.if !== undefined && !this.#build.holds(step.if)) continue;
      if (!(step.depends_on ?? []).every((key) => this.#passed.has(key))) continue;
      if (step.block === undefined) return step;
      if ((this.#build.pressed ?? []).includes(step.key)) this.#passed.add(step.key);
    }
    return undefined;
  }

  #describe({ step }: Job): object {
    const { repository, commit, branch, pullRequest } = this.#build;
    const env = {
      BUILDKITE: "true",
      CI: "true",
      BUILDKITE_AGENT_NAME: "agent",
      BUILDKITE_BUILD_ID: "build",
      BUILDKITE_BUILD_NUMBER: "1",
      BUILDKITE_BRANCH: branch,
      BUILDKITE_COMMIT: commit,
      BUILDKITE_COMMAND: step.command ?? "",
      BUILDKITE_JOB_ID: step.key,
      BUILDKITE_ORGANIZATION_SLUG: "acme",
      BUILDKITE_PIPELINE_PROVIDER: "git",
      BUILDKITE_PIPELINE_SLUG: "shop",
      BUILDKITE_PULL_REQUEST: pullRequest === undefined ? "false" : String(pullRequest),
      BUILDKITE_REPO: repository,
      BUILDKITE_STEP_KEY: step.key,
      ...(step.artifact_paths === undefined ? {} : { BUILDKITE_ARTIFACT_PATHS: step.artifact_paths }),
    };
    const told = { id: step.key, state: "assigned", chunks_max_size_bytes: LOG_CHUNK, token: "job", env, step };
    return { ...told, endpoint: this.#server.address() };
  }

  #answerJob({ method, path: [, name = "", what = ""], query, body }: Asked): Answer {
    const job = this.jobs.get(name);
    if (job === undefined) return refuseEndpoint();
    const { key } = job.step;
    if (what === "") return { state: "running" };
    if (what === "accept") return this.#describe(job);
    if (what === "start") {
      job.started = true;
      return {};
    }
    if (what === "chunks") {
      job.log += body.toString("utf8");
      return {};
    }
    if (what === "secrets") {
      const value = this.#build.secrets[query.get("key") ?? ""];
      return value === undefined ? undefined : { key: query.get("key"), value, uuid: "secret" };
    }
    // What the agent tells of the commit is known.
    if (what === "data") return { exists: true };
    const given = JSON.parse(body.toString("utf8"));
    if (what === "finish") return this.#finish(job, Number(given.exit_status));
    if (what === "pipelines") {
      this.#steps = given.pipeline.steps;
      return {};
    }
    if (what === "annotations") {
      this.annotations.push(given.body);
      return {};
    }
    if (what === "artifacts") return method === "POST" ? this.#expect(key, given.artifacts) : {};
    return refuseEndpoint();
  }

  #finish(job: Job, code: number): object {
    job.code = code;
    if (code === 0) this.#passed.add(job.step.key);
    return {};
  }

  #expect(step: string, announced: readonly { readonly path: string }[]): object {
    const made = announced.map(({ path }) => ({ id: `${step}-${path.replaceAll("/", "-")}`, path, step }));
    this.artifacts.push(...made);
    const action = { url: this.#server.address(), method: "POST", path: "/uploads", file_input: "file" };
    const instructions = { action, data: { path: "${artifact:path}", step } };
    return { id: step, artifact_ids: made.map(({ id }) => id), upload_instructions: instructions };
  }

  async #keep({ body, contentType }: Asked): Promise<object> {
    const form = await new Response(body, { headers: { "Content-Type": contentType } }).formData();
    const [path, step, file] = [form.get("path"), form.get("step"), form.get("file")];
    const artifact = this.artifacts.find((one) => one.path === path && one.step === step);
    if (artifact === undefined || !(file instanceof Blob))
      throw new Error(`an upload that nobody has announced: ${path}`);
    artifact.content = Buffer.from(await file.arrayBuffer());
    return {};
  }

  #search(query: URLSearchParams): object {
    return this.artifacts
      .filter(({ path, step }) => path === query.get("query") && step === query.get("scope"))
      .map(({ id, path, step, content }) => ({
        id,
        path,
        job_id: step,
        file_size: content?.length ?? 0,
        url: `${this.#server.address()}/downloads/${id}`,
      }));
  }
}

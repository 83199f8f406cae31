import type { StartedPipeline } from "../../providers/drone-runner.ts";
import type { Ended } from "../../providers/scene.ts";
import { type Answer, type Asked, ProgramServer, refuseEndpoint } from "../program-server.ts";

/** A build of Drone, as its server tells a runner of it. */
export interface Build {
  readonly event: string;
  readonly ref: string;
  /** Where a promotion goes to. */
  readonly deployTo?: string;
  readonly commit: string;
  readonly repository: string;
  /** The text of .drone.yml. */
  readonly file: string;
  /** None of them allows pull requests. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables of whoever promotes. */
  readonly params?: Readonly<Record<string, string>>;
}

interface Step {
  readonly number: number;
  readonly status: string;
  readonly exit_code: number;
  id?: number;
}

interface Stage {
  readonly id: number;
  readonly name: string;
  readonly pipeline: StartedPipeline;
  status: string;
  steps: readonly Step[];
  log: string;
}

/**
 * Drone's side of its runners' protocol, for one build and one runner: a stage is given out when those have passed that it waits for, and
 * what the runner tells of it is kept.
 */
export class DroneServer {
  /** Resolves when there is nothing left to do. */
  readonly done: Promise<void>;
  readonly #build: Build;
  readonly #stages: readonly Stage[];
  readonly #server = new ProgramServer((asked) => this.#answer(asked));
  readonly #end: () => void;

  constructor(build: Build, pipelines: readonly StartedPipeline[]) {
    let end = () => {};
    this.done = new Promise((resolve) => (end = resolve));
    this.#end = end;
    this.#build = build;
    this.#stages = pipelines.map((pipeline, at) => {
      const [id, name] = [at + 1, pipeline.name];
      return { id, name, pipeline, status: "pending", steps: [], log: "" };
    });
  }

  /** @returns host and port for the runner */
  async listen(): Promise<string> {
    await this.#server.listen();
    return new URL(this.#server.address()).host;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  /** What the runner has asked that nobody here knows. */
  unknown(): readonly string[] {
    return this.#server.unknown;
  }

  /** How each stage that ran has ended. */
  ended(): Map<string, Ended> {
    const ran = this.#stages.filter(({ status }) => status !== "pending");
    return new Map(
      ran.map(({ name, status, steps, log }) => {
        const failed = steps.find(({ exit_code: code }) => code !== 0)?.exit_code ?? 1;
        return [name, { code: status === "success" ? 0 : failed, output: log }];
      }),
    );
  }

  async #answer({ method, path: [, , what = "", id = "", more = ""], body }: Asked): Promise<Answer> {
    if (what === "nodes" || what === "ping") return {};
    // It would be told that the build is cancelled.
    if (what === "build" && more === "watch") return await new Promise(() => {});
    if (what === "stage" && id === "") return await this.#next();
    if (what === "step" && more === "logs") return this.#keep(Number(id), body);
    if (what === "step" && method === "PUT") return JSON.parse(body.toString("utf8"));
    const stage = this.#stages.find((one) => one.id === Number(id));
    if (what !== "stage" || stage === undefined) return refuseEndpoint();
    if (method === "POST") return describe(stage);
    if (method === "PUT") return this.#update(stage, JSON.parse(body.toString("utf8")));
    return this.#detail();
  }

  async #next(): Promise<Answer> {
    const passed = (name: string) => this.#stages.some((one) => one.name === name && one.status === "success");
    const next = this.#stages.find(
      ({ status, pipeline }) => status === "pending" && (pipeline.depends_on ?? []).every(passed),
    );
    if (next !== undefined) return describe(next);
    this.#end();
    return await new Promise(() => {});
  }

  #update(stage: Stage, told: { readonly status: string; readonly steps?: readonly Step[] }): object {
    stage.status = told.status;
    stage.steps = (told.steps ?? []).map((step) => ({ ...step, id: stage.id * 100 + step.number }));
    return { ...told, steps: stage.steps };
  }

  #keep(step: number, body: Buffer): object {
    const lines = JSON.parse(body.toString("utf8")) as readonly { readonly out: string }[];
    const stage = this.#stages.find(({ id }) => id === Math.floor(step / 100));
    if (stage !== undefined) stage.log += lines.map(({ out }) => out).join("");
    return {};
  }

  #detail(): object {
    const { event, ref, deployTo = "", commit, repository, file, secrets, params = {} } = this.#build;
    const author = { author_login: "ada", author_name: "Ada", author_email: "ada@example.com" };
    return {
      build: { id: 1, number: 1, event, ref, after: commit, target: "main", deploy_to: deployTo, params, ...author },
      config: { Data: Buffer.from(file).toString("base64") },
      repository: { id: 1, slug: "acme/shop", git_http_url: repository, default_branch: "main", timeout: 10 },
      secrets: Object.entries(secrets).map(([name, data]) => ({ name, data })),
      system: { host: "drone.example.com" },
    };
  }
}

function describe({ id, name, status }: Stage): object {
  return { id, build_id: 1, number: id, name, kind: "pipeline", type: "exec", status, on_success: true };
}

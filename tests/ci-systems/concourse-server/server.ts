import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { readCommand } from "../../cluster/command.ts";
import { type Namespaces, NODE_ADDRESS, openNamespaces } from "../../cluster/namespaces.ts";
import { waitUntil } from "../../cluster/wait.ts";
import { type GoProgram, pathOf } from "../go-program.ts";
import { makeImage } from "./image.ts";

const PROGRAM = join(import.meta.dirname, "program");
export const CONCOURSE: GoProgram = {
  folder: PROGRAM,
  source: "github.com/concourse/concourse/cmd/concourse",
  name: "concourse",
  isStatic: true,
};
/** The first process of its containers. */
export const INIT: GoProgram = { folder: PROGRAM, source: ".", name: "init", isStatic: true };

const POSTGRES = "/usr/lib/postgresql/15/bin";
/** What it needs of the system, each with its Debian package. */
export const SYSTEM_PROGRAMS: Readonly<Record<string, string>> = {
  [`${POSTGRES}/postgres`]: "postgresql-15",
  "/usr/bin/containerd": "containerd",
  "/usr/sbin/runc": "runc",
  "/usr/lib/cni/bridge": "containernetworking-plugins",
  "/usr/sbin/iptables": "iptables",
  "/usr/bin/pasta": "passt",
  "/usr/bin/tini-static": "tini-static",
};

/** Debian's containerd reads no newer one; Concourse needs nothing of what is left out. */
const CONTAINERD = 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n';

const TYPES = ["git", "registry-image"];
const PORT = 8080;
/** The engine in a task has an empty store: it makes all images first. */
const JOB_MS = 900_000;

/** A build of a job, as Concourse tells it. */
export interface Build {
  readonly id: number;
  readonly job_name: string;
  readonly status: "pending" | "started" | "succeeded" | "failed" | "errored" | "aborted";
}

/**
 * Concourse itself, with its database and one worker that runs containers, in namespaces of its own: it reaches the outside, and nothing
 * of it is left at the end.
 */
export class ConcourseServer {
  readonly #spaces: Namespaces;
  readonly #children: ChildProcess[] = [];
  #token = "";

  private constructor(spaces: Namespaces) {
    this.#spaces = spaces;
  }

  /** @throws Error with the last of what it said when it does not answer */
  static async start(): Promise<ConcourseServer> {
    const server = new ConcourseServer(await openNamespaces("node"));
    try {
      await server.#begin();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { folder, egressProblem } = this.#spaces;
    if (egressProblem !== undefined) throw new Error(egressProblem);
    // The database has a user of its own.
    chmodSync(folder, 0o711);
    for (const name of ["repositories", "work", "types", "bin"]) mkdirSync(join(folder, name));
    // pasta sends packets without flags, which belong to no connection for the kernel: it would end those of the containers.
    await this.#run(["iptables", "-I", "INPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP"]);
    await makeImage(join(folder, "image"));
    for (const type of TYPES) {
      mkdirSync(join(folder, "types", type));
      const told = { type, version: "1.0.0", privileged: true };
      writeFileSync(join(folder, "types", type, "resource_metadata.json"), JSON.stringify(told));
      symlinkSync(join(folder, "image"), join(folder, "types", type, "rootfs.tgz"));
    }
    symlinkSync(join(import.meta.dirname, "runc.mjs"), join(folder, "bin/runc"));
    writeFileSync(join(folder, "containerd.toml"), CONTAINERD);
    await this.#startDatabase();
    const repositories = [
      "--export-all",
      "--reuseaddr",
      `--listen=${NODE_ADDRESS}`,
      `--base-path=${folder}/repositories`,
    ];
    this.#start("git", ["git", "daemon", ...repositories]);
    this.#start("concourse", [pathOf(CONCOURSE), "quickstart", ...this.#options()], {
      env: { PATH: `${folder}/bin:${process.env["PATH"]}`, CGROUP: this.#spaces.cgroup },
    });
    const relay = resolve(import.meta.dirname, "../../cluster/relay.ts");
    const lead = [process.execPath, "--import", "tsx", relay, this.#socket, String(PORT)];
    this.#start("relay", lead, { within: this.#spaces.inNetwork });
    await this.#logIn();
    await waitUntil("Concourse's worker runs", 120_000, async () => {
      const workers = (await this.#ask("GET", "/workers")) as { state: string; resource_types: unknown[] | null }[];
      return workers[0]?.state === "running" && workers[0].resource_types?.length === TYPES.length
        ? undefined
        : JSON.stringify(workers);
    });
  }

  #options(): string[] {
    const { folder } = this.#spaces;
    const often = ["component-runner", "lidar-scanner", "build-tracker"];
    const options = {
      "bind-ip": "127.0.0.1",
      "bind-port": String(PORT),
      "external-url": `http://127.0.0.1:${PORT}`,
      "postgres-socket": join(folder, "database"),
      "postgres-user": "concourse",
      "postgres-database": "postgres",
      "add-local-user": "ada:ada",
      "main-team-local-user": "ada",
      "client-secret": "web",
      "tsa-client-secret": "worker",
      "tsa-bind-ip": "127.0.0.1",
      "worker-work-dir": join(folder, "work"),
      "worker-name": "worker",
      "worker-healthcheck-bind-ip": "127.0.0.1",
      "worker-runtime": "containerd",
      "worker-containerd-config": join(folder, "containerd.toml"),
      "worker-containerd-cni-plugins-dir": "/usr/lib/cni",
      "worker-containerd-init-bin": pathOf(INIT),
      "worker-resource-types": join(folder, "types"),
      ...Object.fromEntries(often.map((what) => [`${what}-interval`, "1s"])),
      "resource-checking-interval": "10s",
    };
    // The repositories are on this machine.
    return [
      ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      "--worker-containerd-allow-host-access",
    ];
  }

  async #startDatabase(): Promise<void> {
    const folder = join(this.#spaces.folder, "database");
    mkdirSync(folder);
    await execa("chown", ["postgres", folder]);
    const asItsUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];
    const data = join(folder, "data");
    await this.#run([...asItsUser, `${POSTGRES}/initdb`, "-U", "concourse", "-A", "trust", "--no-sync", "-D", data]);
    const serve = ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"];
    this.#start("database", [...asItsUser, `${POSTGRES}/postgres`, ...serve]);
    await waitUntil("the database answers", 30_000, async () => {
      const { exitCode, stderr } = await execa(`${POSTGRES}/pg_isready`, ["-h", folder], { reject: false });
      return exitCode === 0 ? undefined : stderr || "nothing answers";
    });
  }

  /** Serves what a repository has now. @returns its address in containers */
  async serve(name: string, source: string): Promise<string> {
    const folder = join(this.#spaces.folder, "repositories", name);
    await execa("git", ["clone", "--quiet", "--bare", source, folder]);
    return `git://${NODE_ADDRESS}/${name}`;
  }

  /**
   * Sets a pipeline and starts it.
   *
   * @param vars as `fly set-pipeline --var` fills them in; one that is missing stays, and Concourse asks for it when it is needed
   */
  async setPipeline(name: string, text: string, vars: Readonly<Record<string, string>>): Promise<void> {
    const filled = text.replaceAll(/\(\(([\w-]+)\)\)/g, (whole, variable: string) => vars[variable] ?? whole);
    await this.#ask("PUT", `${pipeline(name)}/config`, filled);
    await this.#ask("PUT", `${pipeline(name)}/unpause`);
  }

  async removePipeline(name: string): Promise<void> {
    await this.#ask("DELETE", pipeline(name));
  }

  /** Somebody presses the button of a job. */
  async press(name: string, job: string): Promise<void> {
    await this.#ask("POST", `${pipeline(name)}/jobs/${job}/builds`);
  }

  /** Waits until the last build of a job has ended. */
  async ended(name: string, job: string): Promise<Build> {
    let last: Build | undefined;
    await waitUntil(`the job ${job} ends`, JOB_MS, async () => {
      [last] = await this.builds(name, job);
      if (last === undefined) return "no build";
      return last.status === "pending" || last.status === "started"
        ? `${last.status}: ${await this.log(last)}`
        : undefined;
    });
    return last as Build;
  }

  /** The builds of a job, the last one first. */
  async builds(name: string, job: string): Promise<readonly Build[]> {
    return (await this.#ask("GET", `${pipeline(name)}/jobs/${job}/builds`)) as Build[];
  }

  /** What a build has printed up to now, and what Concourse has to say of it. */
  async log({ id }: Build): Promise<string> {
    const told = (await this.#ask("GET", `/builds/${id}/events`)) as string;
    return told
      .split("\n")
      .flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice("data: ".length)) as Event] : []))
      .map(({ data }) => data.payload ?? (data.message === undefined ? "" : `${data.message}\n`))
      .join("")
      .replaceAll("\r", "");
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.#spaces.close();
  }

  get #socket(): string {
    return join(this.#spaces.folder, "relay.sock");
  }

  async #run(command: readonly string[]): Promise<void> {
    await readCommand([...this.#spaces.inside, ...command]);
  }

  #start(
    name: string,
    command: readonly string[],
    {
      within = this.#spaces.inside,
      env = {},
    }: { readonly within?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
  ): void {
    const log = openSync(join(this.#spaces.folder, "log", `${name}.log`), "a");
    const [program = "", ...args] = [...within, ...command];
    this.#children.push(spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } }));
    closeSync(log);
  }

  /** As `fly login` does it. */
  async #logIn(): Promise<void> {
    const form = new URLSearchParams({
      grant_type: "password",
      username: "ada",
      password: "ada",
      scope: "openid profile email federated:id groups",
    });
    const basic = `Basic ${Buffer.from("fly:Zmx5").toString("base64")}`;
    const headers = { Authorization: basic, "Content-Type": "application/x-www-form-urlencoded" };
    await waitUntil("Concourse answers", 120_000, async () => {
      const { code, text } = await this.#send("POST", "/sky/issuer/token", headers, form.toString());
      if (code === 200) this.#token = (JSON.parse(text) as { access_token: string }).access_token;
      return code === 200 ? undefined : `${code} ${text}`;
    });
  }

  async #ask(method: string, path: string, body = ""): Promise<unknown> {
    const headers = { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/x-yaml" };
    const { code, text, isJson } = await this.#send(method, `/api/v1${path}`, headers, body);
    if (code === undefined || code >= 400) throw new Error(`Concourse answers ${method} ${path} with ${code}: ${text}`);
    return isJson && text !== "" ? JSON.parse(text) : text;
  }

  /** An answer that goes on for as long as a build does is cut off when nothing has come for a second. */
  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<{ readonly code: number | undefined; readonly text: string; readonly isJson: boolean }> {
    return new Promise((done) => {
      const sent = request({ socketPath: this.#socket, method, path, headers }, (response) => {
        let text = "";
        const end = () => {
          const isJson = /^application\/json/.test(response.headers["content-type"] ?? "");
          done({ code: response.statusCode, text, isJson });
          response.destroy();
        };
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", end).on("error", end);
        if (path.endsWith("/events")) response.setTimeout(1_000, end);
      });
      sent.on("error", (error) => done({ code: undefined, text: error.message, isJson: false }));
      sent.end(body);
    });
  }
}

interface Event {
  readonly data: { readonly payload?: string; readonly message?: string };
}

function pipeline(name: string): string {
  return `/teams/main/pipelines/${name}`;
}
